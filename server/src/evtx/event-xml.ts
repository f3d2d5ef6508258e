import type { FieldValue } from "@tyto/domain";
import type { BinXmlNode } from "./binxml.ts";
import type { Chunk, Template } from "./chunk.ts";
import { Fragments, PLACE } from "./fragment.ts";
import type { Form } from "./fragment.ts";
import { textOf } from "./value-reader.ts";
import { escapeAttribute, escapeText, planXml } from "./xml-plan.ts";
import type { XmlElement, XmlPlan, XmlStep } from "./xml-plan.ts";

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

  take(nodes: readonly BinXmlNode[], template: Template | undefined): void {
    for (const node of template === undefined ? planXml(nodes) : planOf(template)) this.#node(node);
  }

  #node(node: XmlStep): void {
    const chunk = this.#chunk;
    if (!chunk.spend(16)) return;
    switch (node.kind) {
      case "text":
        if (chunk.spend(node.text.length)) this.#text += node.text;
        return;
      case "hole":
        if (chunk.isXml(node.index))
          this.#fragments.read(chunk.startOf(node.index), chunk.endOf(node.index), PLACE.data);
        else this.#text += valueText(chunk.valueAt(node.index));
        return;
      case "instance":
        this.#fragments.instance(node.at, chunk.bytes.length, PLACE.data);
        return;
      case "element":
        this.#element(node);
    }
  }

  /** An element around a list stands once for each of its items. */
  #element(element: XmlElement): void {
    const chunk = this.#chunk;
    if (element.dependency >= 0 && chunk.isNull(element.dependency)) return;
    if (element.only >= 0 && !chunk.isXml(element.only)) {
      const value = chunk.valueAt(element.only);
      if (Array.isArray(value) && value.length > 0)
        for (const item of value as readonly FieldValue[]) this.#filled(element, valueText(item));
      else this.#filled(element, valueText(value));
    } else if (element.children.length === 0) this.#filled(element, "");
    else {
      this.#startTag(element);
      this.#text += ">";
      for (const child of element.children) this.#node(child);
      this.#text += element.end;
    }
  }

  #filled(element: XmlElement, content: string): void {
    if (!this.#chunk.spend(16)) return;
    this.#startTag(element);
    this.#text += content === "" ? "/>" : `>${content}${element.end}`;
  }

  /** Attributes whose only value is null are not there. */
  #startTag(element: XmlElement): void {
    let text = element.start;
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
    if (this.#chunk.spend(text.length)) this.#text += text;
  }

  #valueText(index: number): string {
    return this.#chunk.isXml(index) ? "" : textOf(this.#chunk.valueAt(index));
  }
}

function planOf(template: Template): XmlPlan {
  template.xml ??= planXml(template.nodes);
  return template.xml;
}

function valueText(value: FieldValue): string {
  return typeof value === "number" ? String(value) : escapeText(textOf(value));
}
