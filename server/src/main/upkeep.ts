import { TytoError } from "@tyto/domain";
import type { Parts } from "../main.ts";
import { Upkeep } from "../storage/index.ts";

/** Not in the first minutes: a start has better things to do, and a wrong clock may be set right. */
const FIRST_RUN_MS = 10 * 60_000;
const EVERY_MS = 24 * 60 * 60_000;

/** Backups, archives and expiry on the open stores; once a day what is over is dropped, until the server stops. */
export async function openUpkeep({ config, world, stored, telemetry, undo }: Parts): Promise<Upkeep> {
  const { journal, control, engine, retention, audit, keys, unlock } = stored;
  const upkeep = new Upkeep({
    dataDirectory: config.dataDirectory,
    journal,
    control,
    engine,
    retention,
    keys,
    unlock,
    randomBytes: world.randomBytes,
    audit,
    // The first are those that come with Tyto.
    ownPacks: config.packDirectories.slice(1),
    version: world.version,
    now: world.now,
  });
  await upkeep.clearScratch();
  const stop = new AbortController();
  const log = telemetry.log.of("retention");
  const running = (async () => {
    await world.sleep(FIRST_RUN_MS, stop.signal);
    while (!stop.signal.aborted) {
      try {
        const { dropped } = await upkeep.runRetention({ kind: "itself" }, false);
        for (const week of dropped) log.info("a week of events was dropped, as retention says", { ...week });
      } catch (error) {
        const hint = error instanceof TytoError ? error.hint : undefined;
        log.warn("what is over was not dropped; tried again tomorrow", { error, hint });
      }
      await world.sleep(EVERY_MS, stop.signal);
    }
  })();
  undo.push(async () => {
    stop.abort();
    await running;
  });
  return upkeep;
}
