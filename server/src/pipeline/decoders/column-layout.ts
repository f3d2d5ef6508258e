import { headerDelimiter } from "@tyto/domain";

/** How the lines below a header are cut, and what their cells are called. */
export interface ColumnLayout {
  readonly names: readonly string[];
  /** `null`: a tab where the line has one, else a space (CloudFront names with spaces what it parts with tabs). */
  readonly delimiter: string | null;
  /** Texts that stand for no value. */
  readonly empty: ReadonlySet<string>;
  /** The other directives by name, lower case: `path`, `software`, `date`. */
  readonly directives: ReadonlyMap<string, string>;
}

const DIRECTIVE_LINE = /^#([A-Za-z][\w-]*):?[ \t]?(.*)$/;

/** Reads the header of a W3C log, a Zeek log, or a file with a first line of names; `undefined` when it names no columns. */
export function readColumnLayout(header: string): ColumnLayout | undefined {
  if (!header.startsWith("#")) return cellLayout(header);
  const directives = new Map<string, string>();
  for (const line of header.split("\n")) {
    const m = DIRECTIVE_LINE.exec(line);
    if (m !== null) directives.set((m[1] ?? "").toLowerCase(), m[2] ?? "");
  }
  const fields = directives.get("fields");
  if (fields === undefined) return undefined;
  directives.delete("fields");
  const separator = directives.get("separator");
  return separator === undefined ? w3cLayout(fields, directives) : zeekLayout(fields, separator, directives);
}

function cellLayout(header: string): ColumnLayout | undefined {
  const delimiter = headerDelimiter(header);
  if (delimiter === undefined) return undefined;
  const names = header.split(delimiter).map((cell) => columnName(cell.trim().replace(/^"|"$/g, "")));
  return { names, delimiter, empty: new Set(), directives: new Map() };
}

/** Names parted by spaces, by commas (Exchange) or by tabs. */
function w3cLayout(fields: string, directives: ReadonlyMap<string, string>): ColumnLayout {
  const isCommas = fields.includes(",");
  const names = fields.trim().split(isCommas ? /\s*,\s*/ : /[ \t]+/);
  return {
    names: names.map(slug),
    delimiter: isCommas ? "," : null,
    empty: new Set(["-"]),
    directives,
  };
}

function zeekLayout(
  fields: string,
  separator: string,
  directives: ReadonlyMap<string, string>,
): ColumnLayout {
  const delimiter = separator.replace(/\\x([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const empty = new Set([directives.get("unset_field") ?? "-", directives.get("empty_field") ?? "(empty)"]);
  return { names: fields.split(delimiter).map(columnName), delimiter, empty, directives };
}

/** Names that could be a field's stay as they are: `src_ip`, `id.orig_h`, `userName`; `Source IP` and `User` are titles. */
function columnName(name: string): string {
  return /^[a-z_@][\w@.-]*$/.test(name) ? name : slug(name);
}

/** `cs(User-Agent)` → `cs_user_agent`, `c-ip` → `c_ip`, `Source IP` → `source_ip`. */
function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_|_$/g, "");
}
