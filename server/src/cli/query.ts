import { csvCell } from "@tyto/domain";
import type { EventSchema, SearchReply } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";

export const QUERY_FORMATS = ["table", "ndjson", "csv"] as const;
export type QueryFormat = (typeof QUERY_FORMATS)[number];

const MAX_CELL = 60;

/** `tyto query 'KQL'`: searches a running server. */
export async function queryCommand(
  client: Client,
  options: {
    readonly kql: string;
    readonly from?: string;
    readonly to?: string;
    readonly limit?: number;
    readonly format: QueryFormat;
    /** `ocsf`: whole events in OCSF 1.8.0, one a line. */
    readonly schema?: EventSchema;
  },
  io: CommandIo,
): Promise<ExitStatus> {
  const { kql, from, to, limit, format, schema } = options;
  const reply = (await client.post("/api/v1/search", {
    kql,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(limit === undefined ? {} : { limit }),
    ...(schema === undefined ? {} : { schema }),
  })) as SearchReply;
  const lines =
    schema === "ocsf" ? reply.rows.map(([event]) => JSON.stringify(event)) : render(reply, format);
  for (const line of lines) await writeLine(io.stdout, line);
  const { rowsRead, elapsedMs, partial } = reply.stats;
  await writeLine(
    io.stderr,
    `${reply.rows.length} rows${partial ? " (cut by the limit)" : ""}, ${rowsRead} read, ${Math.round(elapsedMs)} ms, ${reply.from} to ${reply.to}`,
  );
  return 0;
}

function render(reply: SearchReply, format: QueryFormat): readonly string[] {
  const names = reply.columns.map((column) => column.name);
  switch (format) {
    case "ndjson":
      return reply.rows.map((row) =>
        JSON.stringify(Object.fromEntries(names.map((name, at) => [name, row[at]]))),
      );
    case "csv":
      return [names, ...reply.rows].map((row) => row.map((cell) => csvCell(text(cell))).join(","));
    case "table":
      return table([names, ...reply.rows.map((row) => row.map((cell) => shorten(printable(text(cell)))))]);
  }
}

function text(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "string") return cell;
  return JSON.stringify(cell);
}

function shorten(cell: string): string {
  const line = cell.replace(/\s*\n\s*/g, " ⏎ ");
  return line.length > MAX_CELL ? `${line.slice(0, MAX_CELL - 1)}…` : line;
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
