/**
 * The values of an event's XML, however it is laid out: by the path of their element, several of one path in the order in which they stand.
 * Empty ones are left out.
 */
export function valuesOf(xml: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const path: string[] = [];
  const take = (place: string, text: string): void => {
    const value = unescaped(text).trim();
    const before = values.get(place);
    if (value !== "") values.set(place, before === undefined ? value : `${before}\n${value}`);
  };
  for (const [, tag = "", text = ""] of xml.matchAll(/<([^>]+)>|([^<]+)/g)) {
    if (tag === "") take(path.join("/"), text);
    else if (tag.startsWith("/")) path.pop();
    else {
      const name = /^[^\s/]+/.exec(tag)?.[0] ?? "";
      const attributes = attributesOf(tag);
      const label = name === "Data" ? attributes.get("Name") : undefined;
      path.push(label === undefined ? name : `${name} ${label}`);
      for (const [key, value] of attributes) if (label === undefined) take(`${path.join("/")}@${key}`, value);
      if (tag.endsWith("/")) path.pop();
    }
  }
  return values;
}

function attributesOf(tag: string): ReadonlyMap<string, string> {
  const found = tag.matchAll(/\s([\w:.-]+)=(?:"([^"]*)"|'([^']*)')/g);
  return new Map(Array.from(found, ([, key = "", double, single]) => [key, double ?? single ?? ""]));
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replaceAll(
    /&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi,
    (all, ...groups: readonly (string | undefined)[]) => {
      const [decimal, hex, name] = groups;
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      return ENTITIES[name ?? ""] ?? all;
    },
  );
}

/** How a value of the other reader differs from ours. */
export type Difference =
  | "equal"
  /** Windows renders small letters, the other capitals. */
  | "letters of a GUID"
  /** Windows counts in 100 ns, the other cuts at the millisecond. */
  | "100 ns"
  /** The other indents what it renders, texts of several lines too. */
  | "white space"
  /** Windows renders pointers as hexadecimal numbers, the other as decimal ones. */
  | "pointer"
  /** Windows renders an element for each text of a list, the other one element with commas in it. */
  | "list"
  /** What XML has no place for is a reference to a character here; the other leaves it out. */
  | "control character"
  | "only ours"
  | "only theirs"
  | "another value";

export function difference(ours: string | undefined, theirs: string | undefined): Difference {
  if (ours === theirs) return "equal";
  if (ours === undefined) return "only theirs";
  if (theirs === undefined) return "only ours";
  if (/^\{[\da-f-]{36}\}$/.test(ours) && ours === theirs.toLowerCase()) return "letters of a GUID";
  if (/^[\d:T.-]+Z$/.test(ours) && theirs === ours.replace(/\d{4}Z$/, "Z")) return "100 ns";
  if (withoutSpace(ours) === withoutSpace(theirs)) return "white space";
  if (ours.replaceAll(/\p{Cc}/gu, "") === theirs) return "control character";
  if (/^0x[\da-f]+$/.test(ours) && BigInt(ours).toString() === theirs) return "pointer";
  if (withoutSpace(ours.replaceAll(",", "")) === withoutSpace(theirs.replaceAll(",", ""))) return "list";
  return "another value";
}

const withoutSpace = (text: string): string => text.replaceAll(/\s+/g, "");
