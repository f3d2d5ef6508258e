import type { FieldValue } from "@tyto/domain";
import type { FieldTarget, Operation } from "../../content/index.ts";
import { scanCells } from "../decoders/csv.ts";
import { dissect } from "../decoders/dissect.ts";
import {
  MAX_LEAVES,
  flattenInto,
  flattenSnakeInto,
  isJsonObject,
  parseJsonObject,
} from "../decoders/json.ts";
import type { JsonObject } from "../decoders/json.ts";
import { scanPairs } from "../decoders/key-value.ts";
import type { PairSink } from "../decoders/key-value.ts";
import { decodeSyslog } from "../decoders/syslog.ts";
import { decodeXml } from "../decoders/xml.ts";
import type { Draft, RunStep } from "../draft.ts";
import { applySyslogHeader } from "../envelope.ts";
import { compileWrite } from "../values.ts";
import type { WriteField } from "../values.ts";

type OperationOf<Kind extends Operation["kind"]> = Extract<Operation, { kind: Kind }>;

/** Expressions see at most this much of a line: with the checks at load, that bounds the time of any match. */
const MAX_MATCH_CHARACTERS = 16_384;

/** The text that a decoder takes is gone from its field: its parts stand under the namespace. */
export function compileJson(operation: OperationOf<"json">, fallback: RunStep): RunStep {
  const { from, into, toleratesPrefix, isSnakeCase } = operation;
  const flatten = isSnakeCase ? flattenSnakeInto : flattenInto;
  const except = new Set(operation.except);
  return (draft) => {
    const text = draft.textOf(from);
    if (text === undefined) return fallback(draft);
    const parsed =
      draft.json !== null && draft.jsonText === text ? draft.json : parseJsonObject(text, toleratesPrefix);
    if (parsed === undefined) return fallback(draft);
    draft.fields.delete(from);
    return flatten(draft, except.size === 0 ? parsed : without(parsed, except), into);
  };
}

function without(object: JsonObject, keys: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.has(key)));
}

/** What stands under a key of the record's JSON becomes `message`, an object as its text: `use: recognised` reads it then. */
export function compileInner(operation: OperationOf<"inner">, fallback: RunStep): RunStep {
  const path = operation.key.split(".");
  return (draft) => {
    let value: unknown = draft.json;
    for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
    const text =
      typeof value === "string" ? value.trimEnd() : isJsonObject(value) ? JSON.stringify(value) : "";
    if (text === "") return fallback(draft);
    draft.fields.set("message", text);
    return "next";
  };
}

export function compileXml(operation: OperationOf<"xml">, fallback: RunStep): RunStep {
  const { from } = operation;
  return (draft) => {
    const text = draft.textOf(from);
    const signal = text === undefined ? undefined : decodeXml(draft, text, operation);
    if (signal === undefined) return fallback(draft);
    draft.fields.delete(from);
    return signal;
  };
}

export function compileSyslog(operation: OperationOf<"syslog">, fallback: RunStep): RunStep {
  const { from } = operation;
  return (draft) => {
    const header = decodeSyslog(draft.textOf(from) ?? "", draft);
    if (header === undefined) return fallback(draft);
    if (from !== "message") draft.fields.delete(from);
    applySyslogHeader(draft, header);
    return "next";
  };
}

/** The data leave the header's own field: their parameters stand under the namespace. */
export function compileStructured(operation: OperationOf<"structured">, fallback: RunStep): RunStep {
  const { into } = operation;
  return (draft) => {
    const data = draft.fields.get("log.syslog.structured_data");
    if (typeof data !== "object" || data === null) return fallback(draft);
    draft.fields.delete("log.syslog.structured_data");
    for (const parameters of Object.values(data)) {
      if (typeof parameters !== "object" || parameters === null) continue;
      for (const [name, value] of Object.entries(parameters)) {
        if (typeof value !== "string" || value === "") continue;
        draft.leaves += 1;
        draft.fields.set(draft.names.join(into, name), value);
      }
    }
    return draft.leaves > MAX_LEAVES
      ? draft.fail("too-many-fields", `more than ${MAX_LEAVES} values`)
      : "next";
  };
}

export function compileKeyValue(operation: OperationOf<"kv">, fallback: RunStep): RunStep {
  const { from, options, least } = operation;
  const sink = new FieldSink(options.into, options.bare);
  return (draft) => {
    const text = draft.textOf(from);
    if (text === undefined) return fallback(draft);
    sink.draft = draft;
    const pairs = scanPairs(text, options, sink);
    draft.leaves += pairs;
    if (draft.leaves > MAX_LEAVES) return draft.fail("too-many-fields", `more than ${MAX_LEAVES} values`);
    return pairs < least ? fallback(draft) : "next";
  };
}

/** Where pairs go. One for each compiled step, so that a record costs no object. */
class FieldSink implements PairSink {
  draft: Draft | null = null;
  readonly #into: string;
  readonly #bare: FieldTarget | null;

  constructor(into: string, bare: FieldTarget | null) {
    this.#into = into;
    this.#bare = bare;
  }

  /** A key that comes twice keeps both values. */
  pair(key: string, value: string): void {
    if (value === "" || this.draft === null) return;
    const name = this.draft.names.join(this.#into, key);
    const present = this.draft.fields.get(name);
    if (present === undefined) this.draft.fields.set(name, value);
    else this.#add(name, present, value);
  }

  bare(word: string): void {
    if (this.#bare === null || word === "") return;
    const { name } = this.#bare;
    this.#add(name, this.draft?.fields.get(name), word);
  }

  /** Lists grow in place, so that a line of equal keys does not cost its square; only a pack's constants are frozen. */
  #add(name: string, present: FieldValue | undefined, value: string): void {
    if (Array.isArray(present) && !Object.isFrozen(present)) present.push(value);
    else if (Array.isArray(present))
      this.draft?.fields.set(name, [...(present as readonly FieldValue[]), value]);
    else this.draft?.fields.set(name, present === undefined ? [value] : [present, value]);
  }
}

export function compileCsv(operation: OperationOf<"csv">, fallback: RunStep): RunStep {
  const { from, into, delimiter, quote } = operation;
  const writers = operation.columns?.map((column) => (column === null ? null : compileWrite(column)));
  return (draft) => {
    const text = draft.textOf(from);
    if (text === undefined) return fallback(draft);
    const cells = scanCells(text, { delimiter, quote, limit: MAX_LEAVES + 1 });
    if (cells.length > MAX_LEAVES) return draft.fail("too-many-fields", `more than ${MAX_LEAVES} values`);
    if (cells.length < 2) return fallback(draft);
    draft.leaves += cells.length;
    if (writers === undefined) writeConfigured(draft, cells, into ?? "csv");
    else writeCells(draft, cells, writers);
    return "next";
  };
}

function writeCells(draft: Draft, cells: readonly string[], writers: readonly (WriteField | null)[]): void {
  const count = Math.min(cells.length, writers.length);
  for (let i = 0; i < count; i += 1) {
    const value = cells[i]?.trim();
    if (value !== undefined && value !== "") writers[i]?.(draft, value);
  }
}

/** Names come from the source's configuration; cells beyond them are numbered from 1. */
function writeConfigured(draft: Draft, cells: readonly string[], into: string): void {
  const names = draft.settings.columns ?? [];
  for (let i = 0; i < cells.length; i += 1) {
    const value = cells[i]?.trim();
    if (value !== undefined && value !== "")
      draft.fields.set(`${into}.${names[i] ?? `column${i + 1}`}`, value);
  }
}

export function compileDissect(operation: OperationOf<"dissect">, fallback: RunStep): RunStep {
  const { from, parts } = operation;
  const writers = parts.flatMap((part) =>
    part.kind === "field"
      ? [{ name: part.target.name, isAppended: part.isAppended, write: compileWrite(part.target) }]
      : [],
  );
  return (draft) => {
    const text = draft.textOf(from);
    const values = text === undefined ? undefined : dissect(text, parts);
    if (values === undefined) return fallback(draft);
    for (let i = 0; i < writers.length; i += 1) {
      const writer = writers[i];
      const value = values[i];
      if (writer === undefined || value === undefined || value === "") continue;
      const present = writer.isAppended ? draft.textOf(writer.name) : undefined;
      writer.write(draft, present === undefined ? value : `${present} ${value}`);
    }
    return "next";
  };
}

interface Alternative {
  readonly expression: RegExp;
  readonly prefix: string;
  readonly writers: readonly WriteField[];
  readonly run: RunStep;
}

/** The first alternative that matches wins; its captures are written, then its own steps run. */
export function compileMatch(
  operation: OperationOf<"match">,
  runs: readonly RunStep[],
  fallback: RunStep,
): RunStep {
  const { from } = operation;
  const alternatives = operation.patterns.map((pattern, i): Alternative => ({
    expression: new RegExp(pattern.source, "s"),
    prefix: pattern.prefix,
    writers: pattern.captures.map(compileWrite),
    run: runs[i] ?? (() => "next"),
  }));
  return (draft) => {
    const text = draft.textOf(from);
    if (text === undefined || text.length > MAX_MATCH_CHARACTERS) return fallback(draft);
    for (const alternative of alternatives) {
      if (!text.startsWith(alternative.prefix)) continue;
      const m = alternative.expression.exec(text);
      if (m === null) continue;
      const { writers } = alternative;
      for (let i = 0; i < writers.length; i += 1) {
        const value = m[i + 1];
        if (value !== undefined && value !== "") writers[i]?.(draft, value);
      }
      return alternative.run(draft);
    }
    return fallback(draft);
  };
}
