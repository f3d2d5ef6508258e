import type { SourceList } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";

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

/** `tyto ledger`: the books per source. Status 1 when an account does not balance. */
export async function ledgerCommand(
  client: Client,
  options: { readonly json: boolean },
  io: CommandIo,
): Promise<ExitStatus> {
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
  const all = [[...HEADINGS], ...rows, totals];
  const widths = HEADINGS.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  for (const row of all) {
    const cells = row.map((cell, column) =>
      column >= 2 && column <= 6 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
    );
    await writeLine(io.stdout, cells.join("  ").trimEnd());
  }
  if (list.udpDropped !== null && list.udpDropped > 0) {
    await writeLine(
      io.stdout,
      `${list.udpDropped} UDP datagrams were dropped by the kernel before Tyto saw them.`,
    );
  }
  return isBalanced ? 0 : 1;
}
