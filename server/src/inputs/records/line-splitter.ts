import { HeaderFollower } from "@tyto/domain";
import type { InputFault } from "@tyto/domain";
import { GrowingBuffer } from "../growing-buffer.ts";
import type { RecordSplitter, SplitRecord } from "./splitter.ts";

const LF = 0x0a;
const CR = 0x0d;
const UTF8_BOM = [0xef, 0xbb, 0xbf];
const EMPTY = new Uint8Array(0);

/**
 * One line, one record: LF or CR LF ends it, the last one needs none. Empty lines are no records, but count as lines. Lines that name
 * columns are records too, and are sent along with those that follow.
 */
export class LineSplitter implements RecordSplitter {
  readonly #maxBytes: number;
  readonly #held = new GrowingBuffer();
  readonly #headers = new HeaderFollower((bytes) => Buffer.from(bytes).toString("utf8"));
  /** The first record waits for the second: only that tells whether it names columns. */
  #first: SplitRecord | undefined;
  #hasSecond = false;
  #isSkipping = false;
  #lineStart = 0;
  #position = 0;
  #number = 1;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Uint8Array): readonly SplitRecord[] {
    const records: SplitRecord[] = [];
    for (let at = 0; at < chunk.length;) {
      const lf = chunk.indexOf(LF, at);
      const stop = lf === -1 ? chunk.length : lf;
      if (!this.#isSkipping) this.#take(chunk.subarray(at, stop), lf !== -1, records);
      at = lf === -1 ? stop : lf + 1;
      if (lf !== -1) {
        this.#isSkipping = false;
        this.#number += 1;
        this.#lineStart = this.#position + at;
      }
    }
    this.#position += chunk.length;
    return records;
  }

  end(isClean: boolean): readonly SplitRecord[] {
    const records: SplitRecord[] = [];
    if (!this.#isSkipping)
      this.#emit(this.#held.take(EMPTY), isClean ? undefined : "truncated-stream", records);
    if (this.#first !== undefined) records.push(this.#headed(this.#first, undefined));
    this.#first = undefined;
    return records;
  }

  #take(part: Uint8Array, isWhole: boolean, records: SplitRecord[]): void {
    const room = this.#maxBytes - this.#held.length;
    if (part.length > room) {
      this.#emit(this.#held.take(part.subarray(0, room)), "oversize", records);
      this.#isSkipping = true;
    } else if (isWhole) {
      this.#emit(this.#held.take(part), undefined, records);
    } else {
      this.#held.append(part);
    }
  }

  #emit(line: Uint8Array, fault: InputFault | undefined, records: SplitRecord[]): void {
    const start =
      this.#lineStart === 0 && UTF8_BOM.every((byte, i) => line[i] === byte) ? UTF8_BOM.length : 0;
    const end = fault === undefined && line.at(-1) === CR ? line.length - 1 : line.length;
    if (end <= start) return;
    const record = {
      bytes: line.subarray(start, end),
      offset: this.#lineStart + start,
      number: this.#number,
      ...(fault === undefined ? {} : { fault }),
    };
    if (this.#hasSecond) records.push(this.#headed(record, undefined));
    else if (this.#first === undefined) this.#first = { ...record, bytes: record.bytes.slice() };
    else {
      records.push(this.#headed(this.#first, record.bytes), this.#headed(record, undefined));
      this.#first = undefined;
      this.#hasSecond = true;
    }
  }

  #headed(record: SplitRecord, next: Uint8Array | undefined): SplitRecord {
    const header = this.#headers.after(record.bytes, next);
    return header === undefined ? record : { ...record, header };
  }
}
