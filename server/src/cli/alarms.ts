import { AlarmListSchema } from "@tyto/domain";
import type { AlarmList } from "@tyto/domain";
import { Check } from "typebox/value";
import { TytoError } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";

export interface AlarmsOptions {
  /** Sends a canary and waits for it. */
  readonly canary: boolean;
  readonly json: boolean;
}

const CANARY_WAIT_MS = 150_000;

/** `tyto alarms`: what is wrong with Tyto itself; status 1 when something is. */
export async function alarmsCommand(
  client: Client,
  options: AlarmsOptions,
  io: CommandIo,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<ExitStatus> {
  const list = options.canary ? await canaryOut(client, sleep) : read(await client.get("/api/v1/alarms"));
  if (options.json) await writeLine(io.stdout, JSON.stringify(list));
  else for (const line of inWords(list)) await writeLine(io.stdout, line);
  return list.items.length === 0 && list.canary.state !== "missing" ? 0 : 1;
}

async function canaryOut(client: Client, sleep: (milliseconds: number) => Promise<void>): Promise<AlarmList> {
  let list = read(await client.post("/api/v1/canary", {}));
  for (let waited = 0; list.canary.state === "under-way" && waited < CANARY_WAIT_MS; waited += 2_000) {
    await sleep(2_000);
    list = read(await client.get("/api/v1/alarms"));
  }
  return list;
}

function read(answer: unknown): AlarmList {
  if (Check(AlarmListSchema, answer)) return answer;
  throw new TytoError("internal", "the server answered something that is no list of alarms");
}

function inWords({ items, canary }: AlarmList): readonly string[] {
  return [
    ...(items.length === 0 ? ["No alarms."] : []),
    ...items.flatMap(({ kind, message, hint, since }) => [
      `${since}  ${kind}`,
      `  ${printable(message)}`,
      `  ${printable(hint)}`,
      "",
    ]),
    canaryInWords(canary),
  ];
}

function canaryInWords({ state, sentAt, tookMs }: AlarmList["canary"]): string {
  switch (state) {
    case "never-sent":
      return "Canary: none was sent yet; tyto alarms --canary sends one.";
    case "under-way":
      return `Canary: under way since ${sentAt ?? ""}.`;
    case "arrived":
      return `Canary: sent ${sentAt ?? ""}, was an alert after ${((tookMs ?? 0) / 1_000).toFixed(1)} s at the latest.`;
    case "missing":
      return `Canary: sent ${sentAt ?? ""}, and no alert came.`;
  }
}
