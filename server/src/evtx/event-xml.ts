import type { FieldValue } from "@tyto/domain";
import type { BinXmlElement, BinXmlNode } from "./binxml.ts";
import type { Chunk } from "./chunk.ts";
import { Fragments, PLACE } from "./fragment.ts";
import type { Form } from "./fragment.ts";
import { textOf } from "./value-reader.ts";

const NOT_PLAIN_IN_TEXT = /[&<>\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const NOT_PLAIN_IN_ATTRIBUTE = /[&<>'"\u0000-\u001f\ufffe\uffff]/;
const EACH_IN_TEXT = new RegExp(NOT_PLAIN_IN_TEXT, "g");
const EACH_IN_ATTRIBUTE = new RegExp(NOT_PLAIN_IN_ATTRIBUTE, "g");
const NAMED: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&apos;",
  '"': "&quot;",
};

/** An event as Windows renders it: one line of XML, attributes in single quotes, without a message. */
export class EventXmlForm implements Form {
  readonly #chunk: Chunk;
  readonly #fragments: Fragments;
  #text = "";

  constructor(chunk: Chunk) {
    this.#chunk = chunk;
    this.#fragments = new Fragments(chunk, this);
  }

  read(at: number, limit: number): string {
    this.#text = "";
    this.#fragments.read(at, limit, PLACE.record);
    return this.#text;
  }

  take(nodes: readonly BinXmlNode[]): void {
    for (const node of nodes) this.#node(node);
  }

  #node(node: BinXmlNode): void {
    const chunk = this.#chunk;
    if (!chunk.spend(16)) return;
    switch (node.kind) {
      case "text":
        if (chunk.spend(node.text.length)) this.#text += escapeText(node.text);
        return;
      case "hole":
        if (chunk.isXml(node.index))
          this.#fragments.read(chunk.startOf(node.index), chunk.endOf(node.index), PLACE.data);
        else this.#text += escapeText(this.#valueText(node.index));
        return;
      case "instance":
        this.#fragments.instance(node.at, chunk.bytes.length, PLACE.data);
        return;
      case "element":
        this.#element(node);
    }
  }

  /** An element around a list stands once for each of its items. */
  #element(element: BinXmlElement): void {
    const { children } = element;
    const chunk = this.#chunk;
    if (element.dependency >= 0 && chunk.isNull(element.dependency)) return;
    const [only] = children;
    const isOneHole = children.length === 1 && only?.kind === "hole" && !chunk.isXml(only.index);
    const value = isOneHole ? chunk.valueAt(only.index) : null;
    if (Array.isArray(value) && value.length > 0) {
      for (const item of value as readonly FieldValue[]) this.#filled(element, escapeText(textOf(item)));
    } else if (isOneHole) this.#filled(element, escapeText(textOf(value)));
    else if (children.length === 0) this.#filled(element, "");
    else {
      this.#text += `${this.#startTag(element)}>`;
      for (const child of children) this.#node(child);
      this.#text += `</${element.name}>`;
    }
  }

  #filled(element: BinXmlElement, content: string): void {
    if (!this.#chunk.spend(16)) return;
    const start = this.#startTag(element);
    this.#text += content === "" ? `${start}/>` : `${start}>${content}</${element.name}>`;
  }

  /** Attributes whose only value is null are not there. */
  #startTag(element: BinXmlElement): string {
    let text = `<${element.name}`;
    for (const { name, parts } of element.attributes) {
      const [first] = parts;
      if (parts.length === 1 && first?.kind === "hole" && this.#chunk.isNull(first.index)) continue;
      text += ` ${name}='`;
      for (const part of parts) {
        if (part.kind === "text") text += escapeAttribute(part.text);
        else if (part.kind === "hole") text += escapeAttribute(this.#valueText(part.index));
      }
      text += "'";
    }
    return this.#chunk.spend(text.length) ? text : "";
  }

  #valueText(index: number): string {
    return this.#chunk.isXml(index) ? "" : textOf(this.#chunk.valueAt(index));
  }
}

/** What XML 1.0 has no place for is written as a number too: the reader of the text shall lose nothing. */
function escapeText(text: string): string {
  return NOT_PLAIN_IN_TEXT.test(text) ? text.replace(EACH_IN_TEXT, (one) => reference(one)) : text;
}

function escapeAttribute(text: string): string {
  return NOT_PLAIN_IN_ATTRIBUTE.test(text) ? text.replace(EACH_IN_ATTRIBUTE, (one) => reference(one)) : text;
}

function reference(character: string): string {
  return NAMED[character] ?? `&#${character.charCodeAt(0)};`;
}
