import { isAbsolute } from "node:path";
import type { ConnectionSecret, ConnectionSettings } from "@tyto/domain";
import { pulledOrigin } from "../origin.ts";
import { PullFailure } from "../pull/pull-failure.ts";
import type { Check, PullContext, PullKind, PullWorld, TestContext } from "../pull/ports.ts";
import { LineSplitter } from "../records/line-splitter.ts";
import type { SplitRecord } from "../records/splitter.ts";
import { runProgram } from "./run-program.ts";
import type { ProgramOutcome } from "./run-program.ts";

const MAX_RECORD_BYTES = 1024 * 1024;
const DEFAULT_TIMEOUT_S = 60;
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
const BATCH_RECORDS = 1_000;

/** Runs a program again and again; each line that it prints is a record. Only where the server was started with `--allow-commands`. */
export const commandKind: PullKind<"command"> = {
  kind: "command",
  input: "command",
  title: "A program on this machine",
  needs: ["a server that was started with --allow-commands"],
  unavailable: ({ allowsCommands }) =>
    allowsCommands ? undefined : "this server runs no programs: start it with --allow-commands",
  refuses: ({ program }) => (isAbsolute(program) ? undefined : "settings.program does not begin with /"),
  run: runCommand,
  test: testCommand,
};

async function runCommand(context: PullContext<"command">): Promise<void> {
  const { settings, world, signal } = context;
  const everyMs = settings.everySeconds * 1_000;
  let run = runOf(context.cursor);
  while (!signal.aborted) {
    const startedAt = world.now() / 1_000;
    run += 1;
    // Lines have no identity but their run: its number is never used again, also after a crash in the middle of it.
    await context.commit({ run });
    await oneRun(context, run);
    await context.commit({ run });
    const waitMs = Math.max(0, startedAt + everyMs - world.now() / 1_000);
    context.waiting("until the next run", world.now() / 1_000 + waitMs);
    await world.sleep(waitMs, signal);
  }
}

async function oneRun(context: PullContext<"command">, run: number): Promise<void> {
  context.running();
  const { settings, id } = context;
  const origin = pulledOrigin("command", id, String(run));
  const splitter = new LineSplitter(MAX_RECORD_BYTES);
  const deliver = async (records: readonly SplitRecord[]): Promise<void> => {
    for (let at = 0; at < records.length; at += BATCH_RECORDS) {
      const batch = records.slice(at, at + BATCH_RECORDS);
      await context.deliver({
        origin,
        records: batch.map(({ bytes, offset, fault, header }) => ({
          bytes,
          ordinal: offset,
          ...(fault === undefined ? {} : { fault }),
          ...(header === undefined ? {} : { header }),
        })),
      });
    }
  };
  const outcome = await runProgram({
    ...programOf(settings, context.secret, context.world),
    signal: context.signal,
    onOutput: (chunk) => deliver(splitter.push(chunk)),
  });
  await deliver(splitter.end(outcome.end === "exited"));
  const trouble = troubleOf(outcome, settings);
  if (trouble === undefined) return;
  if (outcome.end !== "exited") context.skipped(`run ${run}`, trouble);
  await context.commit({ run });
  throw new PullFailure("settings", trouble, { retryAfterMs: settings.everySeconds * 1_000 });
}

function troubleOf(
  { end, code }: ProgramOutcome,
  settings: ConnectionSettings<"command">,
): string | undefined {
  if (end === "timeout") {
    return `the program was ended after ${settings.timeoutSeconds ?? DEFAULT_TIMEOUT_S} seconds`;
  }
  if (end === "too-large") {
    return `the program was ended after ${settings.maxBytes ?? DEFAULT_MAX_BYTES} bytes of output`;
  }
  return code === 0 ? undefined : `the program ended with status ${code ?? "unknown (a signal)"}`;
}

function programOf(
  settings: ConnectionSettings<"command">,
  { environment = {} }: ConnectionSecret<"command">,
  world: PullWorld,
): Pick<
  Parameters<typeof runProgram>[0],
  "program" | "arguments" | "environment" | "timeoutMs" | "maxBytes"
> {
  return {
    program: settings.program,
    arguments: settings.arguments ?? [],
    environment: { PATH: world.path, ...environment },
    timeoutMs: (settings.timeoutSeconds ?? DEFAULT_TIMEOUT_S) * 1_000,
    maxBytes: settings.maxBytes ?? DEFAULT_MAX_BYTES,
  };
}

function runOf(cursor: unknown): number {
  const run = typeof cursor === "object" && cursor !== null && "run" in cursor ? cursor.run : 0;
  return typeof run === "number" && Number.isSafeInteger(run) ? run : 0;
}

async function testCommand({
  settings,
  secret,
  world,
  signal,
}: TestContext<"command">): Promise<readonly Check[]> {
  let lines = 0;
  const outcome = await runProgram({
    ...programOf(settings, secret, world),
    signal,
    onOutput: (chunk) => {
      lines += chunk.filter((byte) => byte === 0x0a).length;
      return Promise.resolve();
    },
  });
  const trouble = troubleOf(outcome, settings);
  const said = outcome.complaint.split("\n", 1)[0] ?? "";
  return [
    {
      name: "run",
      ok: trouble === undefined,
      message: trouble ?? `it printed ${lines} lines`,
      hint: said === "" ? null : `It says: ${said}`,
    },
  ];
}
