import { headerAfter, tableHeader } from "@tyto/domain";
import type { PulledRecord } from "../pull/ports.ts";

const LF = 0x0a;
const CR = 0x0d;
const HASH = 0x23;
const MAX_HEADER_BYTES = 16_384;
const MAX_LINES = 1_000;

export interface CutOptions {
  /** What the file holds from `offset` on, as far as it was read. */
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly isSkipping: boolean;
  readonly header: string | undefined;
  /** A record ends here, whatever follows. */
  readonly cut: number | undefined;
  readonly maxRecordBytes: number;
  /** Whether a line opens a record; absent where each line is one. */
  readonly isStart?: ((line: Uint8Array) => boolean) | undefined;
}

export interface CutOutcome {
  /** Ordinals are offsets in the file. */
  readonly records: readonly PulledRecord[];
  /** Where the next record begins. */
  readonly offset: number;
  readonly isSkipping: boolean;
  readonly header: string | undefined;
  /** The cut that is still ahead. */
  readonly cut: number | undefined;
}

/** Cuts what is there of a growing file into whole records; an incomplete last one stays, for later. Pure. */
export function cutRecords(options: CutOptions): CutOutcome {
  const cutter = new Cutter(options);
  cutter.run();
  return cutter.outcome();
}

class Cutter {
  readonly #options: CutOptions;
  readonly #records: PulledRecord[] = [];
  #at = 0;
  #isSkipping: boolean;
  #header: string | undefined;
  #cutAt: number | undefined;

  constructor(options: CutOptions) {
    this.#options = options;
    this.#isSkipping = options.isSkipping;
    this.#header = options.header;
    this.#cutAt = options.cut === undefined ? undefined : options.cut - options.offset;
  }

  outcome(): CutOutcome {
    const { offset } = this.#options;
    return {
      records: this.#records,
      offset: offset + this.#at,
      isSkipping: this.#isSkipping,
      header: this.#header,
      cut: this.#cutAt === undefined || this.#cutAt <= this.#at ? undefined : offset + this.#cutAt,
    };
  }

  run(): void {
    const { bytes, offset } = this.#options;
    if (this.#isSkipping && !this.#skip()) return;
    if (offset === 0 && this.#at === 0 && this.#isHeaderToCome()) return;
    while (this.#at < bytes.length) {
      const end = this.#end(this.#at);
      if (end === undefined) return;
      this.#emit(this.#at, end);
      this.#at = end;
      if (this.#isSkipping && !this.#skip()) return;
    }
  }

  /** To the end of a line that was too long. @returns whether that is there. */
  #skip(): boolean {
    const { bytes } = this.#options;
    const lf = bytes.indexOf(LF, this.#at);
    this.#at = lf === -1 ? bytes.length : lf + 1;
    this.#isSkipping = lf === -1;
    return lf !== -1;
  }

  /** Where the record that begins at `start` ends, its line end included; undefined when that is not known yet. */
  #end(start: number): number | undefined {
    const { bytes, maxRecordBytes, isStart } = this.#options;
    const cutAt = this.#cutAt === undefined || this.#cutAt <= start ? undefined : this.#cutAt;
    let end = start;
    for (let lines = 0; lines < MAX_LINES; lines += 1) {
      const lf = bytes.indexOf(LF, end);
      const next = lf === -1 ? undefined : lf + 1;
      if (cutAt !== undefined && (next === undefined || next > cutAt)) {
        return bytes.length >= cutAt ? cutAt : undefined;
      }
      const isTooLong = (next ?? bytes.length) - start > maxRecordBytes + 2;
      if (isTooLong && end > start) return end;
      if (isTooLong) {
        this.#isSkipping = true;
        return start + maxRecordBytes;
      }
      if (next === undefined) return undefined;
      if (cutAt === next || isStart === undefined) return next;
      end = next;
      const follower = bytes.indexOf(LF, end);
      // Whether the next line goes on with this record is told by the line as a whole.
      if (follower === -1) return this.#isLongEnough(end) && isStart(bytes.subarray(end)) ? end : undefined;
      if (isStart(bytes.subarray(end, follower))) return end;
    }
    return end;
  }

  /** A partial line that is longer than any pattern looks. */
  #isLongEnough(at: number): boolean {
    return this.#options.bytes.length - at > START_BYTES;
  }

  #emit(start: number, end: number): void {
    const { bytes, offset } = this.#options;
    let stop = end;
    if (bytes[stop - 1] === LF && !this.#isSkipping) stop -= 1;
    if (bytes[stop - 1] === CR && !this.#isSkipping) stop -= 1;
    let begin = start;
    if (offset === 0 && start === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) begin = 3;
    if (stop <= begin) return;
    const record = bytes.subarray(begin, stop);
    this.#follow(record, start, end);
    this.#records.push({
      bytes: record,
      ordinal: offset + start,
      ...(this.#isSkipping ? { fault: "oversize" as const } : {}),
      ...(this.#header === undefined ? {} : { header: this.#header }),
    });
  }

  #follow(record: Uint8Array, start: number, end: number): void {
    if (record.length > MAX_HEADER_BYTES || this.#options.isStart !== undefined) return;
    if (record[0] === HASH) this.#header = headerAfter(this.#header, text(record));
    if (this.#options.offset !== 0 || start !== 0) return;
    const lf = this.#options.bytes.indexOf(LF, end);
    if (lf !== -1)
      this.#header = tableHeader(text(record), text(this.#options.bytes.subarray(end, lf))) ?? this.#header;
  }

  /** A lone first line of names waits for the second: only that tells whether it names columns. */
  #isHeaderToCome(): boolean {
    const { bytes, isStart, cut } = this.#options;
    if (isStart !== undefined || cut !== undefined) return false;
    const lf = bytes.indexOf(LF);
    if (lf === -1 || lf > MAX_HEADER_BYTES || bytes.indexOf(LF, lf + 1) !== -1) return false;
    if (bytes.length - lf > MAX_HEADER_BYTES) return false;
    const first = text(bytes.subarray(0, lf));
    return tableHeader(first, first.replace(/[^,;\t|]+/g, "0")) !== undefined;
  }
}

/** How much of a line is looked at to tell whether it opens a record. */
export const START_BYTES = 4_096;

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}
