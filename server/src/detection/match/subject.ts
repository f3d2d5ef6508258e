import type { Event, EventFields, FieldValue } from "@tyto/domain";
import type { FieldReader } from "./field-reader.ts";
import { foldCase } from "./fold.ts";
import { eachKeywordText } from "./keywords.ts";
import { elementsOf, isList, lookUp } from "./look-up.ts";
import type { MatchScratch } from "./scratch.ts";
import type { SharedResults } from "./shared-results.ts";
import type { TextValue } from "./text-test.ts";
import { ViewCache } from "./view-cache.ts";

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
  /** The same names as `FieldNumbers` has them. */
  readonly numbers: readonly number[];
}

const ABSENT: FieldView = { isPresent: false, isNull: true, values: [] };
const NULL: FieldView = { isPresent: true, isNull: true, values: [] };

/** One event while rules look at it. Each field is looked up and folded once, however many rules ask. */
export class Subject {
  readonly event: Event;
  /** Answers of tests that several rules ask; none when a rule is tried alone. */
  readonly results: SharedResults | undefined;
  readonly #reader: FieldReader | undefined;
  readonly #views: ViewCache;
  #keywords: readonly TextValue[] | undefined;

  /** @param scratch of an engine, which has turned to this event; without it every field is looked up by name. */
  constructor(event: Event, scratch?: MatchScratch) {
    this.event = event;
    this.results = scratch?.results;
    this.#reader = scratch?.reader;
    this.#views = scratch?.views ?? new ViewCache();
  }

  view(slot: FieldSlot): FieldView {
    const known = this.#views.get(slot.index);
    if (known !== undefined) return known;
    const view =
      this.#reader === undefined
        ? viewOf(this.event.fields, slot.candidates)
        : readView(this.#reader, slot.numbers);
    this.#views.set(slot.index, view);
    return view;
  }

  /** Every value of the event and its raw line; names of fields are not searched, so raw JSON is left out. */
  get keywords(): readonly TextValue[] {
    if (this.#keywords === undefined) {
      const texts: TextValue[] = [];
      eachKeywordText(this.event, (text) => texts.push(textValue(text)));
      this.#keywords = texts;
    }
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

function readView(reader: FieldReader, numbers: readonly number[]): FieldView {
  let view = ABSENT;
  for (const number of numbers) {
    const value = reader.value(number);
    if (value === undefined) continue;
    if (value !== null) return { isPresent: true, isNull: false, values: textsOf(value) };
    view = NULL;
  }
  return view;
}

/** Scalars of a value as text. An object stands for its JSON, as vendors' rules expect of `requestParameters`. */
function textsOf(value: FieldValue): readonly TextValue[] {
  if (typeof value === "string") return [textValue(value)];
  return plainTextsOf(value).map(textValue);
}

/** As `FieldView.values`, without their folding, and lone surrogates as they are. */
export function plainTextsOf(value: FieldValue): readonly string[] {
  if (!isList(value)) return value === null ? [] : [scalarText(value)];
  return elementsOf(value).flatMap((item) => (item === null ? [] : [scalarText(item)]));
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

/** As the store keeps texts: a lone surrogate is U+FFFD, so that a rule sees the same now and in a search. */
function textValue(text: string): TextValue {
  return new Text(text.isWellFormed() ? text : text.toWellFormed());
}

/** Folded only when a test asks. */
class Text implements TextValue {
  readonly text: string;
  #folded: string | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get folded(): string {
    return (this.#folded ??= foldCase(this.text));
  }
}
