/** Writes small event log files for tests, as Windows lays them out: shared names and templates, EventData as XML in a value. */
import { crc32 } from "node:zlib";

export interface Typed {
  readonly kind: "value";
  readonly type: number;
  readonly bytes: Uint8Array;
}

export type Part =
  | string
  | Typed
  | { readonly kind: "character"; readonly code: number }
  | { readonly kind: "entity"; readonly name: string }
  | { readonly kind: "cdata"; readonly text: string }
  | { readonly kind: "embedded"; readonly element: Element };

export interface Element {
  readonly kind: "element";
  readonly name: string;
  readonly attributes: readonly (readonly [string, Part])[];
  readonly children: readonly (Part | Element)[];
  /** Leaves the element out when its only value is null. */
  readonly isOptional?: boolean;
}

export function element(
  name: string,
  attributes: Readonly<Record<string, Part>>,
  ...children: readonly (Part | Element)[]
): Element {
  return { kind: "element", name, attributes: Object.entries(attributes), children };
}

const typed = (type: number, bytes: Uint8Array): Typed => ({ kind: "value", type, bytes });

function packed(size: number, fill: (bytes: Buffer) => unknown): Buffer {
  const bytes = Buffer.alloc(size);
  fill(bytes);
  return bytes;
}

export const NULL = typed(0, new Uint8Array());
export const text = (value: string): Typed => typed(0x01, Buffer.from(value, "utf16le"));
export const ansi = (value: string): Typed => typed(0x02, Buffer.from(`${value}\0`, "latin1"));
export const int8 = (value: number): Typed =>
  typed(
    0x03,
    packed(1, (b) => b.writeInt8(value)),
  );
export const uint8 = (value: number): Typed =>
  typed(
    0x04,
    packed(1, (b) => b.writeUInt8(value)),
  );
export const int16 = (value: number): Typed =>
  typed(
    0x05,
    packed(2, (b) => b.writeInt16LE(value)),
  );
export const uint16 = (value: number): Typed =>
  typed(
    0x06,
    packed(2, (b) => b.writeUInt16LE(value)),
  );
export const int32 = (value: number): Typed =>
  typed(
    0x07,
    packed(4, (b) => b.writeInt32LE(value)),
  );
export const uint32 = (value: number): Typed =>
  typed(
    0x08,
    packed(4, (b) => b.writeUInt32LE(value)),
  );
export const int64 = (value: bigint): Typed =>
  typed(
    0x09,
    packed(8, (b) => b.writeBigInt64LE(value)),
  );
export const uint64 = (value: bigint): Typed =>
  typed(
    0x0a,
    packed(8, (b) => b.writeBigUInt64LE(value)),
  );
export const real32 = (value: number): Typed =>
  typed(
    0x0b,
    packed(4, (b) => b.writeFloatLE(value)),
  );
export const real64 = (value: number): Typed =>
  typed(
    0x0c,
    packed(8, (b) => b.writeDoubleLE(value)),
  );
export const boolean = (value: boolean): Typed =>
  typed(
    0x0d,
    packed(4, (b) => b.writeUInt32LE(value ? 1 : 0)),
  );
export const binary = (hex: string): Typed => typed(0x0e, Buffer.from(hex, "hex"));
export const size32 = (value: number): Typed =>
  typed(
    0x10,
    packed(4, (b) => b.writeUInt32LE(value)),
  );
export const fileTime = (value: string): Typed =>
  typed(
    0x11,
    packed(8, (b) => b.writeBigUInt64LE(ticks(value))),
  );
export const hex32 = (value: number): Typed =>
  typed(
    0x14,
    packed(4, (b) => b.writeUInt32LE(value)),
  );
export const hex64 = (value: bigint): Typed =>
  typed(
    0x15,
    packed(8, (b) => b.writeBigUInt64LE(value)),
  );

export function guid(value: string): Typed {
  const b = Buffer.from(value.replaceAll(/[{}-]/g, ""), "hex");
  b.subarray(0, 4).reverse();
  b.subarray(4, 6).reverse();
  b.subarray(6, 8).reverse();
  return typed(0x0f, b);
}

export function sid(value: string): Typed {
  const [revision = 1, authority = 0, ...parts] = value.split("-").slice(1).map(Number);
  const b = Buffer.alloc(8 + 4 * parts.length);
  b.writeUInt8(revision, 0);
  b.writeUInt8(parts.length, 1);
  b.writeUIntBE(authority, 2, 6);
  parts.forEach((part, i) => b.writeUInt32LE(part, 8 + 4 * i));
  return typed(0x13, b);
}

/** Year, month, day of the week, day, hour, minute, second, millisecond. */
export function systemTime(...parts: readonly number[]): Typed {
  return typed(
    0x12,
    packed(16, (b) => parts.forEach((part, i) => b.writeUInt16LE(part, 2 * i))),
  );
}

/** A list of values of one type. */
export function list(...items: readonly Typed[]): Typed {
  const type = items[0]?.type ?? 1;
  const ends: Readonly<Record<number, number>> = { 1: 2, 2: 0 };
  const parts = items.map((item) => Buffer.concat([item.bytes, Buffer.alloc(ends[type] ?? 0)]));
  return typed(0x80 | type, Buffer.concat(parts));
}

export const embedded = (inner: Element): Part => ({ kind: "embedded", element: inner });

/** `2026-03-01T12:00:00.1234567Z` in 100 ns since 1601. */
export function ticks(time: string): bigint {
  const [whole = "", fraction = ""] = time.replace("Z", "").split(".");
  return (
    BigInt(Date.parse(`${whole}Z`) + 11_644_473_600_000) * 10_000n + BigInt(fraction.padEnd(7, "0") || "0")
  );
}

export interface WindowsEvent {
  readonly provider: string;
  readonly providerGuid: string;
  readonly eventId: number;
  readonly qualifiers?: number;
  readonly version: number;
  readonly level: number;
  readonly task: number;
  readonly opcode: number;
  readonly keywords: bigint;
  readonly time: string;
  readonly recordId: number;
  readonly activityId?: string;
  readonly pid: number;
  readonly tid: number;
  readonly channel: string;
  readonly computer: string;
  readonly userSid?: string;
  readonly data?: readonly (readonly [string, Typed])[];
  readonly userData?: Element;
}

const orNull = <T>(value: T | undefined, make: (value: T) => Typed): Typed =>
  value === undefined ? NULL : make(value);

/** The event's XML with its values in holes, as Windows' own template has them. */
export function windowsEvent(event: WindowsEvent): Element {
  const system = element(
    "System",
    {},
    element("Provider", { Name: text(event.provider), Guid: guid(event.providerGuid) }),
    element("EventID", { Qualifiers: orNull(event.qualifiers, uint16) }, uint16(event.eventId)),
    element("Version", {}, uint8(event.version)),
    element("Level", {}, uint8(event.level)),
    element("Task", {}, uint16(event.task)),
    element("Opcode", {}, uint8(event.opcode)),
    element("Keywords", {}, hex64(event.keywords)),
    element("TimeCreated", { SystemTime: fileTime(event.time) }),
    element("EventRecordID", {}, uint64(BigInt(event.recordId))),
    element("Correlation", { ActivityID: orNull(event.activityId, guid), RelatedActivityID: NULL }),
    element("Execution", { ProcessID: uint32(event.pid), ThreadID: uint32(event.tid) }),
    element("Channel", {}, event.channel),
    element("Computer", {}, text(event.computer)),
    element("Security", { UserID: orNull(event.userSid, sid) }),
  );
  const data = (event.data ?? []).map(([name, value]) =>
    element("Data", name === "" ? {} : { Name: name }, value),
  );
  const body =
    event.userData === undefined
      ? element("EventData", {}, ...data)
      : element("UserData", {}, event.userData);
  return element(
    "Event",
    { xmlns: "http://schemas.microsoft.com/win/2004/08/events/event" },
    system,
    embedded(body),
  );
}

class ChunkWriter {
  readonly bytes = Buffer.alloc(65_536);
  at = 512;
  #last = 512;
  readonly #firstId: number;
  readonly #names = new Map<string, number>();
  readonly #templates = new Map<string, number>();

  constructor(firstId: number) {
    this.#firstId = firstId;
  }

  record(id: number, event: Element, options: { readonly hasTemplate: boolean }): void {
    this.#last = this.at;
    const start = this.at;
    this.#bytes(Buffer.from("**\0\0", "latin1"));
    this.#u32(0);
    this.#u64(BigInt(id));
    this.#u64(ticks("2026-03-01T12:00:00Z"));
    this.#fragment(() => {
      if (options.hasTemplate) this.#instance(event);
      else this.#element(event, [], false);
    });
    const size = this.at + 4 - start;
    this.#u32(size);
    this.bytes.writeUInt32LE(size, start + 4);
  }

  finish(lastId: number): Buffer {
    const { bytes } = this;
    bytes.write("ElfChnk\0", 0, "latin1");
    for (const at of [8, 24]) bytes.writeBigUInt64LE(BigInt(this.#firstId), at);
    for (const at of [16, 32]) bytes.writeBigUInt64LE(BigInt(lastId), at);
    [128, this.#last, this.at].forEach((value, i) => bytes.writeUInt32LE(value, 40 + 4 * i));
    bytes.writeUInt32LE(crc32(bytes.subarray(512, this.at)), 52);
    bytes.writeUInt32LE(crc32(bytes.subarray(128, 512), crc32(bytes.subarray(0, 120))), 124);
    return bytes;
  }

  #fragment(content: () => void): void {
    this.#bytes([0x0f, 1, 1, 0]);
    content();
    this.#bytes([0]);
  }

  #instance(root: Element): void {
    const shape = shapeOf(root);
    const known = this.#templates.get(shape);
    this.#bytes([0x0c, 1]);
    this.#u32(0x1234);
    this.#u32(known ?? this.at + 4);
    if (known === undefined) {
      this.#templates.set(shape, this.at);
      const size = this.at + 20;
      this.#bytes(Buffer.alloc(24));
      this.#fragment(() => this.#element(root, [], true));
      this.bytes.writeUInt32LE(this.at - size - 4, size);
    }
    const values = valuesOf(root);
    this.#u32(values.length);
    const descriptors = this.at;
    this.at += 4 * values.length;
    values.forEach((value, i) => {
      const start = this.at;
      if (value.kind === "embedded") this.#fragment(() => this.#instance(value.element));
      else this.#bytes(value.bytes);
      this.bytes.writeUInt16LE(this.at - start, descriptors + 4 * i);
      this.bytes.writeUInt8(value.kind === "embedded" ? 0x21 : value.type, descriptors + 4 * i + 2);
    });
  }

  /** @param holes counts them: the array grows by one for each */
  #element(one: Element, holes: true[], hasDependencies: boolean): void {
    this.#bytes([one.attributes.length > 0 ? 0x41 : 0x01]);
    if (hasDependencies) this.#u16(one.isOptional === true ? holes.length : 0xffff);
    const size = this.at;
    this.#u32(0);
    this.#name(one.name);
    if (one.attributes.length > 0) {
      const listSize = this.at;
      this.#u32(0);
      one.attributes.forEach(([name, part], i) => {
        this.#bytes([i + 1 < one.attributes.length ? 0x46 : 0x06]);
        this.#name(name);
        this.#part(part, holes);
      });
      this.bytes.writeUInt32LE(this.at - listSize - 4, listSize);
    }
    this.#bytes([one.children.length > 0 ? 0x02 : 0x03]);
    for (const child of one.children) {
      if (typeof child !== "string" && child.kind === "element") this.#element(child, holes, hasDependencies);
      else this.#part(child, holes);
    }
    if (one.children.length > 0) this.#bytes([0x04]);
    this.bytes.writeUInt32LE(this.at - size - 4, size);
  }

  #part(part: Part, holes: true[]): void {
    if (typeof part === "string") {
      this.#bytes([0x05, 0x01]);
      this.#text(part);
      return;
    }
    switch (part.kind) {
      case "character":
        this.#bytes([0x48]);
        this.#u16(part.code);
        return;
      case "entity":
        this.#bytes([0x49]);
        this.#name(part.name);
        return;
      case "cdata":
        this.#bytes([0x07]);
        this.#text(part.text);
        return;
      case "value":
      case "embedded":
        this.#bytes([part.kind === "embedded" ? 0x0d : 0x0e]);
        this.#u16(holes.length);
        this.#bytes([part.kind === "embedded" ? 0x21 : part.type]);
        holes.push(true);
    }
  }

  #name(name: string): void {
    const known = this.#names.get(name);
    this.#u32(known ?? this.at + 4);
    if (known !== undefined) return;
    this.#names.set(name, this.at);
    this.#u32(0);
    this.#u16(0);
    this.#text(name);
    this.#u16(0);
  }

  #text(value: string): void {
    this.#u16(value.length);
    this.#bytes(Buffer.from(value, "utf16le"));
  }

  #bytes(bytes: ArrayLike<number>): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  #u16(value: number): void {
    this.at = this.bytes.writeUInt16LE(value, this.at);
  }

  #u32(value: number): void {
    this.at = this.bytes.writeUInt32LE(value, this.at);
  }

  #u64(value: bigint): void {
    this.at = this.bytes.writeBigUInt64LE(value, this.at);
  }
}

/** Two events of one shape share a template: their text is the same but for the values. */
function shapeOf(root: Element): string {
  return JSON.stringify(root, (_, value: unknown) =>
    value instanceof Uint8Array ? 0 : isPart(value, "embedded") ? "embedded" : value,
  );
}

function isPart(value: unknown, kind: string): boolean {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}

type Value = Typed | Extract<Part, { kind: "embedded" }>;

function valuesOf(root: Element): readonly Value[] {
  const parts = [...root.attributes.map(([, part]) => part), ...root.children];
  return parts.flatMap((part): readonly Value[] => {
    if (typeof part === "string") return [];
    if (part.kind === "element") return valuesOf(part);
    return part.kind === "value" || part.kind === "embedded" ? [part] : [];
  });
}

export interface EvtxOptions {
  readonly recordsPerChunk?: number;
  /** False writes elements without templates, as exported files have them. */
  readonly hasTemplate?: boolean;
}

/** A whole file. Record numbers begin at 1. */
export function writeEvtx(events: readonly Element[], options: EvtxOptions = {}): Buffer {
  const perChunk = options.recordsPerChunk ?? 20;
  const chunks: Buffer[] = [];
  for (let i = 0; i < events.length; i += perChunk) {
    const chunk = new ChunkWriter(i + 1);
    const part = events.slice(i, i + perChunk);
    part.forEach((event, j) => chunk.record(i + j + 1, event, { hasTemplate: options.hasTemplate ?? true }));
    chunks.push(chunk.finish(i + part.length));
  }
  const header = Buffer.alloc(4_096);
  header.write("ElfFile\0", 0, "latin1");
  header.writeBigUInt64LE(BigInt(Math.max(0, chunks.length - 1)), 16);
  header.writeBigUInt64LE(BigInt(events.length + 1), 24);
  header.writeUInt32LE(128, 32);
  header.writeUInt16LE(2, 36);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(4_096, 40);
  header.writeUInt16LE(chunks.length, 42);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  return Buffer.concat([header, ...chunks]);
}
