import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { BacktestReply } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";

export interface BacktestOptions {
  /** Id of a loaded rule, or path of a rule file. */
  readonly rule: string;
  readonly from?: string;
  readonly to?: string;
  readonly json: boolean;
}

const TICK_MS = 5_000;

/** Says on stderr that a long answer is still being looked for. */
async function patiently<T>(answer: Promise<T>, { stderr }: CommandIo): Promise<T> {
  const started = performance.now();
  const timer = setInterval(() => {
    void writeLine(stderr, `still looking, ${Math.round((performance.now() - started) / 1_000)} s`);
  }, TICK_MS);
  try {
    return await answer;
  } finally {
    clearInterval(timer);
  }
}

/** `tyto rules backtest RULE`: asks a running server what the rule would have raised. */
export async function backtestCommand(
  client: Client,
  { rule, from, to, json }: BacktestOptions,
  io: CommandIo,
): Promise<ExitStatus> {
  const isFile = existsSync(rule) && statSync(rule).isFile();
  const body = {
    ...(isFile ? { yaml: await readFile(rule, "utf8") } : { ruleId: rule }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  const reply = (await patiently(client.post("/api/v1/rules/backtest", body), io)) as BacktestReply;
  if (json) {
    await writeLine(io.stdout, JSON.stringify(reply));
    return 0;
  }
  for (const { day, count } of reply.days) await writeLine(io.stdout, `${day.slice(0, 10)}  ${count}`);
  for (const { timestamp, eventId, count } of reply.samples) {
    await writeLine(
      io.stdout,
      `  ${timestamp}  ${printable(eventId)}${count === 1 ? "" : `  ${count} times`}`,
    );
  }
  const { rowsRead, elapsedMs, rechecked } = reply.stats;
  const counted =
    reply.evaluator === "sql"
      ? ""
      : `, counted by the detection engine${reply.reason === undefined ? "" : ` (${printable(reply.reason)})`}`;
  await writeLine(
    io.stderr,
    `${printable(reply.rule.title)}: ${reply.exact ? "" : "at least "}${reply.total} from ${reply.from} to ${reply.to}; ${rowsRead} rows read, ${rechecked} looked at by the matcher${counted}, ${Math.round(elapsedMs)} ms`,
  );
  return 0;
}
