import type { BinXmlAttribute, BinXmlElement, BinXmlNode, BinXmlText } from "./binxml.ts";

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

/** One part of an event's text, with all that is the same for every record already written. */
export type XmlStep =
  /** Escaped. */
  | { readonly kind: "text"; readonly text: string }
  | Exclude<BinXmlNode, BinXmlText | BinXmlElement>
  | XmlElement;

export interface XmlElement {
  readonly kind: "element";
  readonly dependency: number;
  /** Name and attributes, without the bracket that ends them; only the name when an attribute holds values. */
  readonly start: string;
  readonly attributes: readonly BinXmlAttribute[];
  readonly end: string;
  /** The value that is all of its content; -1 when there is other content, or none. */
  readonly only: number;
  readonly children: readonly XmlStep[];
}

export type XmlPlan = readonly XmlStep[];

export function planXml(nodes: readonly BinXmlNode[]): XmlPlan {
  return nodes.map(prepare);
}

function prepare(node: BinXmlNode): XmlStep {
  if (node.kind === "text") return { kind: "text", text: escapeText(node.text) };
  if (node.kind !== "element") return node;
  const { name, dependency, attributes, children } = node;
  const [only] = children;
  const isStatic = attributes.every(({ parts }) => parts.every(({ kind }) => kind === "text"));
  const written = isStatic
    ? attributes.map(({ name: key, parts }) => ` ${key}='${parts.map(staticText).join("")}'`)
    : [];
  return {
    kind: "element",
    dependency,
    start: `<${name}${written.join("")}`,
    attributes: isStatic ? [] : attributes,
    end: `</${name}>`,
    only: children.length === 1 && only?.kind === "hole" ? only.index : -1,
    children: children.map(prepare),
  };
}

function staticText(part: BinXmlNode): string {
  return part.kind === "text" ? escapeAttribute(part.text) : "";
}

/** What XML 1.0 has no place for is written as a number too: the reader of the text shall lose nothing. */
export function escapeText(text: string): string {
  return NOT_PLAIN_IN_TEXT.test(text) ? text.replace(EACH_IN_TEXT, (one) => reference(one)) : text;
}

export function escapeAttribute(text: string): string {
  return NOT_PLAIN_IN_ATTRIBUTE.test(text) ? text.replace(EACH_IN_ATTRIBUTE, (one) => reference(one)) : text;
}

function reference(character: string): string {
  return NAMED[character] ?? `&#${character.charCodeAt(0)};`;
}
