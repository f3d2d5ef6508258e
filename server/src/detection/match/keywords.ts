import { OWN_FIELD_PREFIX } from "@tyto/domain";
import type { Event, FieldValue } from "@tyto/domain";

/** Values and characters of them that keywords look at: a hostile event must not make one rule read megabytes. */
const MAX_VALUES = 2_000;
const MAX_CHARACTERS = 262_144;
const MAX_DEPTH = 16;

const decoder = new TextDecoder("utf-8", { fatal: false });

/** The texts that keywords are sought in: the raw line, unless that is JSON (its names are not searched), and every value. */
export function eachKeywordText(event: Event, visit: (text: string) => void): void {
  const walk = new KeywordWalk(visit);
  eachRawText(event, walk);
  for (const name in event.fields) {
    if (!name.startsWith(OWN_FIELD_PREFIX)) walk.value(event.fields[name], 0);
  }
}

export function eachRawText(event: Event, walk: KeywordWalk): void {
  const first = event.raw[0];
  const isJson = first === 0x7b || first === 0x5b;
  if (!isJson) walk.text(decoder.decode(event.raw.subarray(0, MAX_CHARACTERS)));
}

/** Visits texts until there were enough of them. */
export class KeywordWalk {
  readonly #visit: (text: string) => void;
  #values = 0;
  #characters = 0;

  constructor(visit: (text: string) => void) {
    this.#visit = visit;
  }

  text(text: string): void {
    if (text === "" || this.#values >= MAX_VALUES || this.#characters >= MAX_CHARACTERS) return;
    const room = MAX_CHARACTERS - this.#characters;
    this.#values++;
    this.#characters += text.length;
    this.#visit(text.length > room ? text.slice(0, room) : text);
  }

  /** Counts a text that the caller looks at himself. False, and not counted, when it is empty or no longer fits as a whole. */
  admits(text: string): boolean {
    const characters = this.#characters + text.length;
    if (text === "" || this.#values >= MAX_VALUES || characters > MAX_CHARACTERS) return false;
    this.#values++;
    this.#characters = characters;
    return true;
  }

  value(value: FieldValue | undefined, depth: number): void {
    if (value === null || value === undefined || depth > MAX_DEPTH) return;
    if (typeof value === "string") this.text(value);
    else if (typeof value !== "object") this.text(String(value));
    else for (const inner of Object.values(value)) this.value(inner, depth + 1);
  }
}
