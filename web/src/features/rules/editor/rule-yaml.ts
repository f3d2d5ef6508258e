import { isMap, isScalar, isSeq, type Pair, parseAllDocuments, stringify, type YAMLMap } from "yaml";

/**
 * The text of a rule, read for the form and changed by it. Nothing is written anew but the very lines that a change is about, so that
 * comments, order and quoting of everything else stay as they were.
 */
export interface RuleForm {
  readonly title: string;
  readonly description: string;
  readonly level: string;
  readonly status: string;
  readonly tags: readonly string[];
  readonly falsepositives: readonly string[];
  readonly logsource: Readonly<Record<LogsourcePart, string>>;
  readonly selections: readonly Selection[];
  readonly condition: string;
  /** What the form has no place for: keys, as they are called. */
  readonly onlyInYaml: readonly string[];
}

export const LOGSOURCE_PARTS = ["product", "category", "service"] as const;
type LogsourcePart = (typeof LOGSOURCE_PARTS)[number];

export type Selection =
  /** All of its lines must hold. */
  | { readonly name: string; readonly kind: "fields"; readonly lines: readonly SelectionLine[] }
  /** Any of these, anywhere in the event. */
  | { readonly name: string; readonly kind: "keywords"; readonly values: readonly string[] }
  /** More than the form can say. */
  | { readonly name: string; readonly kind: "other" };

export interface SelectionLine {
  readonly field: string;
  /** Joined by `|`; empty for plain equality. */
  readonly modifiers: string;
  readonly values: readonly string[];
}

/** A value of the form: text, or a list of texts. */
type Value = string | readonly string[];

const FORM_KEYS: ReadonlySet<string> = new Set([
  "title",
  "description",
  "level",
  "status",
  "tags",
  "falsepositives",
  "logsource",
  "detection",
]);

/** The rule that the text is about: of several documents the last correlation, else the last. Undefined when it is no YAML map. */
function mainMap(text: string): YAMLMap | undefined {
  const documents = parseAllDocuments(text, { keepSourceTokens: false });
  if (!Array.isArray(documents)) return undefined;
  if (documents.some(({ errors }) => errors.length > 0)) return undefined;
  const maps = documents.map(({ contents }) => contents).filter((one) => isMap(one));
  return maps.findLast((map) => map.has("correlation")) ?? maps.at(-1);
}

/** Undefined when the text cannot be read: then there is only the text. */
export function readForm(text: string): RuleForm | undefined {
  const map = mainMap(text);
  if (map === undefined) return undefined;
  const logsource = mapAt(map, "logsource");
  const detection = mapAt(map, "detection");
  const selections = (detection?.items ?? []).flatMap((pair): Selection[] => {
    const name = keyOf(pair);
    return name === "condition" || name === "timeframe" ? [] : [selectionOf(name, pair.value)];
  });
  const more = map.items.map(keyOf).filter((key) => !FORM_KEYS.has(key));
  return {
    title: textAt(map, "title"),
    description: textAt(map, "description"),
    level: textAt(map, "level"),
    status: textAt(map, "status"),
    tags: textsAt(map, "tags"),
    falsepositives: textsAt(map, "falsepositives"),
    logsource: {
      product: textAt(logsource, "product"),
      category: textAt(logsource, "category"),
      service: textAt(logsource, "service"),
    },
    selections,
    condition: textAt(detection, "condition"),
    onlyInYaml: [
      ...more,
      ...selections.filter(({ kind }) => kind === "other").map(({ name }) => `detection.${name}`),
      ...(detection !== undefined && !isScalar(detection.get("condition", true))
        ? ["detection.condition"]
        : []),
    ],
  };
}

/** @param path of one key, or two: `["logsource", "product"]`. An empty value takes the key away. */
export function setValue(text: string, path: readonly string[], value: Value): string {
  const map = mainMap(text);
  if (map === undefined) return text;
  const isGone = value.length === 0;
  const [first = "", second] = path;
  if (second === undefined) return isGone ? dropPair(text, map, first) : putPair(text, map, first, value);
  const inner = mapAt(map, first);
  if (inner === undefined) return isGone ? text : putPair(text, map, first, { [second]: plain(value) });
  return isGone ? dropPair(text, inner, second) : putPair(text, inner, second, value);
}

/** @param index of the line; that of the last and one more adds a line. Null takes it away. */
export function setLine(text: string, selection: string, index: number, line: SelectionLine | null): string {
  const detection = detectionOf(text);
  const map = detection === undefined ? undefined : mapAt(detection, selection);
  if (detection === undefined || map === undefined) return text;
  const old = map.items[index];
  if (line === null) {
    if (old === undefined) return text;
    // A selection of nothing is no selection.
    return map.items.length === 1 ? dropPair(text, detection, selection) : dropPair(text, map, keyOf(old));
  }
  const key = line.modifiers === "" ? line.field : `${line.field}|${line.modifiers}`;
  const values = line.values.map(plainOne);
  const value = values.length === 1 ? values[0] : values;
  return old === undefined
    ? insertPair(text, map, { [key]: value })
    : replacePair(text, map, old, { [key]: value });
}

export function setKeywords(text: string, selection: string, values: readonly string[]): string {
  const detection = detectionOf(text);
  if (detection === undefined) return text;
  return values.length === 0
    ? dropPair(text, detection, selection)
    : putPair(text, detection, selection, values);
}

export function addSelection(text: string, name: string, line: SelectionLine): string {
  const key = line.modifiers === "" ? line.field : `${line.field}|${line.modifiers}`;
  const values = line.values.map(plainOne);
  const entry = { [name]: { [key]: values.length === 1 ? values[0] : values } };
  const map = mainMap(text);
  if (map === undefined) return text;
  const detection = mapAt(map, "detection");
  if (detection === undefined) return putPair(text, map, "detection", { ...entry, condition: name });
  const condition = detection.items.find((pair) => keyOf(pair) === "condition");
  return insertPair(text, detection, entry, condition);
}

/** Its name in the condition is the person's to change. */
export function renameSelection(text: string, from: string, to: string): string {
  const range = rangeOf(detectionOf(text)?.items.find((pair) => keyOf(pair) === from)?.key);
  return range === undefined ? text : text.slice(0, range[0]) + inline(to) + text.slice(range[1]);
}

export function dropSelection(text: string, name: string): string {
  const detection = detectionOf(text);
  return detection === undefined ? text : dropPair(text, detection, name);
}

function detectionOf(text: string): YAMLMap | undefined {
  const map = mainMap(text);
  return map === undefined ? undefined : mapAt(map, "detection");
}

function selectionOf(name: string, value: unknown): Selection {
  if (isSeq(value)) {
    const values = value.items.map(scalarText);
    return values.every((one) => one !== undefined)
      ? { name, kind: "keywords", values }
      : { name, kind: "other" };
  }
  if (!isMap(value)) return { name, kind: "other" };
  const lines = value.items.map((pair): SelectionLine | undefined => {
    const [field = "", ...modifiers] = keyOf(pair).split("|");
    const items = isSeq(pair.value) ? pair.value.items : [pair.value];
    const values = items.map(scalarText);
    return values.every((one) => one !== undefined)
      ? { field, modifiers: modifiers.join("|"), values }
      : undefined;
  });
  return lines.every((line) => line !== undefined)
    ? { name, kind: "fields", lines }
    : { name, kind: "other" };
}

// ------------------------------------------------------------------------------------------------------------ reading

const keyOf = ({ key }: Pair): string => scalarText(key) ?? "";

/** The scalar as text; numbers as they are written. */
function scalarText(node: unknown): string | undefined {
  if (node === null) return "null";
  if (!isScalar(node)) return undefined;
  if (typeof node.value === "string") return node.value;
  return node.source ?? String(node.value);
}

function mapAt(map: YAMLMap, key: string): YAMLMap | undefined {
  const value = map.get(key, true);
  return isMap(value) ? value : undefined;
}

function textAt(map: YAMLMap | undefined, key: string): string {
  const value: unknown = map?.get(key, true);
  return isScalar(value) && value.value !== null ? (scalarText(value) ?? "").trim() : "";
}

function textsAt(map: YAMLMap, key: string): readonly string[] {
  const value: unknown = map.get(key, true);
  const items = isSeq(value) ? value.items : isScalar(value) && value.value !== null ? [value] : [];
  return items.flatMap((item) => scalarText(item) ?? []);
}

// ------------------------------------------------------------------------------------------------------------ writing

/** Numbers, truth values and null as YAML has them, so that 4625 does not become a text. */
function plainOne(value: string): unknown {
  if (/^-?(?:0|[1-9]\d{0,14})$/.test(value)) return Number(value);
  if (value === "true" || value === "false") return value === "true";
  return value === "null" ? null : value;
}

const plain = (value: Value): unknown => (typeof value === "string" ? value : value.map(plainOne));

function inline(value: string): string {
  return stringify(value, { lineWidth: 0 }).trimEnd();
}

/** Lines of the pair, at a column. Text of several lines stands as such in a description only, where no comment follows it. */
function pairText(pair: Readonly<Record<string, unknown>>, column: number, rest = ""): string {
  const blockQuote = "description" in pair && rest.trim() === "";
  return stringify(pair, { lineWidth: 0, blockQuote })
    .trimEnd()
    .split("\n")
    .join(`\n${" ".repeat(column)}`);
}

function putPair(text: string, map: YAMLMap, key: string, value: unknown): string {
  const written = { [key]: typeof value === "string" || Array.isArray(value) ? plainIn(key, value) : value };
  const old = map.items.find((pair) => keyOf(pair) === key);
  return old === undefined ? insertPair(text, map, written) : replacePair(text, map, old, written);
}

/** Titles and the like are texts whatever they look like. */
function plainIn(key: string, value: string | readonly unknown[]): unknown {
  if (typeof value === "string") return value;
  return key === "tags" || key === "falsepositives" ? value : value.map((one) => plainOne(String(one)));
}

type Range = readonly [number, number];

function rangeOf(node: unknown): Range | undefined {
  const range: unknown =
    typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  if (!Array.isArray(range)) return undefined;
  return [Number(range[0]), Number(range[1])];
}

/** From the first sign of the key to the last of the value; of a value that is a block, without the line's end. */
function pairRange(text: string, pair: Pair): Range | undefined {
  const key = rangeOf(pair.key);
  if (key === undefined) return undefined;
  const value = rangeOf(pair.value);
  let end = value?.[1] ?? key[1] + 1;
  while (end > key[1] && /\s/.test(text.charAt(end - 1))) end--;
  return [key[0], Math.max(end, key[1] + (text.charAt(key[1]) === ":" ? 1 : 0))];
}

const columnAt = (text: string, at: number): number => at - (text.lastIndexOf("\n", at - 1) + 1);

function replacePair(
  text: string,
  map: YAMLMap,
  old: Pair,
  written: Readonly<Record<string, unknown>>,
): string {
  const range = pairRange(text, old);
  if (range === undefined) return text;
  if (map.flow === true) return blockInstead(text, map, old, written);
  const lineEnd = text.indexOf("\n", range[1]);
  const rest = text.slice(range[1], lineEnd < 0 ? undefined : lineEnd);
  return text.slice(0, range[0]) + pairText(written, columnAt(text, range[0]), rest) + text.slice(range[1]);
}

/** After the last pair, or before one. */
function insertPair(
  text: string,
  map: YAMLMap,
  written: Readonly<Record<string, unknown>>,
  before?: Pair,
): string {
  if (map.flow === true) return blockInstead(text, map, undefined, written);
  const start = rangeOf(map.items[0]?.key)?.[0];
  if (start === undefined) return text;
  const column = columnAt(text, start);
  const line = pairText(written, column);
  const next = before === undefined ? undefined : rangeOf(before.key)?.[0];
  if (next !== undefined) return `${text.slice(0, next)}${line}\n${" ".repeat(column)}${text.slice(next)}`;
  const last = map.items.at(-1);
  const end = last === undefined ? undefined : pairRange(text, last)?.[1];
  if (end === undefined) return text;
  const lineEnd = text.indexOf("\n", end);
  const at = lineEnd < 0 ? text.length : lineEnd;
  return `${text.slice(0, at)}\n${" ".repeat(column)}${line}${text.slice(at)}`;
}

function dropPair(text: string, map: YAMLMap, key: string): string {
  const old = map.items.find((pair) => keyOf(pair) === key);
  if (old === undefined) return text;
  if (map.flow === true) return blockInstead(text, map, old, {});
  const range = pairRange(text, old);
  if (range === undefined) return text;
  const start = text.lastIndexOf("\n", range[0] - 1) + 1;
  const lineEnd = text.indexOf("\n", range[1]);
  return text.slice(0, start) + (lineEnd < 0 ? "" : text.slice(lineEnd + 1));
}

/** A map in braces becomes one of lines: there is room for more then. */
function blockInstead(
  text: string,
  map: YAMLMap,
  old: Pair | undefined,
  written: Readonly<Record<string, unknown>>,
): string {
  const range = rangeOf(map);
  if (range === undefined) return text;
  const entries = map.items.flatMap((pair): [string, unknown][] =>
    pair === old ? Object.entries(written) : [[keyOf(pair), isNode(pair.value) ? pair.value.toJSON() : null]],
  );
  const all = Object.fromEntries(old === undefined ? [...entries, ...Object.entries(written)] : entries);
  const lineStart = text.lastIndexOf("\n", range[0] - 1) + 1;
  const indent = /^ */.exec(text.slice(lineStart))?.[0].length ?? 0;
  const column = indent + 2;
  const before = text.slice(0, range[0]).trimEnd();
  return `${before}\n${" ".repeat(column)}${pairText(all, column)}${text.slice(range[1])}`;
}

function isNode(value: unknown): value is { readonly toJSON: () => unknown } {
  return typeof value === "object" && value !== null && "toJSON" in value;
}
