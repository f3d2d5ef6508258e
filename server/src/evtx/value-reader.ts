import type { FieldValue } from "@tyto/domain";
import { u16, u32 } from "./bytes.ts";
import { FileTimes, twoDigits } from "./file-time.ts";

/** Value types of binary XML, by the format's numbers. */
export const VALUE_TYPE = {
  null: 0x00,
  string: 0x01,
  ansi: 0x02,
  int8: 0x03,
  uint8: 0x04,
  int16: 0x05,
  uint16: 0x06,
  int32: 0x07,
  uint32: 0x08,
  int64: 0x09,
  uint64: 0x0a,
  real32: 0x0b,
  real64: 0x0c,
  boolean: 0x0d,
  binary: 0x0e,
  guid: 0x0f,
  size: 0x10,
  fileTime: 0x11,
  systemTime: 0x12,
  sid: 0x13,
  hex32: 0x14,
  hex64: 0x15,
  handle: 0x20,
  xml: 0x21,
  xmlText: 0x23,
} as const;

const IS_LIST = 0x80;

/** Bytes of one value; 0 where that varies. */
const WIDTHS: readonly number[] = [0, 0, 0, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 4, 0, 16, 0, 8, 16, 0, 4, 8];
/** Where the bytes of a GUID stand in its text; -1 is a dash. */
const GUID_ORDER = [3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15] as const;
const HEX_DIGITS = Uint8Array.from(Buffer.from("0123456789abcdef"));
const MAX_SID_PARTS = 15;

/** Makes plain values of a chunk's bytes. Holds scratch space, so that a value costs one string and nothing else. */
export class ValueReader {
  readonly times = new FileTimes();
  readonly #scratch = Buffer.alloc(65_536);
  readonly #view = new DataView(new ArrayBuffer(8));

  /**
   * Numbers as numbers while they are exact, else as decimal text; null for the null type and for values that are shorter than
   * their type. Embedded XML is not this reader's to read: null.
   */
  value(bytes: Buffer, at: number, size: number, type: number): FieldValue {
    if (type === VALUE_TYPE.string || type === VALUE_TYPE.xmlText) return this.utf16(bytes, at, size);
    if ((type & IS_LIST) !== 0) return this.#list(bytes, at, size, type & ~IS_LIST);
    if (size < (WIDTHS[type] ?? 0)) return type === VALUE_TYPE.boolean && size > 0 ? bytes[at] !== 0 : null;
    switch (type) {
      case VALUE_TYPE.ansi:
        return this.#ansi(bytes, at, size);
      case VALUE_TYPE.int8:
        return ((bytes[at] ?? 0) << 24) >> 24;
      case VALUE_TYPE.uint8:
        return bytes[at] ?? 0;
      case VALUE_TYPE.int16:
        return (u16(bytes, at) << 16) >> 16;
      case VALUE_TYPE.uint16:
        return u16(bytes, at);
      case VALUE_TYPE.int32:
        return u32(bytes, at) | 0;
      case VALUE_TYPE.uint32:
        return u32(bytes, at);
      case VALUE_TYPE.int64:
        return integer64(u32(bytes, at), u32(bytes, at + 4) | 0);
      case VALUE_TYPE.uint64:
        return integer64(u32(bytes, at), u32(bytes, at + 4));
      case VALUE_TYPE.real32:
        this.#view.setUint32(0, u32(bytes, at));
        return real(this.#view.getFloat32(0));
      case VALUE_TYPE.real64:
        this.#view.setUint32(0, u32(bytes, at + 4));
        this.#view.setUint32(4, u32(bytes, at));
        return real(this.#view.getFloat64(0));
      case VALUE_TYPE.boolean:
        return u32(bytes, at) !== 0;
      case VALUE_TYPE.binary:
        return bytes.toString("hex", at, at + size).toUpperCase();
      case VALUE_TYPE.guid:
        return this.#guid(bytes, at);
      case VALUE_TYPE.size:
      case VALUE_TYPE.handle:
        return size >= 8 ? hex64(bytes, at) : size >= 4 ? hex32(bytes, at) : null;
      case VALUE_TYPE.fileTime:
        return this.times.text(u32(bytes, at), u32(bytes, at + 4));
      case VALUE_TYPE.systemTime:
        return systemTime(bytes, at);
      case VALUE_TYPE.sid:
        return sid(bytes, at, size);
      case VALUE_TYPE.hex32:
        return hex32(bytes, at);
      case VALUE_TYPE.hex64:
        return hex64(bytes, at);
      default:
        return null;
    }
  }

  /**
   * UTF-16 without the zeros that end it. Most text is Latin-1: its low bytes alone make a string of half the size, which the
   * rules then search faster.
   */
  utf16(bytes: Buffer, at: number, size: number): string {
    let end = at + (size & ~1);
    while (end > at && bytes[end - 1] === 0 && bytes[end - 2] === 0) end -= 2;
    const length = (end - at) >> 1;
    if (length === 0) return "";
    const scratch = this.#scratch;
    if (length > scratch.length) return bytes.toString("utf16le", at, end);
    let high = 0;
    for (let i = 0, from = at; i < length; i += 1, from += 2) {
      scratch[i] = bytes[from] ?? 0;
      high |= bytes[from + 1] ?? 0;
    }
    return high === 0 ? scratch.toString("latin1", 0, length) : bytes.toString("utf16le", at, end);
  }

  #ansi(bytes: Buffer, at: number, size: number): string {
    let end = at + size;
    while (end > at && bytes[end - 1] === 0) end -= 1;
    // The code page is the writer's and stands nowhere: Latin-1 keeps every byte apart.
    return bytes.toString("latin1", at, end);
  }

  #guid(bytes: Buffer, at: number): string {
    const scratch = this.#scratch;
    let to = 0;
    scratch[to++] = 0x7b;
    for (let i = 0; i < GUID_ORDER.length; i += 1) {
      const from = GUID_ORDER[i] ?? -1;
      if (from < 0) {
        scratch[to++] = 0x2d;
        continue;
      }
      const byte = bytes[at + from] ?? 0;
      scratch[to++] = HEX_DIGITS[byte >> 4] ?? 0;
      scratch[to++] = HEX_DIGITS[byte & 15] ?? 0;
    }
    scratch[to++] = 0x7d;
    return scratch.toString("latin1", 0, to);
  }

  #list(bytes: Buffer, at: number, size: number, type: number): FieldValue {
    if (type === VALUE_TYPE.string) return listed(bytes.toString("utf16le", at, at + (size & ~1)));
    if (type === VALUE_TYPE.ansi) return listed(bytes.toString("latin1", at, at + size));
    const items: FieldValue[] = [];
    const end = at + size;
    for (let from = at; from < end;) {
      const width = type === VALUE_TYPE.sid ? 8 + 4 * (bytes[from + 1] ?? 0) : (WIDTHS[type] ?? 0);
      if (width === 0 || from + width > end) break;
      items.push(this.value(bytes, from, width, type));
      from += width;
    }
    return items;
  }
}

/** Texts of a list are ended by a zero each. */
function listed(text: string): readonly string[] {
  const items = text.split("\0");
  if (items.at(-1) === "") items.pop();
  return items;
}

/** The width of values that stand in a template itself, where nothing says it; 0 when it varies. */
export function fixedWidth(type: number): number {
  return WIDTHS[type] ?? 0;
}

function integer64(low: number, high: number): number | string {
  const value = high * 4_294_967_296 + low;
  if (Number.isSafeInteger(value)) return value;
  return ((BigInt(high) << 32n) | BigInt(low)).toString();
}

/** What JSON cannot hold is written as Windows does. */
function real(value: number): number | string {
  if (Number.isNaN(value)) return "-1.#IND";
  if (!Number.isFinite(value)) return value > 0 ? "1.#INF" : "-1.#INF";
  return value;
}

function hex32(bytes: Uint8Array, at: number): string {
  return `0x${u32(bytes, at).toString(16)}`;
}

function hex64(bytes: Uint8Array, at: number): string {
  const high = u32(bytes, at + 4);
  const low = u32(bytes, at).toString(16);
  return high === 0 ? `0x${low}` : `0x${high.toString(16)}${low.padStart(8, "0")}`;
}

function systemTime(bytes: Uint8Array, at: number): string {
  const part = (index: number): number => u16(bytes, at + 2 * index);
  const day = `${String(part(0)).padStart(4, "0")}-${twoDigits(part(1))}-${twoDigits(part(3))}`;
  const clock = `${twoDigits(part(4))}:${twoDigits(part(5))}:${twoDigits(part(6))}`;
  return `${day}T${clock}.${String(part(7)).padStart(3, "0")}Z`;
}

function sid(bytes: Uint8Array, at: number, size: number): string | null {
  const parts = bytes[at + 1] ?? 0;
  if (size < 8 || parts > MAX_SID_PARTS || size < 8 + 4 * parts) return null;
  // The authority is big-endian, of 48 bits; the parts below it are not.
  let authority = 0;
  for (let i = 2; i < 8; i += 1) authority = authority * 256 + (bytes[at + i] ?? 0);
  let text = `S-${bytes[at] ?? 0}-${authority}`;
  for (let i = 0; i < parts; i += 1) text += `-${u32(bytes, at + 8 + 4 * i)}`;
  return text;
}

/** A value as XML holds it; null is empty, items of a list are parted by commas. */
export function textOf(value: FieldValue): string {
  if (value === null) return "";
  if (typeof value === "object") return Array.isArray(value) ? value.map(textOf).join(",") : "";
  return String(value);
}
