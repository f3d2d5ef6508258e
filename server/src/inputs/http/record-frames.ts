import { INPUT_FAULTS, TytoError } from "@tyto/domain";
import type { InputFault } from "@tyto/domain";
import { checkRecords } from "./record-limits.ts";
import type { RecordLimits } from "./record-limits.ts";

/**
 * The body in which `tyto import` sends records with their places in a file: one after the other
 * `length (u32), fault (u8: 0 none, else place in INPUT_FAULTS from 1), ordinal (u64), bytes`, big-endian.
 */
export const RECORD_FRAMES_TYPE = "application/vnd.tyto.records";
/** SHA-256 of the file's content after decompression. */
export const OBJECT_HEADER = "x-tyto-object";
/** The file's name, percent-encoded. */
export const FILE_HEADER = "x-tyto-file";

/** Lines of the file that name the columns of these records, percent-encoded. */
export const COLUMNS_HEADER = "x-tyto-columns";

export const FRAME_HEADER_BYTES = 13;

export interface FramedRecord {
  readonly ordinal: number;
  readonly bytes: Uint8Array;
  readonly fault?: InputFault;
}

export function encodeRecordFrames(records: readonly FramedRecord[]): Uint8Array {
  const size = records.reduce((sum, record) => sum + FRAME_HEADER_BYTES + record.bytes.length, 0);
  const body = Buffer.allocUnsafe(size);
  let at = 0;
  for (const { ordinal, bytes, fault } of records) {
    at = body.writeUInt32BE(bytes.length, at);
    at = body.writeUInt8(fault === undefined ? 0 : INPUT_FAULTS.indexOf(fault) + 1, at);
    at = body.writeBigUInt64BE(BigInt(ordinal), at);
    body.set(bytes, at);
    at += bytes.length;
  }
  return body;
}

/** Records are views of the body. @throws TytoError `bad-request` when it is cut or its ordinals do not ascend, `too-large`. */
export function decodeRecordFrames(body: Uint8Array, limits: RecordLimits): readonly FramedRecord[] {
  const view = Buffer.from(body.buffer, body.byteOffset, body.length);
  const records: FramedRecord[] = [];
  let last = -1;
  for (let at = 0; at < view.length;) {
    if (at + FRAME_HEADER_BYTES > view.length) throw broken(at, "is cut off");
    const length = view.readUInt32BE(at);
    const code = view.readUInt8(at + 4);
    const ordinal = Number(view.readBigUInt64BE(at + 5));
    const start = at + FRAME_HEADER_BYTES;
    if (start + length > view.length) throw broken(at, "is cut off");
    if (!Number.isSafeInteger(ordinal) || ordinal <= last)
      throw broken(at, "has an ordinal that does not ascend");
    const fault = code === 0 ? undefined : INPUT_FAULTS[code - 1];
    if (code !== 0 && fault === undefined) throw broken(at, "has an unknown fault");
    records.push({
      ordinal,
      bytes: view.subarray(start, start + length),
      ...(fault === undefined ? {} : { fault }),
    });
    checkRecords(records.length, limits);
    last = ordinal;
    at = start + length;
  }
  return records;
}

function broken(at: number, what: string): TytoError {
  return new TytoError(
    "bad-request",
    `the record frame at byte ${at} ${what}; nothing of the batch was accepted`,
  );
}
