import { GrowingBuffer } from "../../growing-buffer.ts";

/** Fields of one entry, in order; a name may come more than once. */
export type JournalEntry = readonly (readonly [name: string, value: Uint8Array])[];

export interface ExportLimits {
  readonly maxEntryBytes: number;
  readonly maxFields: number;
}

/** Bytes that are no journal export, or an entry beyond the limits. */
export class BrokenExport extends Error {}

const LF = 0x0a;
const EQUALS = 0x3d;
/** A field's name has at most 64 characters; binary values follow the name on a line of its own. */
const MAX_NAME = 64;
const NAME = /^[A-Z_][A-Z0-9_]{0,63}$/;
const LENGTH_BYTES = 8;

/**
 * Reads systemd's Journal Export Format as it comes: `NAME=text` lines; or `NAME`, 64 bits of length (little-endian), that many bytes; an empty
 * line ends an entry. Any split of the stream into chunks gives the same entries. Throws `BrokenExport`.
 */
export class ExportReader {
  readonly #limits: ExportLimits;
  readonly #held = new GrowingBuffer();
  #fields: (readonly [string, Uint8Array])[] = [];
  #entryBytes = 0;
  /** How many of the fields are copies already. */
  #owned = 0;
  /** So many bytes must be there before it is worth looking again: a sender of single bytes costs no more. */
  #wanted = 0;
  #waitsForLine = false;

  constructor(limits: ExportLimits) {
    this.#limits = limits;
  }

  /** Entries that the chunk completes. Their values may be views of it. */
  push(chunk: Uint8Array): readonly JournalEntry[] {
    if (this.#held.length + chunk.length < this.#wanted || (this.#waitsForLine && chunk.indexOf(LF) === -1)) {
      this.#hold(chunk);
      return [];
    }
    const bytes = this.#held.take(chunk);
    const entries: JournalEntry[] = [];
    let at = 0;
    for (;;) {
      this.#wanted = 0;
      this.#waitsForLine = false;
      const next = this.#step(bytes, at, entries);
      if (next === undefined) break;
      at = next;
    }
    this.#hold(bytes.subarray(at));
    // The values of an entry that is not whole outlive the chunk.
    for (; this.#owned < this.#fields.length; this.#owned += 1) {
      const [name, value] = this.#fields[this.#owned] ?? ["", new Uint8Array(0)];
      this.#fields[this.#owned] = [name, Uint8Array.from(value)];
    }
    return entries;
  }

  #hold(bytes: Uint8Array): void {
    if (this.#held.length + bytes.length > this.#limits.maxEntryBytes + MAX_NAME + LENGTH_BYTES + 2) {
      throw new BrokenExport("a field is larger than an entry may be");
    }
    this.#held.append(bytes);
  }

  /** The entry that no empty line ended: senders leave it out at the end. */
  end(): readonly JournalEntry[] {
    if (this.#held.length > 0) throw new BrokenExport("the stream ends inside a field");
    const entries: JournalEntry[] = [];
    this.#finish(entries);
    return entries;
  }

  /** One line or one binary field. @returns where the next one begins, `undefined` when it is not whole yet. */
  #step(bytes: Uint8Array, at: number, entries: JournalEntry[]): number | undefined {
    const end = bytes.indexOf(LF, at);
    if (end === -1) {
      this.#waitsForLine = true;
      return undefined;
    }
    if (end === at) {
      this.#finish(entries);
      return end + 1;
    }
    const equals = bytes.subarray(at, Math.min(end, at + MAX_NAME + 1)).indexOf(EQUALS);
    if (equals !== -1) {
      this.#add(nameOf(bytes.subarray(at, at + equals)), bytes.subarray(at + equals + 1, end));
      return end + 1;
    }
    return this.#binary(bytes, at, end);
  }

  #binary(bytes: Uint8Array, at: number, end: number): number | undefined {
    const name = nameOf(bytes.subarray(at, end));
    const start = end + 1 + LENGTH_BYTES;
    if (start > bytes.length) return this.#waitFor(start - at);
    const length = new DataView(bytes.buffer, bytes.byteOffset + end + 1, LENGTH_BYTES).getBigUint64(0, true);
    if (length > BigInt(this.#limits.maxEntryBytes))
      throw new BrokenExport("a field is larger than an entry may be");
    const stop = start + Number(length);
    if (stop + 1 > bytes.length) return this.#waitFor(stop + 1 - at);
    if (bytes[stop] !== LF) throw new BrokenExport("a binary field has not the length that it says");
    this.#add(name, bytes.subarray(start, stop));
    return stop + 1;
  }

  #waitFor(bytes: number): undefined {
    this.#wanted = bytes;
    return undefined;
  }

  #add(name: string, value: Uint8Array): void {
    this.#entryBytes += name.length + value.length;
    this.#fields.push([name, value]);
    if (this.#entryBytes > this.#limits.maxEntryBytes || this.#fields.length > this.#limits.maxFields) {
      throw new BrokenExport("an entry is larger than the limit");
    }
  }

  #finish(entries: JournalEntry[]): void {
    if (this.#fields.length > 0) entries.push(this.#fields);
    this.#fields = [];
    this.#entryBytes = 0;
    this.#owned = 0;
  }
}

function nameOf(bytes: Uint8Array): string {
  const name = Buffer.from(bytes.subarray(0, MAX_NAME + 1)).toString("latin1");
  if (!NAME.test(name)) throw new BrokenExport("a field's name is none");
  return name;
}
