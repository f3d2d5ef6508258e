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
const EMPTY = new Uint8Array(0);
/** What stands before the list is said once for all of its records, and travels with them. */
const MAX_CONTEXT_BYTES = 16_384;

/** Keys whose list holds records, by what else must stand before it. `null`: it is the first key. */
const RECORD_LISTS: ReadonlyMap<string, readonly string[] | null> = new Map([
  // AWS: CloudTrail's files, notifications.
  ["Records", null],
  // Azure: Event Hubs and diagnostic settings. AWS: Firehose (behind requestId).
  ["records", null],
  // AWS: CloudWatch Logs subscriptions.
  ["logEvents", ["messageType"]],
  // Microsoft Graph.
  ["value", ["@odata.context"]],
  // Google's reports, lists of Kubernetes.
  ["items", ["kind"]],
]);
const FIRST_OR_BEHIND: ReadonlyMap<string, string> = new Map([["records", "requestId"]]);

type State =
  /** Outside of an object. */
  | "outside"
  /** In an object, before or beside its list: kept, in case it has none. */
  | "object"
  /** In the list, between records. */
  | "list"
  /** In a record. */
  | "record"
  /** Behind the list, until the object closes. */
  | "rest"
  /** In something that is no object: to the end of the line. */
  | "text";

/**
 * Cuts well-known envelopes (`{"records": [...]}`), one after the other with or without line ends between, into the exact bytes of their
 * records. Text before the list is the records' header, as a JSON object. An object that turns out to be no envelope is a record.
 */
export class EnvelopeSplitter implements RecordSplitter {
  readonly #maxBytes: number;
  readonly #held = new GrowingBuffer();
  #state: State = "outside";
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #position = 0;
  #start = 0;
  #number = 0;
  /** Bytes of what is open, in earlier chunks; those of this chunk begin at `#mark`. */
  #bytes = 0;
  #chunk: Uint8Array = EMPTY;
  #mark = 0;
  #header: string | undefined;
  #hasOpened = false;
  /** Of the text read last at the object's own level: a key, when a colon and a bracket follow. */
  #key = "";
  #keyBytes: number[] = [];
  #keys: string[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether the first object is an envelope: its list stands open, or has closed. */
  get hasOpened(): boolean {
    return this.#hasOpened;
  }

  /** No envelope stands open. */
  get isComplete(): boolean {
    return this.#state === "outside" || this.#state === "text";
  }

  push(chunk: Uint8Array): readonly SplitRecord[] {
    const records: SplitRecord[] = [];
    this.#chunk = chunk;
    this.#mark = 0;
    for (let at = 0; at < chunk.length; at += 1) this.#take(chunk[at] ?? 0, at, records);
    if (this.#isHolding) this.#hold(chunk.length);
    this.#position += chunk.length;
    this.#chunk = EMPTY;
    this.#mark = 0;
    return records;
  }

  end(isClean: boolean): readonly SplitRecord[] {
    const records: SplitRecord[] = [];
    if (this.#isHolding)
      this.#emit(records, 0, this.#state === "text" && isClean ? undefined : "truncated-stream");
    return records;
  }

  get #isHolding(): boolean {
    return this.#state === "record" || this.#state === "object" || this.#state === "text";
  }

  #take(byte: number, at: number, records: SplitRecord[]): void {
    switch (this.#state) {
      case "outside":
        if (isBlank(byte) || byte === COMMA) return;
        this.#begin(at);
        this.#state = byte === OPEN_OBJECT ? "object" : "text";
        this.#keys = [];
        this.#key = "";
        this.#header = undefined;
        this.#depth = byte === OPEN_OBJECT ? 1 : 0;
        return;
      case "text":
        if (byte !== LF) return;
        this.#emit(records, at, undefined);
        this.#state = "outside";
        return;
      case "object":
        return this.#inObject(byte, at, records);
      case "list":
        if (isBlank(byte) || byte === COMMA) return;
        if (byte === CLOSE_LIST) {
          this.#state = "rest";
          this.#depth = 1;
          return;
        }
        this.#begin(at);
        this.#state = "record";
        this.#depth = 0;
        return this.#inRecord(byte, at, records);
      case "record":
        return this.#inRecord(byte, at, records);
      case "rest":
        this.#follow(byte);
        if (this.#depth === 0) this.#state = "outside";
    }
  }

  #inObject(byte: number, at: number, records: SplitRecord[]): void {
    const wasInString = this.#isInString;
    this.#follow(byte);
    if (this.#depth === 1 && wasInString && this.#isInString) this.#keyBytes.push(byte);
    else if (this.#depth === 1 && wasInString) this.#key = Buffer.from(this.#keyBytes).toString("latin1");
    else if (this.#isInString) this.#keyBytes = [];
    else if (byte === 0x3a && this.#depth === 1) this.#keys.push(this.#key);
    else if (byte === OPEN_LIST && this.#depth === 2 && this.#opensRecords(at + 1)) {
      this.#hold(at + 1);
      this.#header = this.#context();
      this.#held.take(EMPTY);
      this.#bytes = 0;
      this.#state = "list";
      // The envelope is no record.
      this.#number -= 1;
      if (this.#number === 0) this.#hasOpened = true;
    } else if (this.#depth === 0) {
      this.#emit(records, at + 1, undefined);
      this.#state = "outside";
    }
    if (this.#keyBytes.length > 128) this.#keyBytes.length = 0;
  }

  /** Whether the bracket that just opened is the value of a key that holds records. */
  #opensRecords(end: number): boolean {
    const key = this.#keys.at(-1) ?? "";
    const needed = RECORD_LISTS.get(key);
    if (needed === undefined || this.#bytes + end - this.#mark > this.#maxBytes) return false;
    if (needed !== null) return needed.every((name) => this.#keys.includes(name));
    const behind = FIRST_OR_BEHIND.get(key);
    return this.#keys.length === 1 || (behind !== undefined && this.#keys.includes(behind));
  }

  /** The keys before the list as an object of their own; `undefined` where there are none. */
  #context(): string | undefined {
    if (this.#keys.length < 2 || this.#bytes > MAX_CONTEXT_BYTES) return undefined;
    const held = this.#held.take(EMPTY);
    const text = Buffer.from(held).toString("utf8");
    const comma = text.lastIndexOf(",", text.lastIndexOf(`"${this.#keys.at(-1) ?? ""}"`));
    return comma < 0 ? undefined : `${text.slice(0, comma)}}`;
  }

  #inRecord(byte: number, at: number, records: SplitRecord[]): void {
    const isBare = this.#depth === 0 && !this.#isInString && at > this.#startInChunk;
    if (isBare && (byte === COMMA || byte === CLOSE_LIST || isBlank(byte))) {
      this.#emit(records, at, undefined);
      this.#state = byte === CLOSE_LIST ? "rest" : "list";
      this.#depth = byte === CLOSE_LIST ? 1 : 0;
      return;
    }
    const wasInString = this.#isInString;
    this.#follow(byte);
    const isClosed = byte === CLOSE_OBJECT || byte === CLOSE_LIST || (wasInString && !this.#isInString);
    if (isClosed && this.#depth === 0 && !this.#isInString) {
      this.#emit(records, at + 1, undefined);
      this.#state = "list";
    }
  }

  #follow(byte: number): void {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) this.#isInString = false;
    } else if (byte === QUOTE) this.#isInString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#depth -= 1;
  }

  #begin(at: number): void {
    this.#mark = at;
    this.#start = this.#position + at;
    this.#number += 1;
  }

  /** Where the open record begins, seen from this chunk: before 0 when an earlier chunk brought it. */
  get #startInChunk(): number {
    return this.#start - this.#position;
  }

  /** Keeps what is within the limit and counts the rest. */
  #hold(end: number): void {
    const part = this.#chunk.subarray(this.#mark, end);
    const room = Math.max(0, this.#maxBytes - this.#held.length);
    this.#held.append(part.length > room ? part.subarray(0, room) : part);
    this.#bytes += part.length;
    this.#mark = end;
  }

  #emit(records: SplitRecord[], end: number, fault: SplitRecord["fault"]): void {
    const last = this.#chunk.subarray(this.#mark, end);
    const cause = this.#bytes + last.length > this.#maxBytes ? "oversize" : fault;
    records.push({
      bytes: this.#held.take(last.subarray(0, Math.max(0, this.#maxBytes - this.#held.length))),
      offset: this.#start,
      number: this.#number,
      ...(cause === undefined ? {} : { fault: cause }),
      ...(this.#header === undefined ? {} : { header: this.#header }),
    });
    this.#bytes = 0;
    this.#depth = 0;
    this.#isInString = false;
    this.#isEscaped = false;
  }
}
