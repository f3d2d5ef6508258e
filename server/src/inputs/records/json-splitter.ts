import type { InputFault } from "@tyto/domain";
import { GrowingBuffer } from "../growing-buffer.ts";
import { isBlank } from "./splitter.ts";
import type { RecordSplitter, SplitRecord } from "./splitter.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const LF = 0x0a;
const UTF8_BOM = [0xef, 0xbb, 0xbf];
const EMPTY = new Uint8Array(0);

/** Which values are records: the elements of the outermost list; or the values that stand one after the other. */
export type JsonLayout = "list" | "values";

type State =
  /** Before the list opens. */
  | "before"
  /** Between records. */
  | "between"
  /** In a record that opened with a bracket or a quote. */
  | "value"
  /** In a bare word or number. */
  | "word"
  /** In something that is no JSON value: to the end of the line. */
  | "text"
  /** After the list closed. */
  | "after";

/**
 * Cuts JSON into the exact bytes of its elements without building them: it follows strings and brackets only, so that what is
 * inside an element is judged later, by the decoder. Text where a value should stand becomes a record of its own, line by line.
 */
export class JsonSplitter implements RecordSplitter {
  readonly #layout: JsonLayout;
  readonly #maxBytes: number;
  readonly #held = new GrowingBuffer();
  #state: State;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #start = 0;
  #recordBytes = 0;
  #position = 0;
  #number = 0;
  #hasTextAfter = false;

  constructor(layout: JsonLayout, maxBytes: number) {
    this.#layout = layout;
    this.#maxBytes = maxBytes;
    this.#state = layout === "values" ? "between" : "before";
  }

  /** The stream so far is whole: the list is closed, or no value stands open, and nothing but white space came after. */
  get isComplete(): boolean {
    if (this.#layout === "values") return this.#state === "between";
    return this.#state === "after" && !this.#hasTextAfter;
  }

  push(chunk: Uint8Array): readonly SplitRecord[] {
    const records: SplitRecord[] = [];
    for (let at = 0; at < chunk.length;) at = this.#step(chunk, at, records);
    this.#position += chunk.length;
    return records;
  }

  end(isClean: boolean): readonly SplitRecord[] {
    const records: SplitRecord[] = [];
    if (this.#recordBytes > 0) {
      const isWhole = this.#state === "word" || this.#state === "text";
      this.#emit(EMPTY, isWhole && isClean ? undefined : "truncated-stream", records);
    }
    return records;
  }

  #step(chunk: Uint8Array, at: number, records: SplitRecord[]): number {
    switch (this.#state) {
      case "before": {
        const open = chunk.indexOf(OPEN_LIST, at);
        if (open === -1) return chunk.length;
        this.#state = "between";
        return open + 1;
      }
      case "between":
        return this.#between(chunk[at], at);
      case "value":
        return this.#value(chunk, at, records);
      case "word":
        return this.#until(
          chunk,
          at,
          records,
          (byte) => isBlank(byte) || byte === COMMA || byte === CLOSE_LIST,
        );
      case "text":
        return this.#until(chunk, at, records, (byte) => byte === LF);
      case "after":
        return this.#after(chunk[at], at);
    }
  }

  #between(byte: number | undefined, at: number): number {
    if (isBlank(byte) || byte === COMMA || this.#isByteOrderMark(byte, at)) return at + 1;
    if (byte === CLOSE_LIST && this.#layout !== "values") {
      this.#state = "after";
      return at + 1;
    }
    this.#begin(at);
    const opens = byte === OPEN_OBJECT || byte === OPEN_LIST || (byte === QUOTE && this.#layout !== "values");
    this.#state = opens ? "value" : this.#layout === "values" ? "text" : "word";
    return at;
  }

  #isByteOrderMark(byte: number | undefined, at: number): boolean {
    return byte !== undefined && this.#number === 0 && UTF8_BOM[this.#position + at] === byte;
  }

  /** What follows the list is text that does not belong there. */
  #after(byte: number | undefined, at: number): number {
    if (isBlank(byte)) return at + 1;
    this.#hasTextAfter = true;
    this.#begin(at);
    this.#state = "text";
    return at;
  }

  #begin(at: number): void {
    this.#start = this.#position + at;
    this.#number += 1;
  }

  #value(chunk: Uint8Array, at: number, records: SplitRecord[]): number {
    for (let i = at; i < chunk.length; i += 1) {
      if (this.#closes(chunk[i])) {
        this.#emit(chunk.subarray(at, i + 1), undefined, records);
        this.#state = "between";
        return i + 1;
      }
    }
    this.#hold(chunk.subarray(at));
    return chunk.length;
  }

  #closes(byte: number | undefined): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) {
        this.#isInString = false;
        return this.#depth === 0;
      }
      return false;
    }
    if (byte === QUOTE) this.#isInString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      this.#depth -= 1;
      return this.#depth === 0;
    }
    return false;
  }

  #until(
    chunk: Uint8Array,
    at: number,
    records: SplitRecord[],
    ends: (byte: number | undefined) => boolean,
  ): number {
    let stop = at;
    while (stop < chunk.length && !ends(chunk[stop])) stop += 1;
    if (stop === chunk.length) {
      this.#hold(chunk.subarray(at));
      return stop;
    }
    this.#emit(chunk.subarray(at, stop), undefined, records);
    this.#state = this.#hasTextAfter ? "after" : "between";
    return stop;
  }

  /** Keeps what is within the limit and counts the rest. */
  #hold(part: Uint8Array): void {
    const room = this.#maxBytes - this.#held.length;
    this.#held.append(part.length > room ? part.subarray(0, room) : part);
    this.#recordBytes += part.length;
  }

  #emit(last: Uint8Array, fault: InputFault | undefined, records: SplitRecord[]): void {
    const isOversize = this.#recordBytes + last.length > this.#maxBytes;
    const bytes = this.#held.take(last.subarray(0, this.#maxBytes - this.#held.length));
    const cause = isOversize ? "oversize" : fault;
    records.push({
      bytes,
      offset: this.#start,
      number: this.#number,
      ...(cause === undefined ? {} : { fault: cause }),
    });
    this.#recordBytes = 0;
    this.#depth = 0;
    this.#isInString = false;
  }
}
