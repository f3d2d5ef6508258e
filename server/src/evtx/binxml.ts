import { u16, u32 } from "./bytes.ts";
import { fixedWidth, textOf, VALUE_TYPE } from "./value-reader.ts";
import type { ValueReader } from "./value-reader.ts";

/** Binary XML as a tree. Of a template it is built once and used by every record that names the template. */
export type BinXmlNode = BinXmlText | BinXmlHole | BinXmlElement | BinXmlInstance;

export interface BinXmlText {
  readonly kind: "text";
  readonly text: string;
}

/** Where a value of the record goes. */
export interface BinXmlHole {
  readonly kind: "hole";
  readonly index: number;
}

export interface BinXmlElement {
  readonly kind: "element";
  readonly name: string;
  /** The value without which the element is left out; -1 when it always stands. */
  readonly dependency: number;
  readonly attributes: readonly BinXmlAttribute[];
  readonly children: readonly BinXmlNode[];
}

export interface BinXmlAttribute {
  readonly name: string;
  readonly parts: readonly BinXmlNode[];
}

/** A template with values, where it begins in the chunk. */
export interface BinXmlInstance {
  readonly kind: "instance";
  readonly at: number;
}

const TOKEN = {
  end: 0x00,
  openElement: 0x01,
  closeStart: 0x02,
  closeEmpty: 0x03,
  endElement: 0x04,
  value: 0x05,
  attribute: 0x06,
  cdata: 0x07,
  character: 0x08,
  entity: 0x09,
  instructionTarget: 0x0a,
  instructionText: 0x0b,
  instance: 0x0c,
  hole: 0x0d,
  optionalHole: 0x0e,
  fragment: 0x0f,
} as const;

/** The flag says that more follows: an attribute list, or more text. What follows says so itself. */
const MORE = 0x40;
const MAX_DEPTH = 64;
const NO_DEPENDENCY = 0xffff;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** What the tree is read from. Offsets are those of the chunk. */
export interface BinXmlSource {
  readonly bytes: Buffer;
  readonly values: ValueReader;
  /** The name that stands at an offset; `undefined` when none can. */
  nameAt(offset: number): string | undefined;
  /** Bytes that the name's own structure takes there. */
  nameBytes(offset: number): number;
  /** Where the instance that begins there ends; `undefined` when it is broken. */
  instanceEnd(at: number, limit: number): number | undefined;
}

/** Reads one fragment. Ends at what it cannot read: `problem` then says what that was, and the tree is not to be used. */
export class BinXmlTree {
  problem = "";
  readonly #source: BinXmlSource;
  readonly #limit: number;
  readonly #hasDependencies: boolean;
  #at: number;
  #depth = 0;

  /** @param options.hasDependencies false for elements outside of templates: theirs have no such field. */
  constructor(
    source: BinXmlSource,
    options: { readonly at: number; readonly limit: number; readonly hasDependencies: boolean },
  ) {
    this.#source = source;
    this.#at = options.at;
    this.#limit = Math.min(options.limit, source.bytes.length);
    this.#hasDependencies = options.hasDependencies;
  }

  read(): readonly BinXmlNode[] {
    return this.#content();
  }

  /** Nodes up to the end of the element, or of the fragment. */
  #content(): readonly BinXmlNode[] {
    const nodes: BinXmlNode[] = [];
    while (this.problem === "" && this.#at < this.#limit) {
      const token = (this.#source.bytes[this.#at] ?? 0) & ~MORE;
      if (token === TOKEN.endElement) {
        this.#at += 1;
        return nodes;
      }
      if (token === TOKEN.end) return nodes;
      const node = this.#node(token);
      if (node !== undefined) nodes.push(node);
    }
    if (this.#depth > 0) this.#fail("an element without an end");
    return nodes;
  }

  #node(token: number): BinXmlNode | undefined {
    switch (token) {
      case TOKEN.openElement:
        return this.#element();
      case TOKEN.instance:
        return this.#instance();
      case TOKEN.fragment:
        this.#at += 4;
        return undefined;
      case TOKEN.instructionTarget:
        this.#at += 1;
        this.#name();
        return undefined;
      case TOKEN.instructionText:
        this.#at += 1;
        this.#text();
        return undefined;
      default:
        return this.#part(token);
    }
  }

  /** What may stand in an attribute as well as in an element. */
  #part(token: number): BinXmlNode | undefined {
    switch (token) {
      case TOKEN.value:
        return this.#value();
      case TOKEN.cdata:
        this.#at += 1;
        return { kind: "text", text: this.#text() };
      case TOKEN.character: {
        const code = u16(this.#source.bytes, this.#at + 1);
        this.#at += 3;
        return { kind: "text", text: String.fromCharCode(code) };
      }
      case TOKEN.entity: {
        this.#at += 1;
        const name = this.#name();
        return { kind: "text", text: ENTITIES[name] ?? `&${name};` };
      }
      case TOKEN.hole:
      case TOKEN.optionalHole: {
        const index = u16(this.#source.bytes, this.#at + 1);
        this.#at += 4;
        return { kind: "hole", index };
      }
      default:
        return this.#fail(`no token 0x${token.toString(16)}`);
    }
  }

  #element(): BinXmlNode | undefined {
    const { bytes } = this.#source;
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) return this.#fail(`elements deeper than ${MAX_DEPTH}`);
    const hasAttributes = ((bytes[this.#at] ?? 0) & MORE) !== 0;
    this.#at += 1;
    const dependency = this.#hasDependencies ? u16(bytes, this.#at) : NO_DEPENDENCY;
    this.#at += this.#hasDependencies ? 6 : 4;
    const name = this.#name();
    const attributes = hasAttributes ? this.#attributes() : [];
    const close = (bytes[this.#at] ?? 0) & ~MORE;
    this.#at += 1;
    let children: readonly BinXmlNode[] = [];
    if (close === TOKEN.closeStart) children = this.#content();
    else if (close !== TOKEN.closeEmpty) return this.#fail("a start tag without an end");
    this.#depth -= 1;
    return {
      kind: "element",
      name,
      dependency: dependency === NO_DEPENDENCY ? -1 : dependency,
      attributes,
      children,
    };
  }

  #attributes(): readonly BinXmlAttribute[] {
    const { bytes } = this.#source;
    const attributes: BinXmlAttribute[] = [];
    const end = Math.min(this.#limit, this.#at + 4 + u32(bytes, this.#at));
    this.#at += 4;
    while (this.problem === "" && this.#at < end) {
      if (((bytes[this.#at] ?? 0) & ~MORE) !== TOKEN.attribute) break;
      this.#at += 1;
      const name = this.#name();
      const parts: BinXmlNode[] = [];
      while (this.problem === "" && this.#at < end) {
        const token = (bytes[this.#at] ?? 0) & ~MORE;
        if (token === TOKEN.attribute) break;
        const part = this.#part(token);
        if (part !== undefined) parts.push(part);
      }
      attributes.push({ name, parts });
    }
    return attributes;
  }

  /** A name is a place in the chunk; the first to use it holds the name itself. */
  #name(): string {
    const offset = u32(this.#source.bytes, this.#at);
    this.#at += 4;
    const name = this.#source.nameAt(offset);
    if (name === undefined) {
      this.#fail("a name outside of the chunk");
      return "";
    }
    if (offset === this.#at) this.#at += this.#source.nameBytes(offset);
    return name;
  }

  #text(): string {
    const { bytes, values } = this.#source;
    const size = 2 * u16(bytes, this.#at);
    const start = this.#at + 2;
    this.#at = start + size;
    if (this.#at > this.#limit) {
      this.#fail("a text longer than its place");
      return "";
    }
    return values.utf16(bytes, start, size);
  }

  #value(): BinXmlNode | undefined {
    const { bytes, values } = this.#source;
    const type = bytes[this.#at + 1] ?? 0;
    this.#at += 2;
    if (type === VALUE_TYPE.string) return { kind: "text", text: this.#text() };
    const width = fixedWidth(type);
    if (width === 0) return this.#fail(`a value of type 0x${type.toString(16)} in a template`);
    const value = values.value(bytes, this.#at, width, type);
    this.#at += width;
    return { kind: "text", text: textOf(value) };
  }

  #instance(): BinXmlNode | undefined {
    const at = this.#at;
    const end = this.#source.instanceEnd(at, this.#limit);
    if (end === undefined) return this.#fail("a broken template instance");
    this.#at = end;
    return { kind: "instance", at };
  }

  #fail(problem: string): undefined {
    if (this.problem === "") this.problem = `${problem}, at ${this.#at} of the chunk`;
    return undefined;
  }
}
