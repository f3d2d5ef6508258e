import type { Event } from "@tyto/domain";
import type { FieldReader } from "./field-reader.ts";
import { eachRawText, KeywordWalk } from "./keywords.ts";
import { paddingAfter, TextBytes } from "./literals/text-bytes.ts";
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
  /** What keywords look at, up to `#count`. */
  readonly #texts: string[] = [];
  readonly #numbers: number[] = [];
  #count = 0;

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
    const isPlain = this.bytes.append(text);
    return this.#remember(number, { start: this.bytes.start, end: this.bytes.end, isPlain });
  }

  #remember(number: number, { start, end, isPlain }: PlacedText): PlacedText {
    for (let unknown = this.#places.length; unknown <= number; unknown++) {
      this.#places.push({ start: 0, end: 0, isPlain: true });
      this.#placedIn.push(0);
    }
    const place = this.#places[number] ?? { start, end, isPlain };
    place.start = start;
    place.end = end;
    place.isPlain = isPlain;
    this.#placedIn[number] = this.#round;
    return place;
  }

  #gather(event: Event): void {
    this.#hasKeywords = true;
    this.#collect(event);
    const { bytes } = this;
    const all = this.#keywords;
    all.foreign.length = 0;
    if (bytes.appendPlain(this.#joined())) {
      all.start = bytes.start;
      all.end = bytes.end;
      this.#rememberJoined(bytes.start);
      return;
    }
    let start = -1;
    for (let i = 0; i < this.#count; i++) {
      const text = this.#texts[i] ?? "";
      const number = this.#numbers[i] ?? -1;
      const isPlain = bytes.append(text);
      if (!isPlain) all.foreign.push(text);
      if (number >= 0) this.#remember(number, { start: bytes.start, end: bytes.end, isPlain });
      if (start < 0) start = bytes.start;
    }
    all.start = start;
    all.end = bytes.end;
  }

  /** What keywords look at, each with its field's number if it is that field's whole text. */
  #collect(event: Event): void {
    this.#count = 0;
    const add = (text: string, number: number): void => {
      this.#texts[this.#count] = text;
      this.#numbers[this.#count++] = number;
    };
    const walk = new KeywordWalk((text) => add(text, -1));
    eachRawText(event, walk);
    const reader = this.#reader;
    for (let i = 0; i < reader.all; i++) {
      const value = reader.values[i];
      const number = reader.numbers[i] ?? -1;
      if (typeof value === "string" && number >= 0 && walk.admits(value)) add(value, number);
      else walk.value(value, 0);
    }
  }

  #joined(): string {
    let joined = "";
    for (let i = 0; i < this.#count; i++) {
      const text = this.#texts[i] ?? "";
      joined += text;
      if (i < this.#count - 1) joined += paddingAfter(text.length);
    }
    return joined;
  }

  #rememberJoined(first: number): void {
    let start = first;
    for (let i = 0; i < this.#count; i++) {
      const end = start + (this.#texts[i] ?? "").length;
      const number = this.#numbers[i] ?? -1;
      if (number >= 0) this.#remember(number, { start, end, isPlain: true });
      start = (end + 4) & ~3;
    }
  }
}
