import { crc32 } from "node:zlib";
import type { FieldValue } from "@tyto/domain";
import { BinXmlTree } from "./binxml.ts";
import type { BinXmlNode, BinXmlSource } from "./binxml.ts";
import type { FieldPlan } from "./field-plan.ts";
import { standsAt, u16, u32 } from "./bytes.ts";
import { ValueReader, VALUE_TYPE } from "./value-reader.ts";
import type { XmlPlan } from "./xml-plan.ts";

export const CHUNK_BYTES = 65_536;
export const CHUNK_HEADER_BYTES = 512;
const MAX_NAME_CHARACTERS = 1_024;
/** Of a definition before its tree: next definition, GUID, length. */
const DEFINITION_HEADER_BYTES = 24;
/**
 * What a chunk may cost, in bytes of definitions, values and texts that are made of it. Real chunks stay below one million: each byte is
 * used once or twice. Made-up ones can name the same bytes again and again.
 */
const CHUNK_BUDGET = 8 * 1024 * 1024;

/** A template of the chunk with what forms have compiled of it. `problem` is empty when it can be used. */
export class Template {
  readonly nodes: readonly BinXmlNode[];
  readonly problem: string;
  /** What it means as fields, by the place where it stands. Goes with the chunk. */
  readonly plans: FieldPlan[] = [];
  /** What it means as text. */
  xml: XmlPlan | undefined;

  constructor(nodes: readonly BinXmlNode[], problem: string) {
    this.nodes = nodes;
    this.problem = problem;
  }
}

/** The frame of values that was in place before another was entered. */
export interface Frame {
  readonly base: number;
  readonly count: number;
}

/**
 * One chunk: its bytes, the names and templates that its records share, and the values of the instance that is being read. Reused
 * for all chunks of a file.
 */
export class Chunk implements BinXmlSource {
  readonly bytes = Buffer.alloc(CHUNK_BYTES);
  readonly values = new ValueReader();
  /** Of the record that is being read; empty when it could be. */
  problem = "";
  readonly #names = new Map<number, string>();
  readonly #templates = new Map<number, Template>();
  #starts = new Int32Array(512);
  #sizes = new Int32Array(512);
  #types = new Uint8Array(512);
  #base = 0;
  #count = 0;
  #budget = 0;

  /** To be called when the bytes have changed. */
  open(): void {
    this.#names.clear();
    this.#templates.clear();
    this.#budget = CHUNK_BUDGET;
  }

  get hasMagic(): boolean {
    return standsAt(this.bytes, 0, "ElfChnk\0");
  }

  /** Where the records end, by the header; the chunk's end when that is no place for it. */
  get freeSpace(): number {
    const offset = u32(this.bytes, 48);
    return offset >= CHUNK_HEADER_BYTES && offset <= CHUNK_BYTES ? offset : CHUNK_BYTES;
  }

  /** What its checksums say; empty when they are right. */
  get damage(): string {
    const { bytes } = this;
    const header = crc32(bytes.subarray(128, CHUNK_HEADER_BYTES), crc32(bytes.subarray(0, 120)));
    if (header !== u32(bytes, 124)) return "its header";
    const records = crc32(bytes.subarray(CHUNK_HEADER_BYTES, this.freeSpace));
    return records === u32(bytes, 52) ? "" : "its records";
  }

  beginRecord(): void {
    this.problem = "";
    this.#base = 0;
    this.#count = 0;
  }

  fail(problem: string): undefined {
    if (this.problem === "") this.problem = problem;
    return undefined;
  }

  /** False when the chunk has used what it may cost. */
  spend(bytes: number): boolean {
    this.#budget -= bytes;
    if (this.#budget >= 0) return true;
    this.fail("the chunk names the same bytes too often");
    return false;
  }

  nameAt(offset: number): string | undefined {
    const known = this.#names.get(offset);
    if (known !== undefined) return known;
    const length = u16(this.bytes, offset + 6);
    if (length > MAX_NAME_CHARACTERS || offset + 8 + 2 * length > CHUNK_BYTES) return undefined;
    const name = this.values.utf16(this.bytes, offset + 8, 2 * length);
    this.#names.set(offset, name);
    return name;
  }

  nameBytes(offset: number): number {
    return 10 + 2 * u16(this.bytes, offset + 6);
  }

  instanceEnd(at: number, limit: number): number | undefined {
    const values = this.#valuesAt(at);
    const count = u32(this.bytes, values);
    if (values + 4 + 4 * count > limit) return undefined;
    let end = values + 4 + 4 * count;
    for (let i = 0; i < count; i += 1) end += u16(this.bytes, values + 4 + 4 * i);
    return end > limit ? undefined : end;
  }

  /** Behind the definition, where that stands in the instance itself. */
  #valuesAt(at: number): number {
    const start = at + 10;
    if (u32(this.bytes, at + 6) !== start) return start;
    return start + DEFINITION_HEADER_BYTES + u32(this.bytes, start + 20);
  }

  /** Makes the values of an instance the current ones. To be left again when a template came back. */
  enter(at: number, limit: number): Template | undefined {
    const { bytes } = this;
    const template = this.#templateAt(u32(bytes, at + 6));
    if (template.problem !== "") return this.fail(template.problem);
    let descriptor = this.#valuesAt(at);
    const count = u32(bytes, descriptor);
    descriptor += 4;
    let start = descriptor + 4 * count;
    if (start > limit) return this.fail(`${count} values do not fit the record`);
    const base = this.#base + this.#count;
    this.#reserve(base + count);
    for (let i = base; i < base + count; i += 1) {
      const size = u16(bytes, descriptor);
      this.#starts[i] = start;
      this.#sizes[i] = size;
      this.#types[i] = bytes[descriptor + 2] ?? 0;
      start += size;
      descriptor += 4;
    }
    if (start > limit) return this.fail("its values are longer than the record");
    if (!this.spend(16 + 8 * count)) return undefined;
    this.#base = base;
    this.#count = count;
    return template;
  }

  get frame(): Frame {
    return { base: this.#base, count: this.#count };
  }

  leave(frame: Frame): void {
    this.#base = frame.base;
    this.#count = frame.count;
  }

  #reserve(length: number): void {
    if (length <= this.#starts.length) return;
    const room = 2 * length;
    const [starts, sizes, types] = [this.#starts, this.#sizes, this.#types];
    this.#starts = new Int32Array(room);
    this.#sizes = new Int32Array(room);
    this.#types = new Uint8Array(room);
    this.#starts.set(starts);
    this.#sizes.set(sizes);
    this.#types.set(types);
  }

  #templateAt(offset: number): Template {
    const known = this.#templates.get(offset);
    if (known !== undefined) return known;
    const template = this.#readTemplate(offset);
    this.#templates.set(offset, template);
    return template;
  }

  #readTemplate(offset: number): Template {
    const at = offset + DEFINITION_HEADER_BYTES;
    const limit = at + u32(this.bytes, offset + 20);
    if (limit > CHUNK_BYTES) return new Template([], "a template outside of the chunk");
    if (!this.spend(limit - at)) return new Template([], this.problem);
    const tree = new BinXmlTree(this, { at, limit, hasDependencies: true });
    const nodes = tree.read();
    return new Template(nodes, tree.problem);
  }

  /** Value by its number; null when there is none. Embedded XML is not a value: see `isXml`. */
  valueAt(index: number): FieldValue {
    if (index >= this.#count) return null;
    const i = this.#base + index;
    const size = this.#sizes[i] ?? 0;
    if (!this.spend(size)) return null;
    return this.values.value(this.bytes, this.#starts[i] ?? 0, size, this.#types[i] ?? 0);
  }

  isNull(index: number): boolean {
    return index >= this.#count || this.#types[this.#base + index] === VALUE_TYPE.null;
  }

  isXml(index: number): boolean {
    return index < this.#count && this.#types[this.#base + index] === VALUE_TYPE.xml;
  }

  startOf(index: number): number {
    return this.#starts[this.#base + index] ?? 0;
  }

  endOf(index: number): number {
    return this.startOf(index) + (this.#sizes[this.#base + index] ?? 0);
  }
}
