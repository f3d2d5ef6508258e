import { crc32 } from "node:zlib";
import type { Diagnostic, EventFields, Micros } from "@tyto/domain";
import { standsAt, u16, u32 } from "./bytes.ts";
import { Chunk, CHUNK_BYTES, CHUNK_HEADER_BYTES } from "./chunk.ts";
import { EventFieldsForm } from "./event-fields.ts";
import { EventXmlForm } from "./event-xml.ts";

const HEADER_BYTES = 4_096;
const RECORD_HEADER_BYTES = 24;
const MIN_RECORD_BYTES = RECORD_HEADER_BYTES + 4;
const RECORD_MAGIC = Buffer.from("**\0\0", "latin1");
const BLANK = Buffer.alloc(CHUNK_BYTES);
/** What is wrong with a file is said this often; the rest is counted. */
const MAX_DIAGNOSTICS = 100;

export interface EvtxRecord<Content> {
  /** Windows' own number of the record. */
  readonly id: number;
  /** Of its first byte in the file: the same whenever the file is read. */
  readonly offset: number;
  /** When it was written to the file. */
  readonly writtenAt: Micros;
  readonly content: Content;
}

/** What is made of each event. `read` says so in the chunk's `problem` when it could not. */
interface RecordForm<Content> {
  read(at: number, limit: number): Content;
}

/** Events under Sigma's names. */
export function evtxFieldsReader(file: string): EvtxReader<EventFields> {
  return new EvtxReader(file, (chunk) => new EventFieldsForm(chunk));
}

/** Events as XML text, as Windows renders it. */
export function evtxXmlReader(file: string): EvtxReader<string> {
  return new EvtxReader(file, (chunk) => new EventXmlForm(chunk));
}

/** Whether a file that begins so is a Windows event log. Eight bytes are enough. */
export function isEvtx(head: Uint8Array): boolean {
  return standsAt(head, 0, "ElfFile\0");
}

/**
 * Reads a Windows event log file, given in pieces of any size, and keeps one chunk of it. What is damaged is named and left out, and
 * reading goes on behind it. How many chunks the file's header promises is not asked: files that were copied from a running
 * system hold more.
 */
export class EvtxReader<Content> {
  /** What is wrong, with the chunk, the record and the place in the file. */
  readonly diagnostics: Diagnostic[] = [];
  /** Problems beyond those that `diagnostics` holds. */
  unnamed = 0;
  readonly #file: string;
  readonly #chunk = new Chunk();
  readonly #form: RecordForm<Content>;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #state: "header" | "chunks" | "refused" = "header";
  #filled = 0;
  #chunks = 0;
  #chunkOffset = HEADER_BYTES;

  constructor(file: string, formOf: (chunk: Chunk) => RecordForm<Content>) {
    this.#file = file;
    this.#form = formOf(this.#chunk);
  }

  push(part: Uint8Array): readonly EvtxRecord<Content>[] {
    const records: EvtxRecord<Content>[] = [];
    for (let at = 0; at < part.length && this.#state !== "refused";) {
      const target = this.#state === "header" ? this.#header : this.#chunk.bytes;
      const taken = Math.min(part.length - at, target.length - this.#filled);
      target.set(part.subarray(at, at + taken), this.#filled);
      at += taken;
      this.#filled += taken;
      if (this.#filled < target.length) continue;
      this.#filled = 0;
      if (this.#state === "header") this.#readHeader();
      else this.#readChunk(CHUNK_BYTES, records);
    }
    return records;
  }

  /** What a last, incomplete chunk still holds. */
  end(): readonly EvtxRecord<Content>[] {
    const records: EvtxRecord<Content>[] = [];
    const filled = this.#filled;
    this.#filled = 0;
    if (this.#state === "header") {
      const what = isEvtx(this.#header) && filled >= 8 ? "the file ends within its header" : NOT_EVTX;
      this.#say("error", "evtx-header", what);
    } else if (this.#state === "chunks") {
      if (filled > 0) {
        const place = `chunk ${this.#chunks}, at byte ${this.#chunkOffset}`;
        this.#say(
          "error",
          "evtx-truncated",
          `${place}: the file ends ${CHUNK_BYTES - filled} bytes too early`,
        );
        this.#chunk.bytes.fill(0, filled);
        this.#readChunk(filled, records);
      }
      const promised = u16(this.#header, 42);
      if (promised > this.#chunks) {
        const message = `the file ends after ${this.#chunks} of ${promised} chunks`;
        this.#say("error", "evtx-truncated", message);
      }
    }
    return records;
  }

  #readHeader(): void {
    if (!isEvtx(this.#header)) {
      this.#say("error", "evtx-header", NOT_EVTX);
      this.#state = "refused";
      return;
    }
    if (crc32(this.#header.subarray(0, 120)) !== u32(this.#header, 124))
      this.#say("warning", "evtx-checksum", "the checksum of the file's header is wrong");
    this.#state = "chunks";
  }

  #readChunk(end: number, records: EvtxRecord<Content>[]): void {
    const chunk = this.#chunk;
    chunk.open();
    const place = `chunk ${this.#chunks}, at byte ${this.#chunkOffset}`;
    if (chunk.hasMagic) {
      const damage = end === CHUNK_BYTES ? chunk.damage : "";
      if (damage !== "")
        this.#say("warning", "evtx-checksum", `${place}: the checksum of ${damage} is wrong`);
      this.#readRecords(Math.min(chunk.freeSpace, end), end, records);
    } else if (!isBlank(chunk.bytes)) {
      this.#say(
        "error",
        "evtx-chunk",
        `${place}: this is no beginning of a chunk; looking for records in it`,
      );
      this.#readRecords(end, end, records);
    }
    this.#chunks += 1;
    this.#chunkOffset += CHUNK_BYTES;
  }

  /** @param free where records end by the header; those that go on behind it with the next number were written later */
  #readRecords(free: number, end: number, records: EvtxRecord<Content>[]): void {
    const { bytes } = this.#chunk;
    let lastId = Number.NaN;
    for (let at = CHUNK_HEADER_BYTES; at + MIN_RECORD_BYTES <= end;) {
      const size = sizeOfRecord(bytes, at, end);
      if (size > 0) {
        const id = u32(bytes, at + 8) + u32(bytes, at + 12) * 4_294_967_296;
        if (at >= free && id !== lastId + 1) return;
        this.#readRecord({ at, size, id }, records);
        lastId = id;
        at += size;
        continue;
      }
      if (at >= free) return;
      const next = bytes.indexOf(RECORD_MAGIC, at + 1);
      const stop = next < 0 || next >= free ? free : next;
      if (!isBlank(bytes.subarray(at, stop))) this.#broken(at, undefined, "no record can be read here");
      if (stop === free) return;
      at = stop;
    }
  }

  #readRecord(
    record: { readonly at: number; readonly size: number; readonly id: number },
    records: EvtxRecord<Content>[],
  ): void {
    const { at, size, id } = record;
    const chunk = this.#chunk;
    chunk.beginRecord();
    const content = this.#form.read(at + RECORD_HEADER_BYTES, at + size - 4);
    if (chunk.problem !== "") {
      this.#broken(at, id, chunk.problem);
      return;
    }
    records.push({
      id,
      offset: this.#chunkOffset + at,
      writtenAt: chunk.values.times.micros(u32(chunk.bytes, at + 16), u32(chunk.bytes, at + 20)),
      content,
    });
  }

  #broken(at: number, id: number | undefined, problem: string): void {
    const record = id === undefined ? "" : `record ${id}, `;
    const place = `chunk ${this.#chunks}, ${record}at byte ${this.#chunkOffset + at}`;
    this.#say("error", "evtx-record", `${place}: ${problem}`);
  }

  #say(severity: Diagnostic["severity"], code: string, message: string): void {
    if (this.diagnostics.length >= MAX_DIAGNOSTICS) {
      this.unnamed += 1;
      return;
    }
    this.diagnostics.push({ severity, code, message, at: { file: this.#file } });
  }
}

const NOT_EVTX = "this is no Windows event log: it does not begin with ElfFile";

/** 0 when no whole record stands there. Its length is written at both ends; where they differ, what follows must be a record. */
function sizeOfRecord(bytes: Uint8Array, at: number, end: number): number {
  if (u32(bytes, at) !== 0x2a2a) return 0;
  const size = u32(bytes, at + 4);
  if (size < MIN_RECORD_BYTES || at + size > end) return 0;
  const isSure = u32(bytes, at + size - 4) === size || u32(bytes, at + size) === 0x2a2a;
  return isSure ? size : 0;
}

/** No more than a chunk. Windows makes files large at once: most of a young log is blank. */
function isBlank(bytes: Uint8Array): boolean {
  return BLANK.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}
