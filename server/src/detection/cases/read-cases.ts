import {
  eventId,
  micros,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  sequence,
  sourceId,
} from "@tyto/domain";
import type { Diagnostic, Event, FieldValue, Micros, OriginId, Place } from "@tyto/domain";
import { readYaml } from "../sigma/read-yaml.ts";
import { entryOf, textOf } from "../sigma/rule-node.ts";
import type { RuleMap, RuleNode } from "../sigma/rule-node.ts";
import { Problems } from "../sigma/problems.ts";
import type { RuleFile } from "../sigma/read-rule.ts";

/** What a rule must say to some events. */
export interface RuleCase {
  readonly name: string;
  readonly at: Place;
  /** For a rule over single events: how many of them it matches. For a correlation: how many findings remain. */
  readonly expected: number;
  /** Of a correlation's findings, by the time of their first event: what each counts, and how many events each lists. */
  readonly counts: readonly number[] | undefined;
  readonly evidence: readonly number[] | undefined;
  /** In order of arrival. */
  readonly events: readonly Event[];
}

export interface CaseFile {
  readonly path: string;
  readonly cases: readonly RuleCase[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Cases play on a day of their own. */
export const CASE_START = 1_772_000_000_000_000 as Micros;
const MAX_EVENTS = 10_000;
const ORIGIN = "00000000000000ca" as OriginId;
const SOURCE = sourceId("00000000000000ca");
const EVENT_KEYS: ReadonlySet<string> = new Set(["at", "times", "every", "pack", "raw", "fields"]);
const UNITS = new Map([
  ["s", MICROS_PER_SECOND],
  ["m", MICROS_PER_MINUTE],
  ["h", MICROS_PER_HOUR],
  ["d", MICROS_PER_DAY],
]);

/** `x.yml` of `x.cases.yml`; `undefined` for files of another name. */
export function ruleFileOf(path: string): string | undefined {
  const match = /^(.*)\.cases\.(ya?ml)$/.exec(path);
  return match === null ? undefined : `${match[1] ?? ""}.${match[2] ?? "yml"}`;
}

/**
 * Reads a case file: a list of `{name, expect, count, evidence, events: [{at, times, every, pack, raw, fields}]}`. Events arrive as listed; `at`
 * is when they happened, so that late and shuffled ones can be written down.
 * @param maxEvents of all cases together; those beyond are refused
 */
export function readCases(file: RuleFile, maxEvents = Number.POSITIVE_INFINITY): CaseFile {
  const problems = new Problems();
  const [document, ...more] = readYaml(file.path, file.text);
  const diagnostics = (): readonly Diagnostic[] => [...(document?.diagnostics ?? []), ...problems.found];
  const root = document?.root;
  if (root?.kind !== "list" || more.length > 0) {
    if (root !== undefined) problems.error(root.at, "wrong-shape", "a case file is one list of cases");
    return { path: file.path, cases: [], diagnostics: diagnostics() };
  }
  let events = 0;
  const cases = root.items.flatMap((item) => {
    if (events > maxEvents) return [];
    const one = readCase(item, problems);
    events += one?.events.length ?? 0;
    if (events > maxEvents) {
      problems.error(item.at, "too-many-events", `the cases hold more than ${maxEvents} events`);
      return [];
    }
    return one === undefined ? [] : [one];
  });
  return { path: file.path, cases, diagnostics: diagnostics() };
}

function readCase(node: RuleNode, problems: Problems): RuleCase | undefined {
  if (node.kind !== "map") {
    problems.error(node.at, "wrong-shape", "a case is a map of name, expect and events");
    return undefined;
  }
  const name = textOf(node, "name") ?? "";
  const expected = Number(textOf(node, "expect"));
  if (name === "" || !Number.isInteger(expected) || expected < 0) {
    problems.error(
      node.at,
      "bad-case",
      "a case needs a name, and in expect how many findings (or matches) it leads to",
    );
    return undefined;
  }
  const counts = numbersOf(node, "count", expected, problems);
  const evidence = numbersOf(node, "evidence", expected, problems);
  const list = entryOf(node, "events")?.value;
  if (list?.kind !== "list" || list.items.length === 0) {
    problems.error(node.at, "bad-case", `the case "${name}" has no events`);
    return undefined;
  }
  const events: Event[] = [];
  for (const item of list.items) {
    if (!readEvents(item, events, problems)) return undefined;
  }
  return { name, at: node.at, expected, counts, evidence, events };
}

/** One number for each finding that is expected; a single one may stand alone. */
function numbersOf(
  map: RuleMap,
  key: "count" | "evidence",
  expected: number,
  problems: Problems,
): readonly number[] | undefined {
  const node = entryOf(map, key)?.value;
  if (node === undefined) return undefined;
  const items = node.kind === "list" ? node.items : [node];
  const numbers = items.map((item) => (item.kind === "scalar" ? Number(item.value) : Number.NaN));
  if (numbers.length === expected && numbers.every((one) => Number.isInteger(one) && one > 0)) return numbers;
  problems.error(node.at, "bad-case", `${key} is a whole number for each of the ${expected} findings`);
  return undefined;
}

function readEvents(node: RuleNode, events: Event[], problems: Problems): boolean {
  if (node.kind !== "map") {
    problems.error(node.at, "wrong-shape", "an event is a map with fields");
    return false;
  }
  const stray = node.entries.find(({ key }) => !EVENT_KEYS.has(key));
  if (stray !== undefined) {
    const hint = `one of ${[...EVENT_KEYS].join(", ")}; the event's own fields go under fields`;
    problems.error(stray.at, "unknown-key", `an event of a case has no key "${stray.key}"`, hint);
    return false;
  }
  const at = durationOf(node, "at", problems);
  const every = durationOf(node, "every", problems);
  const times = Number(textOf(node, "times") ?? "1");
  if (at === undefined || every === undefined) return false;
  if (!Number.isInteger(times) || times < 1 || events.length + times > MAX_EVENTS) {
    problems.error(
      node.at,
      "bad-case",
      `times is a whole number, and a case holds at most ${MAX_EVENTS} events`,
    );
    return false;
  }
  const fields = fieldsOf(entryOf(node, "fields")?.value);
  const raw = new TextEncoder().encode(textOf(node, "raw") ?? "");
  for (let n = 0; n < times; n++) {
    const timestamp = micros(CASE_START + at + n * every);
    events.push({
      id: eventId(ORIGIN, events.length),
      sequence: sequence(events.length + 1),
      source: SOURCE,
      timestamp,
      timeOrigin: "event",
      ingested: timestamp,
      pack: textOf(node, "pack") ?? "unknown",
      fields,
      raw,
    });
  }
  return true;
}

function durationOf(map: RuleMap, key: string, problems: Problems): number | undefined {
  const text = textOf(map, key);
  if (text === undefined) return 0;
  const match = /^(\d{1,9})([smhd])$/.exec(text);
  const unit = UNITS.get(match?.[2] ?? "");
  if (match !== null && unit !== undefined) return Number(match[1]) * unit;
  problems.error(map.at, "bad-duration", `"${text}" is no duration`, "a number and s, m, h or d, as in 90s");
  return undefined;
}

function fieldsOf(node: RuleNode | undefined): Record<string, FieldValue> {
  const fields = Object.create(null) as Record<string, FieldValue>;
  if (node?.kind !== "map") return fields;
  for (const { key, value } of node.entries) fields[key] = valueOf(value);
  return fields;
}

function valueOf(node: RuleNode): FieldValue {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(valueOf);
    case "map":
      return fieldsOf(node);
  }
}
