import { TytoError } from "@tyto/domain";
import type { LedgerHours, SourceList } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { tableLines } from "./table-lines.ts";

const HEADINGS = [
  "source",
  "input",
  "received",
  "stored",
  "filtered",
  "quarantined",
  "queued",
  "balance",
] as const;

export interface LedgerOptions {
  /** By hour of receipt, the last ones. */
  readonly hours?: number;
  /** Id or name; by hour too. */
  readonly source?: string;
  readonly json: boolean;
}

const USUAL_HOURS = 24;

/** `tyto ledger`: the books per source. Status 1 when an account does not balance. */
export async function ledgerCommand(
  client: Client,
  options: LedgerOptions,
  io: CommandIo,
): Promise<ExitStatus> {
  if (options.hours !== undefined || options.source !== undefined) return hoursCommand(client, options, io);
  const list = (await client.get("/api/v1/sources")) as SourceList;
  const isBalanced = list.items.every((source) => source.isBalanced);
  if (options.json) {
    await writeLine(io.stdout, JSON.stringify(list));
    return isBalanced ? 0 : 1;
  }
  const rows = list.items.map((source) => [
    printable(source.name),
    source.input,
    ...[source.received, source.stored, source.filtered, source.quarantined, source.queued].map(String),
    source.isBalanced ? "ok" : "OPEN",
  ]);
  const { received, stored, filtered, quarantined, queued } = list.totals;
  const totals = [
    "total",
    "",
    ...[received, stored, filtered, quarantined, queued].map(String),
    isBalanced ? "ok" : "OPEN",
  ];
  for (const line of tableLines(HEADINGS, [...rows, totals], [2, 3, 4, 5, 6]))
    await writeLine(io.stdout, line);
  if (list.udpDropped !== null && list.udpDropped > 0) {
    await writeLine(
      io.stdout,
      `${list.udpDropped} UDP datagrams were dropped by the kernel before Tyto saw them.`,
    );
  }
  return isBalanced ? 0 : 1;
}

const HOUR_HEADINGS = [
  "hour (UTC)",
  "received",
  "stored",
  "unknown",
  "filtered",
  "quarantined",
  "queued",
] as const;

/** The books by hour, oldest first. */
async function hoursCommand(
  client: Client,
  { hours = USUAL_HOURS, source, json }: LedgerOptions,
  io: CommandIo,
): Promise<ExitStatus> {
  if (hours < 1) {
    throw new TytoError("bad-request", "--hours 0 asks for no hour at all", {
      hint: "--hours 1 shows the hour that has begun; without --hours and --source the books are shown whole.",
    });
  }
  // The hour that has begun is one of them.
  const query = new URLSearchParams({ from: `-${hours - 1}h` });
  if (source !== undefined) query.set("source", source);
  const books = (await client.get(`/api/v1/sources/ledger?${query.toString()}`)) as LedgerHours;
  const cells = (name: string, of: LedgerHours["totals"], isBalanced: boolean): readonly string[] => [
    name,
    ...[of.received, of.stored, of.unknown, of.filtered, of.quarantined, of.queued].map(String),
    isBalanced ? "ok" : "OPEN",
  ];
  const rows = books.items.map((item) =>
    cells(item.start.slice(0, 16).replace("T", " "), item, item.isBalanced),
  );
  const lines = json
    ? [JSON.stringify(books)]
    : tableLines(
        [...HOUR_HEADINGS, "balance"],
        [...rows, cells("total", books.totals, books.isBalanced)],
        [1, 2, 3, 4, 5, 6],
      );
  for (const line of lines) await writeLine(io.stdout, line);
  return books.isBalanced ? 0 : 1;
}
