import type { FieldValue } from "@tyto/domain";
import type { Draft, Signal } from "../draft.ts";
import { MAX_DEPTH, MAX_LEAVES } from "./json.ts";

export interface XmlLayout {
  readonly into: string;
  /** What stands in these elements goes elsewhere: path of names → namespace. `*` at a path's end is any one element. */
  readonly parts: ReadonlyMap<string, string>;
  /** Elements that are called by one of their attributes: `<Data Name="x">` is `x`. */
  readonly named: ReadonlyMap<string, string>;
  /** Attributes are called as elements would be: `x`, not `@x`. */
  readonly hasPlainAttributes: boolean;
}

interface OpenElement {
  readonly tag: string;
  /** Names from the root, for `parts`. */
  readonly path: string;
  /** The field that its text is, and that its elements stand under. */
  readonly field: string;
  readonly isPart: boolean;
  text: string;
}

const MAX_NAME_CHARACTERS = 256;
const NAME = /[^\s/>="'<]{1,256}/y;
const ATTRIBUTE = /\s*([^\s/>="'<]{1,256})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
const REFERENCE = /&(?:#[xX]([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot|apos));/g;
const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * Writes the texts and attributes (`@name`) of an XML text as fields. No document types, no entities but the five and numbers.
 * `undefined` when it is no XML; a text that is cut gives the elements that were whole. Nothing is written unless it is.
 */
export function decodeXml(draft: Draft, text: string, layout: XmlLayout): Signal | undefined {
  const reading = new XmlReading(draft, text, layout);
  const outcome = reading.read();
  if (outcome !== "read")
    return outcome === "deep" ? draft.fail("too-deep", `nested deeper than ${MAX_DEPTH} levels`) : undefined;
  draft.leaves += reading.leaves;
  if (draft.leaves > MAX_LEAVES) return draft.fail("too-many-fields", `more than ${MAX_LEAVES} values`);
  for (const [name, value] of reading.found) draft.fields.set(name, value);
  return "next";
}

class XmlReading {
  readonly found = new Map<string, FieldValue>();
  leaves = 0;
  readonly #draft: Draft;
  readonly #text: string;
  readonly #layout: XmlLayout;
  readonly #open: OpenElement[] = [];
  #at = 0;
  #hasRoot = false;

  constructor(draft: Draft, text: string, layout: XmlLayout) {
    this.#draft = draft;
    this.#text = text;
    this.#layout = layout;
  }

  read(): "read" | "broken" | "deep" {
    const text = this.#text;
    while (this.#at < text.length && this.leaves <= MAX_LEAVES) {
      const tag = text.indexOf("<", this.#at);
      const end = tag < 0 ? text.length : tag;
      if (!this.#characters(text.slice(this.#at, end))) return "broken";
      if (tag < 0) break;
      this.#at = tag;
      if (!this.#markup()) return "broken";
      if (this.#open.length > MAX_DEPTH) return "deep";
    }
    return this.#hasRoot ? "read" : "broken";
  }

  /** Outside of the root there is none but white space. */
  #characters(text: string): boolean {
    const element = this.#open.at(-1);
    if (element === undefined) return text.trim() === "" || text === "\uFEFF";
    element.text += decodeReferences(text);
    return true;
  }

  #markup(): boolean {
    const text = this.#text;
    switch (text[this.#at + 1]) {
      case "?":
        return this.#skip("?>");
      case "/":
        return this.#close();
      case "!":
        if (text.startsWith("<!--", this.#at)) return this.#skip("-->");
        return text.startsWith("<![CDATA[", this.#at) && this.#cdata();
      default:
        return this.#element();
    }
  }

  /** What has no end is cut: the rest is passed over. */
  #skip(end: string): boolean {
    const stop = this.#text.indexOf(end, this.#at);
    this.#at = stop < 0 ? this.#text.length : stop + end.length;
    return true;
  }

  #cdata(): boolean {
    const start = this.#at + "<![CDATA[".length;
    const element = this.#open.at(-1);
    this.#skip("]]>");
    const stop = this.#text.startsWith("]]>", this.#at - 3) ? this.#at - 3 : this.#at;
    if (element !== undefined) element.text += this.#text.slice(start, stop);
    return element !== undefined;
  }

  #element(): boolean {
    const tag = this.#match(NAME, this.#at + 1)?.[0];
    if (tag === undefined || (this.#open.length === 0 && this.#hasRoot)) return false;
    this.#at += 1 + tag.length;
    const name = localName(tag);
    const parent = this.#open.at(-1);
    const path = parent === undefined ? name : `${parent.path}.${name}`;
    const attributes: (readonly [string, string])[] = [];
    for (let m = this.#match(ATTRIBUTE, this.#at); m !== null; m = this.#match(ATTRIBUTE, this.#at)) {
      this.#at += m[0].length;
      if (attributes.length <= MAX_LEAVES) attributes.push([m[1] ?? "", m[2] ?? m[3] ?? ""]);
    }
    const end = this.#match(TAG_END, this.#at);
    if (end === null) return this.#cut();
    this.#at += end[0].length;
    this.#hasRoot = true;
    const part =
      this.#layout.parts.get(path) ?? this.#layout.parts.get(parent === undefined ? "*" : `${parent.path}.*`);
    const label = this.#layout.named.get(name);
    const key = (label !== undefined && attributes.find(([one]) => one === label)?.[1]) || name;
    const field = part ?? this.#draft.names.join(parent?.field ?? this.#layout.into, decodeReferences(key));
    const mark = this.#layout.hasPlainAttributes ? "" : "@";
    for (const [attribute, value] of attributes) {
      const isSaid = attribute === label || attribute === "xmlns" || attribute.startsWith("xmlns:");
      if (!isSaid)
        this.#write(this.#draft.names.join(field, `${mark}${localName(attribute)}`), decodeReferences(value));
    }
    if (end[1] === "") this.#open.push({ tag, path, field, isPart: part !== undefined, text: "" });
    return true;
  }

  /** A tag that the text ends in is cut; anything else is no tag. */
  #cut(): boolean {
    if (this.#text.indexOf(">", this.#at) >= 0) return false;
    this.#at = this.#text.length;
    return true;
  }

  #close(): boolean {
    const stop = this.#text.indexOf(">", this.#at);
    if (stop < 0) return this.#cut();
    if (stop - this.#at > MAX_NAME_CHARACTERS + 8) return false;
    const tag = this.#text.slice(this.#at + 2, stop).trim();
    const element = this.#open.pop();
    this.#at = stop + 1;
    if (element?.tag !== tag) return false;
    if (element.text.trim() !== "")
      this.#write(
        element.isPart ? this.#draft.names.join(element.field, "#text") : element.field,
        element.text,
      );
    return true;
  }

  /** What comes twice keeps both values. Lists grow in place, so that a thousand of them do not cost their square. */
  #write(name: string, value: string): void {
    if (value === "") return;
    this.leaves += 1;
    const present = this.found.get(name);
    if (present === undefined) this.found.set(name, value);
    else if (Array.isArray(present)) (present as FieldValue[]).push(value);
    else this.found.set(name, [present, value]);
  }

  #match(expression: RegExp, at: number): RegExpExecArray | null {
    expression.lastIndex = at;
    return expression.exec(this.#text);
  }
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(":") + 1);
}

function decodeReferences(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(REFERENCE, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
