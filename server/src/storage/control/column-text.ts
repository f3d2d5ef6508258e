import { createHash } from "node:crypto";

/*
 * Log text reaches the store in names, entities and keys. Databases take less than JavaScript does: libsql cuts a text at the first
 * NUL and replaces lone surrogates, PostgreSQL refuses both. Such texts are stored as JSON behind a control character; texts that
 * begin with that character are, too, so that every text comes back as it went in and equal texts stay equal.
 */
const ESCAPE = "\u0001";
const NEEDS_ESCAPE = /^\u0001|\0|\p{Surrogate}/u;

/** The text as a database can keep it. */
export function escapeText(text: string): string {
  return NEEDS_ESCAPE.test(text) ? ESCAPE + JSON.stringify(text) : text;
}

export function unescapeText(stored: string): string {
  return stored.startsWith(ESCAPE) ? String(JSON.parse(stored.slice(1))) : stored;
}

/** Index entries have a size limit (PostgreSQL: 2,704 bytes). */
const MAX_INDEXED_CHARACTERS = 200;
const HASHED = "sha256:";

/** A text for looking up by equality only: itself, or its hash when it is long. Different texts stay different. */
export function indexedText(text: string): string {
  if (text.length <= MAX_INDEXED_CHARACTERS && !text.startsWith(HASHED)) return text;
  return HASHED + createHash("sha256").update(JSON.stringify(text)).digest("hex");
}
