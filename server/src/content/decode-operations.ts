import type { Place } from "@tyto/domain";
import { expectMap, readFlag, readInteger, readText, readTexts } from "./issues.ts";
import { readDateFormat } from "./date-format.ts";
import type { DissectPart, FieldTarget, Pattern } from "./pack-definition.ts";
import { readPattern } from "./pattern.ts";
import type { SourceNode } from "./source-node.ts";
import type { OperationReader, StepReader } from "./step-reader.ts";

const json: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["from", "into", "except", "prefix", "names", "otherwise"]);
  const into = reader.required(keys.into, "into", node.at);
  const names = readText(keys.names, reader.issues);
  if (names !== undefined && names !== "snake")
    reader.issues.error(keys.names?.at ?? node.at, "unknown-names", `no way of naming "${names}"`, "snake");
  return {
    kind: "json",
    from: readText(keys.from, reader.issues) ?? "message",
    into: reader.fields.namespace(into, keys.into?.at ?? node.at),
    except: readTexts(keys.except, reader.issues),
    toleratesPrefix: readFlag(keys.prefix, reader.issues) ?? false,
    isSnakeCase: names === "snake",
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

const inner: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["key", "otherwise"]);
  return {
    kind: "inner",
    key: reader.required(keys.key, "key", node.at),
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

const xml: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["from", "into", "parts", "named", "attributes", "otherwise"]);
  const into = reader.required(keys.into, "into", node.at);
  const parts = readTextMap(keys.parts, reader);
  for (const [path, namespace] of parts) {
    reader.fields.namespace(namespace, keys.parts?.at ?? node.at);
    if (path.slice(0, -1).includes("*"))
      reader.issues.error(keys.parts?.at ?? node.at, "bad-path", `"${path}": * may only stand at the end`);
  }
  const attributes = readText(keys.attributes, reader.issues);
  if (attributes !== undefined && attributes !== "plain")
    reader.issues.error(
      keys.attributes?.at ?? node.at,
      "unknown-attributes",
      `no way of naming "${attributes}"`,
      "plain",
    );
  return {
    kind: "xml",
    from: readText(keys.from, reader.issues) ?? "message",
    into: reader.fields.namespace(into, keys.into?.at ?? node.at),
    parts,
    named: readTextMap(keys.named, reader),
    hasPlainAttributes: attributes === "plain",
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

function readTextMap(node: SourceNode | undefined, reader: StepReader): ReadonlyMap<string, string> {
  const map = node === undefined ? undefined : expectMap(node, reader.issues);
  return new Map(map?.entries.map(({ key, value }) => [key, readText(value, reader.issues) ?? ""]));
}

const syslog: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["from", "otherwise"]);
  return {
    kind: "syslog",
    from: readText(keys.from, reader.issues) ?? "message",
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

const structured: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["into", "otherwise"]);
  const into = reader.required(keys.into, "into", node.at);
  return {
    kind: "structured",
    into: reader.fields.namespace(into, keys.into?.at ?? node.at),
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

const kv: OperationReader = (node, reader) => {
  const known = ["from", "into", "pairs", "values", "quotes", "trim", "bare", "least", "otherwise"] as const;
  const keys = reader.keys(node, known);
  const into = reader.required(keys.into, "into", node.at);
  const bare = readText(keys.bare, reader.issues);
  return {
    kind: "kv",
    from: readText(keys.from, reader.issues) ?? "message",
    options: {
      pairSeparator: readText(keys.pairs, reader.issues) ?? "",
      valueSeparator: readText(keys.values, reader.issues) ?? "=",
      quotes: readText(keys.quotes, reader.issues) ?? `"'`,
      trim: readText(keys.trim, reader.issues) ?? "",
      into: reader.fields.namespace(into, keys.into?.at ?? node.at),
      bare: bare === undefined ? null : reader.fields.target(bare, keys.bare?.at ?? node.at),
    },
    least: readInteger(keys.least, reader.issues) ?? 1,
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

const csv: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["from", "columns", "into", "delimiter", "quote", "otherwise"]);
  const into = readText(keys.into, reader.issues);
  const isConfigured = keys.columns?.kind === "scalar" && keys.columns.value === "configured";
  if (keys.columns === undefined) reader.issues.error(node.at, "missing-key", '"columns" is missing');
  if (isConfigured && into === undefined) reader.issues.error(node.at, "missing-key", '"into" is missing');
  return {
    kind: "csv",
    from: readText(keys.from, reader.issues) ?? "message",
    columns: isConfigured ? null : readColumns(keys.columns, into, reader),
    into: into === undefined ? null : reader.fields.namespace(into, keys.into?.at ?? node.at),
    delimiter: readText(keys.delimiter, reader.issues) ?? ",",
    quote: readText(keys.quote, reader.issues) ?? '"',
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

/** Names with a dot are fields; names without stand under `into`. */
function readColumns(
  node: SourceNode | undefined,
  into: string | undefined,
  reader: StepReader,
): readonly (FieldTarget | null)[] {
  const items = node?.kind === "list" ? node.items : [];
  return items.map((item) => {
    const name = item.kind === "scalar" && item.value !== null ? String(item.value) : "";
    if (name === "" || name === "-") return null;
    const isPlain = into !== undefined && !name.includes(".") && !name.startsWith("_");
    return reader.fields.target(isPlain ? `${into}.${name}` : name, item.at);
  });
}

const dissect: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["from", "pattern", "otherwise"]);
  const pattern = reader.required(keys.pattern, "pattern", node.at);
  return {
    kind: "dissect",
    from: readText(keys.from, reader.issues) ?? "message",
    parts: readDissect(pattern, keys.pattern?.at ?? node.at, reader),
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

function readDissect(pattern: string, at: Place, reader: StepReader): readonly DissectPart[] {
  const parts: DissectPart[] = [];
  let last = 0;
  for (const m of pattern.matchAll(/%\{(\+?)(\??)([^}]*?)(->)?\}/g)) {
    if (m.index > last) parts.push({ kind: "literal", text: pattern.slice(last, m.index) });
    else if (parts.length > 0) {
      reader.issues.error(
        at,
        "bad-dissect",
        "two fields stand side by side without a delimiter between them",
      );
    }
    const name = (m[3] ?? "").trim();
    const isPadded = m[4] !== undefined;
    if (name === "" || m[2] === "?") parts.push({ kind: "skip", isPadded });
    else {
      const target = reader.fields.target(name, at);
      parts.push({ kind: "field", target, isAppended: m[1] === "+", isPadded });
    }
    last = m.index + m[0].length;
  }
  if (last < pattern.length) parts.push({ kind: "literal", text: pattern.slice(last) });
  return parts;
}

const match: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["from", "patterns", "otherwise"]);
  const items = keys.patterns?.kind === "list" ? keys.patterns.items : [];
  if (items.length === 0) reader.issues.error(node.at, "missing-key", '"patterns" needs a list');
  return {
    kind: "match",
    from: readText(keys.from, reader.issues) ?? "message",
    patterns: items.map((item) => readAlternative(item, reader)).filter((pattern) => pattern !== undefined),
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

/** An alternative is a pattern, or `{ pattern, set?, then? }`: what to write and do when this one matched. */
function readAlternative(item: SourceNode, reader: StepReader): Pattern | undefined {
  const keys = item.kind === "map" ? reader.keys(item, ["pattern", "set", "then"]) : { pattern: item };
  const text = reader.required(keys.pattern, "pattern", item.at);
  const checked = readPattern(text, {
    at: keys.pattern?.at ?? item.at,
    issues: reader.issues,
    fields: reader.fields,
    own: reader.patterns,
  });
  const set = keys.set === undefined ? [] : reader.assignments(keys.set);
  const then = keys.then === undefined ? [] : reader.steps(keys.then);
  const setStep = {
    at: keys.set?.at ?? item.at,
    when: null,
    operation: { kind: "set", assignments: set, onlyMissing: false },
  } as const;
  if (checked === undefined) return undefined;
  return { ...checked, steps: set.length === 0 ? then : [setStep, ...then] };
}

const date: OperationReader = (node, reader) => {
  const keys = reader.keys(node, ["from", "formats", "into", "zone", "otherwise"]);
  const formatsNode = keys.formats;
  const items =
    formatsNode?.kind === "list" ? formatsNode.items : formatsNode === undefined ? [] : [formatsNode];
  const formats = items.flatMap((item) => {
    const text = readText(item, reader.issues);
    if (text === undefined) return [];
    const format = readDateFormat(text);
    if (format !== undefined) return [format];
    const hint = "such as iso8601, epoch, yyyy-MM-dd HH:mm:ss";
    reader.issues.error(item.at, "bad-date-format", `"${text}" is no date format`, hint);
    return [];
  });
  if (items.length === 0) reader.issues.error(node.at, "missing-key", '"formats" is missing');
  const into = readText(keys.into, reader.issues) ?? "@timestamp";
  const target = reader.fields.target(into, keys.into?.at ?? node.at);
  if (target.type !== null && target.type !== "date") {
    reader.issues.error(node.at, "wrong-type", `${into} is of type ${target.type}, not date`);
  }
  const zoneText = readText(keys.zone, reader.issues) ?? null;
  const zoneField = zoneText === null ? undefined : /^\{([^{}]+)\}$/.exec(zoneText)?.[1];
  const zone = zoneField === undefined ? zoneText : null;
  if (zone !== null && !isZoneName(zone)) {
    const hint = "such as America/New_York, or a field in braces";
    reader.issues.error(keys.zone?.at ?? node.at, "unknown-zone", `"${zone}" is no time zone`, hint);
  }
  return {
    kind: "date",
    from: reader.required(keys.from, "from", node.at),
    formats,
    target,
    zone,
    zoneField: zoneField ?? null,
    fallback: reader.fallback(keys.otherwise, node.at),
  };
};

/** The database's own answer: there is no list of names that we could hold it against. */
function isZoneName(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Operations that take text apart. All of them can fail, so all of them say what happens then. */
export const DECODE_OPERATIONS: readonly (readonly [string, OperationReader])[] = [
  ["json", json],
  ["inner", inner],
  ["xml", xml],
  ["syslog", syslog],
  ["structured", structured],
  ["kv", kv],
  ["csv", csv],
  ["dissect", dissect],
  ["match", match],
  ["date", date],
];
