import type { Event, FieldValue } from "@tyto/domain";
import type { FieldReader } from "./field-reader.ts";
import { eachRawText, KeywordWalk } from "./keywords.ts";
import { TextBytes } from "./literals/text-bytes.ts";
import type { TextRange } from "./literals/text-bytes.ts";

/** Where a text stands among an event's bytes. */
export interface PlacedText extends TextRange {
  readonly isPlain: boolean;
}

/** All texts that keywords look at. */
export interface PlacedKeywords extends TextRange {
  /** Those of them that are not all ASCII. */
  readonly foreign: readonly string[];
}

/** One event's texts as bytes, each encoded once however many look for something in it. Serves one event after another. */
export class EventTexts {
  readonly bytes = new TextBytes();
  readonly #reader: FieldReader;
  #event: Event | undefined;
  #round = 0;
  /** By the field's number; valid where `#placedIn` holds this round. */
  readonly #places: { start: number; end: number; isPlain: boolean }[] = [];
  readonly #placedIn: number[] = [];
  readonly #keywords: { start: number; end: number; foreign: string[] } = { start: 0, end: 0, foreign: [] };
  #hasKeywords = false;

  constructor(reader: FieldReader) {
    this.#reader = reader;
  }

  /** @param event that the reader has read */
  begin(event: Event): void {
    this.#round++;
    this.#event = event;
    this.#hasKeywords = false;
    this.bytes.clear();
  }

  /** A numbered field's text. What it returns is valid until the next event. */
  place(number: number, text: string): PlacedText {
    const known = this.#places[number];
    if (known !== undefined && this.#placedIn[number] === this.#round) return known;
    return this.#append(number, text);
  }

  /** What it returns is valid until the next event. Cheapest when it is asked before any field. */
  keywords(): PlacedKeywords {
    if (!this.#hasKeywords && this.#event !== undefined) this.#gather(this.#event);
    return this.#keywords;
  }

  #append(number: number, text: string): PlacedText {
    for (let unknown = this.#places.length; unknown <= number; unknown++) {
      this.#places.push({ start: 0, end: 0, isPlain: true });
      this.#placedIn.push(0);
    }
    const isPlain = this.bytes.append(text);
    const place = this.#places[number] ?? { start: 0, end: 0, isPlain };
    place.start = this.bytes.start;
    place.end = this.bytes.end;
    place.isPlain = isPlain;
    this.#placedIn[number] = this.#round;
    return place;
  }

  #gather(event: Event): void {
    this.#hasKeywords = true;
    const { bytes } = this;
    const all = this.#keywords;
    all.foreign.length = 0;
    let start = -1;
    const visit = (text: string): void => {
      if (!bytes.append(text)) all.foreign.push(text);
      if (start < 0) start = bytes.start;
    };
    const walk = new KeywordWalk(visit);
    eachRawText(event, walk);
    const reader = this.#reader;
    for (let i = 0; i < reader.all; i++) {
      const value: FieldValue | undefined = reader.values[i];
      const number = reader.numbers[i] ?? -1;
      if (typeof value === "string" && number >= 0 && walk.admits(value)) {
        const place = this.#append(number, value);
        if (!place.isPlain) all.foreign.push(value);
        if (start < 0) start = place.start;
      } else walk.value(value, 0);
    }
    all.start = Math.max(start, 0);
    all.end = start < 0 ? 0 : bytes.end;
  }
}
