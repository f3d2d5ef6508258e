import type { Event, EventFields, FieldValue } from "@tyto/domain";
import { foldCase } from "./fold.ts";
import type { TextValue } from "./text-test.ts";

/** Values and characters of them that keywords look at: a hostile event must not make one rule read megabytes. */
const MAX_KEYWORD_VALUES = 2_000;
const MAX_KEYWORD_CHARACTERS = 262_144;
const MAX_WALK_DEPTH = 16;
/** Lists in lists: what is nested deeper is no value of a field. */
const MAX_LIST_DEPTH = 3;

/** A field as rules see it. */
export interface FieldView {
  /** The event has the field, with whatever value. */
  readonly isPresent: boolean;
  /** Absent or null: what `field: null` asks for. */
  readonly isNull: boolean;
  /** Its values as text: several for a list, none for absent and null. */
  readonly values: readonly TextValue[];
}

/** Where a field may stand, best first, with the number under which an event's answer is remembered. */
export interface FieldSlot {
  readonly index: number;
  readonly candidates: readonly string[];
}

const ABSENT: FieldView = { isPresent: false, isNull: true, values: [] };
const NULL: FieldView = { isPresent: true, isNull: true, values: [] };

/** One event while rules look at it. Each field is looked up and folded once, however many rules ask. */
export class Subject {
  readonly event: Event;
  readonly #views: (FieldView | undefined)[] = [];
  #keywords: readonly TextValue[] | undefined;

  constructor(event: Event) {
    this.event = event;
  }

  view(slot: FieldSlot): FieldView {
    const known = this.#views[slot.index];
    if (known !== undefined) return known;
    const view = viewOf(this.event.fields, slot.candidates);
    this.#views[slot.index] = view;
    return view;
  }

  /** Every value of the event and its raw line; names of fields are not searched, so raw JSON is left out. */
  get keywords(): readonly TextValue[] {
    this.#keywords ??= keywordsOf(this.event);
    return this.#keywords;
  }
}

function viewOf(fields: EventFields, candidates: readonly string[]): FieldView {
  let view = ABSENT;
  for (const name of candidates) {
    const value = lookUp(fields, name);
    if (value === undefined) continue;
    if (value !== null) return { isPresent: true, isNull: false, values: textsOf(value) };
    view = NULL;
  }
  return view;
}

/** The exact key first, then the path through nested values; lists on the path answer with all of their elements. */
export function lookUp(fields: EventFields, name: string): FieldValue | undefined {
  const exact = fields[name];
  if (exact !== undefined) return exact;
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
    const parent = fields[name.slice(0, dot)];
    if (typeof parent === "object" && parent !== null) return descend(parent, name.slice(dot + 1), 0);
  }
  return undefined;
}

function descend(value: FieldValue, path: string, depth: number): FieldValue | undefined {
  if (typeof value !== "object" || value === null || depth > MAX_WALK_DEPTH) return undefined;
  if (isList(value)) {
    const found = elementsOf(value).flatMap((item) => {
      const inner = isList(item) ? undefined : descend(item, path, depth + 1);
      return inner === undefined ? [] : isList(inner) ? elementsOf(inner) : [inner];
    });
    return found.length === 0 ? undefined : found;
  }
  const map = value;
  if (Object.hasOwn(map, path)) return map[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.hasOwn(map, head)) continue;
    const found = descend(map[head] ?? null, path.slice(dot + 1), depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isList(value: FieldValue): value is readonly FieldValue[] {
  return Array.isArray(value);
}

/** A list's elements, those of lists in it included, down to the last level that counts. */
function elementsOf(list: readonly FieldValue[], depth = 1): readonly FieldValue[] {
  if (!list.some(isList)) return list;
  return list.flatMap((item) =>
    !isList(item) ? [item] : depth < MAX_LIST_DEPTH ? elementsOf(item, depth + 1) : [],
  );
}

/** Scalars of a value as text. An object stands for its JSON, as vendors' rules expect of `requestParameters`. */
function textsOf(value: FieldValue): readonly TextValue[] {
  if (!isList(value)) return value === null ? [] : [textValue(scalarText(value))];
  return elementsOf(value).flatMap((item) => (item === null ? [] : [textValue(scalarText(item))]));
}

function scalarText(value: Exclude<FieldValue, null>): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object") return String(value);
  const json = JSON.stringify(value);
  // Lone surrogates come out as escapes.
  return json.includes("\\ud") ? JSON.stringify(value, (_, inner: unknown) => wellFormed(inner)) : json;
}

function wellFormed(value: unknown): unknown {
  return typeof value === "string" ? value.toWellFormed() : value;
}

const SURROGATE = /[\ud800-\udfff]/;

/** As the store keeps texts: a lone surrogate is U+FFFD, so that a rule sees the same now and in a search. */
function textValue(text: string): TextValue {
  const stored = SURROGATE.test(text) ? text.toWellFormed() : text;
  return { text: stored, folded: foldCase(stored) };
}

const decoder = new TextDecoder("utf-8", { fatal: false });

function keywordsOf(event: Event): readonly TextValue[] {
  const values: TextValue[] = [];
  let characters = 0;
  const add = (text: string): void => {
    if (text === "" || values.length >= MAX_KEYWORD_VALUES || characters >= MAX_KEYWORD_CHARACTERS) return;
    const cut = text.slice(0, MAX_KEYWORD_CHARACTERS - characters);
    characters += cut.length;
    values.push(textValue(cut));
  };
  const walk = (value: FieldValue, depth: number): void => {
    if (value === null || depth > MAX_WALK_DEPTH) return;
    if (typeof value !== "object") add(String(value));
    else for (const inner of Object.values(value)) walk(inner, depth + 1);
  };
  const first = event.raw[0];
  const isJson = first === 0x7b || first === 0x5b;
  if (!isJson) add(decoder.decode(event.raw.subarray(0, MAX_KEYWORD_CHARACTERS)));
  for (const [name, value] of Object.entries(event.fields)) {
    if (!name.startsWith("tyto.")) walk(value, 0);
  }
  return values;
}
