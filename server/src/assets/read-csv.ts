import { ASSET_KINDS, ASSET_LIMITS, CRITICALITIES } from "@tyto/domain";
import type { AssetCandidate, AssetKind, Criticality, Diagnostic } from "@tyto/domain";
import { beyondLimits } from "./candidate.ts";
import { folded } from "./asset-index.ts";
import { csvRows } from "./csv-rows.ts";
import type { CsvRow } from "./csv-rows.ts";

/** Columns, by the names that inventories give them. */
const COLUMNS = {
  kind: ["kind", "type", "asset type", "asset_type"],
  name: ["name", "hostname", "host", "asset", "asset name", "username", "user", "service"],
  criticality: ["criticality", "importance", "priority", "tier"],
  labels: ["labels", "label", "tags", "classification"],
  owner: ["owner", "owned by", "responsible"],
  aliases: [
    "aliases",
    "alias",
    "ip",
    "ips",
    "ip address",
    "ip_address",
    "addresses",
    "email",
    "e-mail",
    "fqdn",
  ],
  note: ["note", "notes", "description", "comment"],
} as const;
type Column = keyof typeof COLUMNS;

/** Other words for kinds and criticalities. */
const KIND_WORDS: Readonly<Record<string, AssetKind>> = {
  ...Object.fromEntries(ASSET_KINDS.map((kind) => [kind, kind])),
  server: "host",
  workstation: "host",
  device: "host",
  user: "person",
  employee: "person",
  application: "service",
  app: "service",
};
const CRITICALITY_WORDS: Readonly<Record<string, Criticality>> = {
  ...Object.fromEntries(CRITICALITIES.map((one) => [one, one])),
  "1": "critical",
  "2": "high",
  "3": "medium",
  "4": "low",
  normal: "medium",
  moderate: "medium",
};
const MAX_PROBLEMS = 200;

export interface AssetReading {
  readonly candidates: readonly AssetCandidate[];
  /** An error costs its line, a warning nothing. At most 200. */
  readonly problems: readonly Diagnostic[];
  /** Lines that hold an asset or should. */
  readonly rows: number;
}

/**
 * Reads an inventory. The first line names the columns; only `name` must be there, `kind` is host without one. Several labels or
 * aliases stand in one value with `;` or `|` between them, or in several columns.
 */
export function readAssetCsv(text: string, file: string): AssetReading {
  const { rows, openQuoteAt } = csvRows(text);
  const problems = new Problems(file);
  if (openQuoteAt !== undefined)
    problems.add(
      "error",
      openQuoteAt,
      "open-quote",
      'a value begins with " and nothing ends it',
      'Close it, or write "" for a quote inside a value.',
    );
  const [head, ...body] = rows;
  if (head === undefined) {
    problems.add(
      "error",
      1,
      "empty-file",
      "the file holds nothing",
      "The first line names the columns: name,kind,criticality,labels,owner,aliases,note.",
    );
    return { candidates: [], problems: problems.all, rows: 0 };
  }
  const columns = readHead(head, problems);
  if (!columns.includes("name")) {
    problems.add(
      "error",
      head.line,
      "no-name",
      "no column is called name",
      "Name one name (or hostname, username, service); the first line must name the columns.",
    );
    return { candidates: [], problems: problems.all, rows: body.length };
  }
  const candidates = new Map<string, { readonly line: number; readonly candidate: AssetCandidate }>();
  for (const row of body) {
    if (candidates.size >= ASSET_LIMITS.assets) {
      problems.add(
        "error",
        row.line,
        "too-many",
        `a register holds ${ASSET_LIMITS.assets} assets`,
        "Leave out what no alert is ever about.",
      );
      break;
    }
    const candidate = readRow(row, columns, problems);
    if (candidate === undefined) continue;
    const key = `${candidate.kind} ${folded(candidate.name)}`;
    const earlier = candidates.get(key);
    if (earlier === undefined) candidates.set(key, { line: row.line, candidate });
    else
      problems.add(
        "error",
        row.line,
        "repeated",
        `line ${earlier.line} has this ${candidate.kind} already`,
        "Keep one line for each; the first one counts.",
      );
  }
  return {
    candidates: [...candidates.values()].map(({ candidate }) => candidate),
    problems: problems.all,
    rows: body.length,
  };
}

class Problems {
  readonly #file: string;
  readonly #all: Diagnostic[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  get all(): readonly Diagnostic[] {
    return this.#all;
  }

  add(severity: Diagnostic["severity"], line: number, code: string, message: string, hint: string): void {
    if (this.#all.length < MAX_PROBLEMS)
      this.#all.push({ severity, code, message, at: { file: this.#file, line }, hint });
  }
}

function readHead({ line, values }: CsvRow, problems: Problems): readonly (Column | undefined)[] {
  return values.map((value) => {
    const name = folded(value);
    const column = columnNamed(name);
    if (column === undefined && name !== "")
      problems.add(
        "warning",
        line,
        "unknown-column",
        `the column ${value.trim().slice(0, 64)} is not read`,
        `Columns are ${Object.keys(COLUMNS).join(", ")}.`,
      );
    return column;
  });
}

function columnNamed(name: string): Column | undefined {
  const found = Object.entries(COLUMNS).find(([, names]) => (names as readonly string[]).includes(name));
  return found?.[0] as Column | undefined;
}

function readRow(
  { line, values }: CsvRow,
  columns: readonly (Column | undefined)[],
  problems: Problems,
): AssetCandidate | undefined {
  if (values.length > columns.length) {
    problems.add(
      "error",
      line,
      "too-many-values",
      `the line has ${values.length} values for ${columns.length} columns`,
      "Put a value that holds the separator into quotes.",
    );
    return undefined;
  }
  const said = (column: Column): readonly string[] =>
    values
      .filter((value, index) => columns[index] === column && value.trim() !== "")
      .map((value) => value.trim());
  const first = (column: Column): string | undefined => said(column)[0];
  const [name, kindText = "host", criticalityText] = [first("name"), first("kind"), first("criticality")];
  const kind = KIND_WORDS[folded(kindText)];
  const criticality = criticalityText === undefined ? undefined : CRITICALITY_WORDS[folded(criticalityText)];
  if (name === undefined)
    problems.add(
      "error",
      line,
      "no-name",
      "the line names no asset",
      "Give it a name, or take the line out.",
    );
  if (kind === undefined)
    problems.add(
      "error",
      line,
      "unknown-kind",
      `${shown(kindText)} is no kind of asset`,
      `Kinds are ${ASSET_KINDS.join(", ")}.`,
    );
  if (criticalityText !== undefined && criticality === undefined)
    problems.add(
      "error",
      line,
      "unknown-criticality",
      `${shown(criticalityText)} is no criticality`,
      `Criticalities are ${CRITICALITIES.join(", ")}, or 1 (critical) to 4 (low).`,
    );
  if (
    name === undefined ||
    kind === undefined ||
    (criticalityText !== undefined && criticality === undefined)
  )
    return undefined;
  const owner = first("owner");
  const note = first("note");
  const candidate: AssetCandidate = {
    kind,
    name,
    ...(criticality === undefined ? {} : { criticality }),
    ...listOf("labels", said("labels")),
    ...listOf("aliases", said("aliases")),
    ...(owner === undefined ? {} : { owner }),
    ...(note === undefined ? {} : { note }),
  };
  const beyond = beyondLimits(candidate);
  if (beyond === undefined) return candidate;
  problems.add("error", line, "too-long", beyond, "Shorten it.");
  return undefined;
}

function listOf(field: "labels" | "aliases", values: readonly string[]): Partial<AssetCandidate> {
  const parts = values.flatMap((value) => value.split(/[;|]/)).map((part) => part.trim());
  return parts.length === 0 ? {} : { [field]: parts.filter((part) => part !== "") };
}

const shown = (text: string): string => JSON.stringify(text.slice(0, 64));
