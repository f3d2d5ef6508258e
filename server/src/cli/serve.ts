import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../config/index.ts";
import { startTyto } from "../main.ts";
import type { RunningTyto, World } from "../main.ts";
import { playDemo } from "./demo.ts";
import { explain, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";

/** Where tests and other commands read which addresses a running server has. */
export const ADDRESSES_FILE = "addresses.json";

const FORCED_STOP_MS = 30_000;
/** Listeners that have a line of their own. */
const WELCOMED: ReadonlySet<string> = new Set(["http", "ingest", "syslog-udp", "syslog-tcp"]);

/** `tyto serve`: runs until it is told to stop. */
export async function serveCommand(config: Config, world: World, io: CommandIo): Promise<ExitStatus> {
  let reload = (): Promise<unknown> => Promise.resolve();
  const stopping = signalled(() => reload());
  const tyto = await startTyto(config, world);
  reload = () => tyto.reload();
  await writeFile(join(config.dataDirectory, ADDRESSES_FILE), JSON.stringify(tyto.addresses), {
    mode: 0o600,
  });
  for (const line of welcome(config, tyto)) await writeLine(io.stdout, line);
  const demo = new AbortController();
  const playing = config.isDemo ? playDemo(config, tyto, demo.signal, io) : Promise.resolve();
  const played = playing.catch(async (error: unknown) => {
    if (!demo.signal.aborted) await explain(io.stderr, error);
  });
  await stopping;
  demo.abort();
  await played;
  await writeLine(io.stderr, "Stopping: inputs close, what was taken is finished first.");
  const force = setTimeout(() => process.exit(1), FORCED_STOP_MS);
  force.unref();
  await rm(join(config.dataDirectory, ADDRESSES_FILE), { force: true });
  await tyto.stop();
  clearTimeout(force);
  return 0;
}

function welcome(config: Config, tyto: RunningTyto): readonly string[] {
  const { ingest, syslogUdp, syslogTcp, inputs } = tyto.addresses;
  const { isHttpTls, isIngestTls } = config.streams;
  const console = `${isHttpTls ? "https" : "http"}://${tyto.addresses.http}`;
  const shippers = Object.entries(inputs).filter(([name]) => !WELCOMED.has(name));
  const setup =
    tyto.setupToken === undefined
      ? [`Console       ${console}`]
      : [
          `Console       ${console}/setup#token=${tyto.setupToken}`,
          "              Open it once to make the first account; the token works once, for 24 hours.",
        ];
  return [
    "",
    "Tyto is up.",
    ...setup,
    `Syslog        UDP ${syslogUdp}, TCP ${syslogTcp}`,
    ...shippers.map(([name, address]) => `${name.padEnd(13)} ${address}`),
    `HTTP ingest   ${isIngestTls ? "https" : "http"}://${ingest}/api/v1/ingest (with a token)`,
    `Data          ${config.dataDirectory}`,
    ...(config.isDemo
      ? ["Demo          a day in an office is being replayed; it takes up to two minutes"]
      : []),
    "",
    "Stop with Ctrl-C.",
    "",
  ];
}

/**
 * Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. SIGHUP reloads, as services are used to; from a
 * terminal it means that the terminal was closed.
 */
function signalled(reload: () => Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    let isStopping = false;
    const onSignal = (): void => {
      if (isStopping) process.exit(1);
      isStopping = true;
      resolve();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
    // Why a reload was refused is in the log already.
    const onHangup = process.stdout.isTTY ? onSignal : () => void reload().catch(() => undefined);
    process.on("SIGHUP", onHangup);
  });
}
