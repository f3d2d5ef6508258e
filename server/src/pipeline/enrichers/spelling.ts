import { FIELDS } from "@tyto/domain";
import type { FieldValue } from "@tyto/domain";
import type { Fields } from "./enricher.ts";

const HASHED = /(?:^|\.)hash\.(?:md5|sha1|sha224|sha256|sha384|sha512|imphash)$/;
const HEX = /^[0-9A-Fa-f]+$/;

/** How ECS spells the values of a field, where it settles that. */
function spellingOf(name: string): ((text: string) => string) | undefined {
  if (HASHED.test(name)) return (text) => (HEX.test(text) ? text.toLowerCase() : text);
  if (/(?:^|\.)mac$/.test(name)) return macOf;
  return undefined;
}

const OCTETS = /^[0-9A-Fa-f]{2}([:-]?)[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){4}$/;
const CISCO_GROUPS = /^[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}$/;

/** RFC 7042: upper case, hyphens between the octets. What is no such address stays as it is. */
export function macOf(text: string): string {
  if (!OCTETS.test(text) && !CISCO_GROUPS.test(text)) return text;
  const digits = text.replace(/[:.-]/g, "").toUpperCase();
  return digits.match(/../g)?.join("-") ?? text;
}

/** Applies a spelling to a text or to each text of a list. */
function respelled(value: FieldValue, spell: (text: string) => string): FieldValue {
  if (typeof value === "string") return spell(value);
  if (!Array.isArray(value)) return value;
  return (value as readonly FieldValue[]).map((item) => (typeof item === "string" ? spell(item) : item));
}

const SPELLINGS: ReadonlyMap<string, (text: string) => string> = new Map(
  [...FIELDS.keys()].flatMap((name) => {
    const spell = spellingOf(name);
    return spell === undefined ? [] : [[name, spell] as const];
  }),
);

/** Hashes in lower case, hardware addresses as ECS writes them, so that equal ones are equal texts. */
export function settleSpelling(fields: Fields): void {
  for (const [name, value] of fields) {
    const spell = SPELLINGS.get(name);
    if (spell !== undefined) fields.set(name, respelled(value, spell));
  }
}
