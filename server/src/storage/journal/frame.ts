import { crc32c } from "./crc32c.ts";
import { SEAL_BYTES } from "./frame-seal.ts";
import type { FrameSealer } from "./frame-seal.ts";
import type {
  InputFault,
  Lane,
  MaskedCounts,
  Micros,
  OriginId,
  RawBatch,
  RawRecord,
  SourceId,
  SourcePriority,
} from "@tyto/domain";
import { assertNever, invariant, laneOf, sequence } from "@tyto/domain";

/*
 * A frame holds one batch. Little-endian:
 *
 *    0  u32  magic
 *    4  u32  CRC-32C of everything from byte 8 to the end of the body
 *    8  u32  body length in bytes
 *   12  u32  number of records; 0 = a mark
 *   16  u64  sequence of the first record
 *   24  body, then zeros up to a multiple of 8
 *
 * The body: source, f64 receivedAt, u8 flags, then pack, peer, fault, header, masked and origin where the flags say so (each text a u32
 * length and UTF-8), f64 ordinals where there is an origin, u32 length of each record, and the records' bytes one after the other. The
 * priority is in the flags: what lane a record is in is settled when it is acknowledged.
 *
 * A mark has no body. It opens each commit and says: everything before my sequence was durable when I was written. That is how
 * a reader tells a torn tail (never acknowledged) from damage to what had been acknowledged. The checksum is salted with random
 * bits that no sender knows, so that bytes inside a record cannot pass for a mark.
 */
const MAGIC = 0x31467954;
export const MAGIC_BYTES = Buffer.from([0x54, 0x79, 0x46, 0x31]);
export const FRAME_HEADER_BYTES = 24;
/** Every frame begins at a multiple of this. */
export const FRAME_ALIGNMENT = 8;
/** @alias A mark is a header and nothing else. */
export const MARK_BYTES = FRAME_HEADER_BYTES;

const FLAG_PACK = 1;
const FLAG_PEER = 2;
const FLAG_FAULT = 4;
const FLAG_OBJECT = 8;
const FLAG_HEADER = 16;
const FLAG_HIGH = 32;
const FLAG_LOW = 64;
const FLAG_MASKED = 128;
const TWO_POW_32 = 0x1_0000_0000;

export interface FrameSpan {
  readonly first: number;
  readonly count: number;
}

export interface FrameHeader extends FrameSpan {
  /** Header and body; the next frame begins at the next multiple of 8. */
  readonly bytes: number;
}

/** Bytes that a frame occupies, padding included. */
export function alignedBytes(frameBytes: number): number {
  return Math.ceil(frameBytes / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
}

function textBytes(text: string | undefined): number {
  return text === undefined ? 0 : 4 + Buffer.byteLength(text);
}

/** Bytes that the batch's frame will occupy, padding included. */
export function frameSize(batch: RawBatch): number {
  let bytes = FRAME_HEADER_BYTES + textBytes(batch.source) + 8 + 1;
  bytes += textBytes(batch.pack) + textBytes(batch.peer) + textBytes(batch.fault) + textBytes(batch.header);
  bytes += textBytes(maskedText(batch));
  if (batch.identity.kind === "object") {
    // Else the frame would run over its neighbour's bytes.
    invariant(batch.identity.ordinals.length === batch.records.length, "one ordinal for each record");
    bytes += textBytes(batch.identity.origin) + 8 * batch.records.length;
  }
  for (const record of batch.records) bytes += 4 + record.length;
  return alignedBytes(bytes);
}

function maskedText({ masked }: RawBatch): string | undefined {
  return masked === undefined ? undefined : JSON.stringify(masked);
}

function priorityFlag(priority: SourcePriority | undefined): number {
  switch (priority) {
    case undefined:
    case "normal":
      return 0;
    case "high":
      return FLAG_HIGH;
    case "low":
      return FLAG_LOW;
    default:
      return assertNever(priority);
  }
}

/** Where a frame stands or will stand, and the salt of its checksum. */
export interface FramePlace {
  readonly target: Buffer;
  readonly start: number;
  readonly salt: number;
}

/** Writes the batch's frame into `target` at `start`, where `frameSize(batch)` bytes must be free. */
export function encodeFrame(batch: RawBatch, first: number, place: FramePlace): void {
  const { target, start } = place;
  const { records, identity } = batch;
  const masked = maskedText(batch);
  let at = writeText(batch.source, target, start + FRAME_HEADER_BYTES);
  at = target.writeDoubleLE(batch.receivedAt, at);
  at = target.writeUInt8(
    (batch.pack === undefined ? 0 : FLAG_PACK) |
      (batch.peer === undefined ? 0 : FLAG_PEER) |
      (batch.fault === undefined ? 0 : FLAG_FAULT) |
      (batch.header === undefined ? 0 : FLAG_HEADER) |
      (identity.kind === "object" ? FLAG_OBJECT : 0) |
      (masked === undefined ? 0 : FLAG_MASKED) |
      priorityFlag(batch.priority),
    at,
  );
  if (batch.pack !== undefined) at = writeText(batch.pack, target, at);
  if (batch.peer !== undefined) at = writeText(batch.peer, target, at);
  if (batch.fault !== undefined) at = writeText(batch.fault, target, at);
  if (batch.header !== undefined) at = writeText(batch.header, target, at);
  if (masked !== undefined) at = writeText(masked, target, at);
  if (identity.kind === "object") {
    at = writeText(identity.origin, target, at);
    for (const ordinal of identity.ordinals) at = target.writeDoubleLE(ordinal, at);
  }
  for (const record of records) at = target.writeUInt32LE(record.length, at);
  for (const record of records) {
    target.set(record, at);
    at += record.length;
  }
  closeFrame({ first, count: records.length, bytes: at - start }, place);
  for (const end = start + alignedBytes(at - start); at < end; at += 1) target[at] = 0;
}

/** A mark that says: everything before `next` is durable. */
export function encodeMark(next: number, salt: number): Buffer {
  const target = Buffer.alloc(MARK_BYTES);
  closeFrame({ first: next, count: 0, bytes: FRAME_HEADER_BYTES }, { target, start: 0, salt });
  return target;
}

/** Writes the header of a frame whose body is in place, its checksum over both. */
function closeFrame(header: FrameHeader, { target, start, salt }: FramePlace): void {
  writeHeader(header, target, start);
  target.writeUInt32LE(crc32c(target, start + 8, start + header.bytes, salt), start + 4);
}

function writeHeader(header: FrameHeader, target: Buffer, start: number): void {
  target.writeUInt32LE(MAGIC, start);
  target.writeUInt32LE(header.bytes - FRAME_HEADER_BYTES, start + 8);
  target.writeUInt32LE(header.count, start + 12);
  target.writeUInt32LE(header.first % TWO_POW_32, start + 16);
  target.writeUInt32LE(Math.floor(header.first / TWO_POW_32), start + 20);
}

/** Writes into `place` the encrypted form of the frame at `start` of `plain`: what `sealedSize` says must be free there. */
export function encodeSealed(plain: Buffer, start: number, sealer: FrameSealer, place: FramePlace): void {
  const header = peekFrame(plain, start);
  invariant(header !== undefined, "a frame that was just made has a header");
  const sealed = { ...header, bytes: header.bytes + SEAL_BYTES };
  // First: what it says is authenticated with the body.
  writeHeader(sealed, place.target, place.start);
  sealer.seal(plain.subarray(start + FRAME_HEADER_BYTES, start + header.bytes), place.target, place.start);
  closeFrame(sealed, place);
  const end = place.start + alignedBytes(sealed.bytes);
  place.target.fill(0, place.start + sealed.bytes, end);
}

/** The frame at `start` of `source`, which a scan has opened, as it stands in a plain segment: with header, checksum and padding. */
export function plainFrame(
  header: FrameSpan,
  bodyEnd: number,
  { target: source, start, salt }: FramePlace,
): Buffer {
  const bytes = bodyEnd - start;
  const target = Buffer.alloc(alignedBytes(bytes));
  source.copy(target, FRAME_HEADER_BYTES, start + FRAME_HEADER_BYTES, bodyEnd);
  closeFrame({ ...header, bytes }, { target, start: 0, salt });
  return target;
}

function writeText(text: string, target: Buffer, at: number): number {
  const bytes = target.write(text, at + 4, "utf8");
  target.writeUInt32LE(bytes, at);
  return at + 4 + bytes;
}

/** What the header at `start` claims, unchecked; `undefined` when no frame can begin there or the header is cut short. */
export function peekFrame(source: Buffer, start: number): FrameHeader | undefined {
  if (start + FRAME_HEADER_BYTES > source.length || source.readUInt32LE(start) !== MAGIC) return undefined;
  return {
    first: source.readUInt32LE(start + 16) + source.readUInt32LE(start + 20) * TWO_POW_32,
    count: source.readUInt32LE(start + 12),
    bytes: FRAME_HEADER_BYTES + source.readUInt32LE(start + 8),
  };
}

/** Whether the frame that `header` claims at `start` is whole and unchanged. */
export function isIntact(header: FrameHeader, { target, start, salt }: FramePlace): boolean {
  const end = start + header.bytes;
  return end <= target.length && target.readUInt32LE(start + 4) === crc32c(target, start + 8, end, salt);
}

export interface ReadLimits {
  readonly records: number;
  readonly bytes: number;
}

/** Records that a read has found so far, with what its limits leave. */
export class RecordCollector {
  readonly records: RawRecord[] = [];
  /** The first sequence that was not looked at. */
  next: number;
  readonly #limits: ReadLimits;
  readonly #journal: OriginId;
  readonly #from: number;
  readonly #lane: Lane | undefined;
  #bytes = 0;

  /** @param lane the only one whose records are wanted; all when absent. */
  constructor(journal: OriginId, from: number, limits: ReadLimits, lane?: Lane) {
    this.#journal = journal;
    this.#from = from;
    this.#limits = limits;
    this.#lane = lane;
    this.next = from;
  }

  /** Adds what the limits allow from an intact frame. Answers false when the read is done. Bytes are views. */
  take(header: FrameSpan, source: Buffer, start: number): boolean {
    const batch = readBatchHeader(header, source, start);
    if (this.#lane !== undefined && batch.lane !== this.#lane) {
      this.next = header.first + header.count;
      return true;
    }
    let at = batch.bytesAt;
    for (let index = 0; index < header.count; index += 1) {
      const length = source.readUInt32LE(batch.lengthsAt + 4 * index);
      const number = header.first + index;
      if (number >= this.#from) {
        if (!this.#hasRoom(length)) return false;
        this.#bytes += length;
        this.records.push({
          ...batch.shared,
          sequence: sequence(number),
          origin: batch.origin ?? this.#journal,
          ordinal: batch.origin === undefined ? number : source.readDoubleLE(batch.ordinalsAt + 8 * index),
          ...(batch.masked === undefined || index > 0 ? {} : { masked: batch.masked }),
          bytes: source.subarray(at, at + length),
        });
        this.next = number + 1;
      }
      at += length;
    }
    return this.#hasRoom(0);
  }

  #hasRoom(length: number): boolean {
    if (this.records.length === 0) return true;
    return this.records.length < this.#limits.records && this.#bytes + length <= this.#limits.bytes;
  }
}

type SharedFields = Pick<
  RawRecord,
  "source" | "receivedAt" | "pack" | "peer" | "fault" | "header" | "priority"
>;

interface BatchHeader {
  readonly shared: SharedFields;
  readonly lane: Lane;
  readonly masked: MaskedCounts | undefined;
  /** Absent: the journal's own. */
  readonly origin: OriginId | undefined;
  readonly ordinalsAt: number;
  readonly lengthsAt: number;
  readonly bytesAt: number;
}

/** The CRC vouches for the bytes, so brands are given without a second look. */
function readBatchHeader(header: FrameSpan, source: Buffer, start: number): BatchHeader {
  let at = start + FRAME_HEADER_BYTES;
  const text = (): string => {
    const from = at + 4;
    at = from + source.readUInt32LE(at);
    return source.toString("utf8", from, at);
  };
  const sourceId = text() as SourceId;
  const receivedAt = source.readDoubleLE(at) as Micros;
  const flags = source.readUInt8(at + 8);
  at += 9;
  const priority: SourcePriority =
    (flags & FLAG_HIGH) !== 0 ? "high" : (flags & FLAG_LOW) !== 0 ? "low" : "normal";
  const shared = {
    source: sourceId,
    receivedAt,
    ...((flags & FLAG_PACK) === 0 ? {} : { pack: text() }),
    ...((flags & FLAG_PEER) === 0 ? {} : { peer: text() }),
    ...((flags & FLAG_FAULT) === 0 ? {} : { fault: text() as InputFault }),
    ...((flags & FLAG_HEADER) === 0 ? {} : { header: text() }),
    ...((flags & (FLAG_HIGH | FLAG_LOW)) === 0 ? {} : { priority }),
  };
  const masked = (flags & FLAG_MASKED) === 0 ? undefined : (JSON.parse(text()) as MaskedCounts);
  const origin = (flags & FLAG_OBJECT) === 0 ? undefined : (text() as OriginId);
  const lengthsAt = at + (origin === undefined ? 0 : 8 * header.count);
  const lane = laneOf(priority, sourceId);
  return { shared, lane, masked, origin, ordinalsAt: at, lengthsAt, bytesAt: lengthsAt + 4 * header.count };
}
