import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { micros } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { generateDay, replayDemo, writeAnswers, writeDay } from "../demo/index.ts";
import type { Endpoint } from "../demo/index.ts";
import type { Config } from "../config/index.ts";
import type { RunningTyto } from "../main.ts";
import { writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { clockMs, now } from "./world.ts";

const SEED = 1;

/** `tyto demo --out DIR`: the day as files, one per source, with its answers. */
export async function demoCommand(
  options: { readonly seed: number; readonly out: string },
  io: CommandIo,
): Promise<ExitStatus> {
  const day = generateDay({ seed: options.seed, endsAt: now() });
  const names = await writeDay(options.out, day);
  for (const name of names) await writeLine(io.stdout, join(options.out, name));
  await writeLine(io.stderr, `${day.records.length} records, ${day.answers.stories.length} stories`);
  return 0;
}

/**
 * Plays the day into a running server through its real inputs, shifted to end now, and leaves the answers beside the data. A data
 * directory gets one day: starting again with `--demo` adds nothing.
 */
export async function playDemo(
  config: Config,
  tyto: RunningTyto,
  signal: AbortSignal,
  io: CommandIo,
): Promise<void> {
  const answers = join(config.dataDirectory, "demo", "answers.json");
  if (existsSync(answers)) {
    await writeLine(io.stdout, "The demo's day is in this data directory already.");
    return;
  }
  const endsAt = await endOfDay(join(config.dataDirectory, "demo"));
  const day = generateDay({ seed: SEED, endsAt });
  const total = day.records.length;
  tyto.showDemo({ sent: 0, total, isDone: false });
  await replayDemo({
    records: day.records,
    name: `demo-${SEED}-${endsAt}`,
    targets: {
      syslogUdp: endpoint(tyto.addresses.syslogUdp),
      syslogTcp: endpoint(tyto.addresses.syslogTcp),
      // Both listeners take records; `config` sees to it that one of them is in the clear.
      ingestUrl: `http://${config.streams.isIngestTls ? tyto.addresses.http : tyto.addresses.ingest}/api/v1/ingest`,
      token: tyto.cliToken,
    },
    clockMs,
    sleep: (milliseconds, aborted) =>
      delay(milliseconds, undefined, { signal: aborted }).catch(() => undefined),
    signal,
    onProgress: (progress) => tyto.showDemo({ ...progress, isDone: false }),
  });
  await writeAnswers(answers, day.answers);
  tyto.showDemo({ sent: total, total, isDone: true });
  await writeLine(io.stdout, `The demo's day is in: ${total} records. What was hidden in it: ${answers}`);
}

/**
 * When the day ends. A demo that was cut off is played again as the same day: batches over HTTP are filtered where they are there
 * already, syslog lines come twice.
 */
async function endOfDay(folder: string): Promise<Micros> {
  const file = join(folder, "ends-at");
  const known = Number(await readFile(file, "utf8").catch(() => ""));
  if (known > 0) return micros(known);
  const endsAt = now();
  await mkdir(folder, { recursive: true });
  await writeFile(file, String(endsAt));
  return endsAt;
}

function endpoint(address: string): Endpoint {
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(address.slice(colon + 1)) };
}
