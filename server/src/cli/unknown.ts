import type { UnknownList, UnknownShape } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeBytes, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { tableLines } from "./table-lines.ts";

export interface UnknownOptions {
  readonly from?: string;
  readonly to?: string;
  /** Id or name. */
  readonly source?: string;
  /** Id of the shape whose lines are written. */
  readonly shape?: string;
  readonly lines?: number;
  readonly limit?: number;
  readonly json: boolean;
}

const MAX_SHAPE = 100;

/** `tyto unknown`: lines that no pack knows, by shape; with `--shape`, the lines of one as they came. */
export async function unknownCommand(
  client: Client,
  options: UnknownOptions,
  io: CommandIo,
): Promise<ExitStatus> {
  const { from, to, source, limit, json } = options;
  const scope = { from, to, source };
  if (options.shape !== undefined) return writeShape(client, { ...options, shape: options.shape }, io);
  const list = (await client.get(`/api/v1/unknown${queryOf({ ...scope, limit })}`)) as UnknownList;
  if (json) {
    await writeLine(io.stdout, JSON.stringify(list));
    return 0;
  }
  if (list.items.length === 0) {
    await writeLine(io.stderr, `Every line from ${list.from} to ${list.to} was read by a pack.`);
    return 0;
  }
  for (const line of tableLines(
    ["shape", "lines", "from", "last seen", "looks like"],
    list.items.map(rowOf),
    [1],
  ))
    await writeLine(io.stdout, line);
  const first = list.items[0]?.id ?? "ID";
  await writeLine(
    io.stderr,
    [
      list.nextCursor === null ? "" : `There are more: ask for them with --limit.\n`,
      `Start a pack from a shape:\n`,
      `  npx tyto unknown --shape ${first} --lines 1000 > lines.log\n`,
      `  npx tyto new pack VENDOR-PRODUCT --from lines.log`,
    ].join(""),
  );
  return 0;
}

function rowOf({ id, lines, sources, sourceCount, lastSeen, shape }: UnknownShape): readonly string[] {
  const [most] = sources;
  const others = sourceCount > 1 ? ` and ${sourceCount - 1} more` : "";
  const text = printable(shape === "" ? "(no text)" : shape);
  return [
    id,
    String(lines),
    most === undefined ? "" : `${printable(most.name)}${others}`,
    lastSeen.slice(0, 19).replace("T", " "),
    text.length > MAX_SHAPE ? `${text.slice(0, MAX_SHAPE - 1)}…` : text,
  ];
}

async function writeShape(
  client: Client,
  { shape, lines, from, to, source }: UnknownOptions & { readonly shape: string },
  io: CommandIo,
): Promise<ExitStatus> {
  const query = queryOf({ from, to, source, lines });
  const bytes = await client.download(`/api/v1/unknown/${encodeURIComponent(shape)}/lines${query}`);
  await writeBytes(io.stdout, bytes);
  await writeLine(
    io.stderr,
    `${bytes.filter((byte) => byte === 0x0a).length} lines. With them in a file: npx tyto new pack VENDOR-PRODUCT --from FILE`,
  );
  return 0;
}

/** `?a=1&b=2` of what is given. */
export function queryOf(values: Readonly<Record<string, string | number | undefined>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}
