import type { MaskedCounts, MaskKind } from "@tyto/domain";
import { cardAt } from "./card-number.ts";
import { isSecretValue, mayBeSecretName, secretName } from "./secret-names.ts";
import { mayBeToken, secretOfToken } from "./token-formats.ts";

export interface MaskedRecord {
  /** The very record that came when nothing was masked. */
  readonly bytes: Uint8Array;
  readonly counts: MaskedCounts;
  /** A private key began in it and did not end: its lines may come as the next records. */
  readonly isKeyOpen: boolean;
}

/** What stands in the place of the bytes from `start` up to `end`: of another length only for what has a name. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The length of a password says something of it. */
const HIDDEN = "********";
/** A value or a token that is longer is masked up to here. */
const MAX_SECRET = 8_192;
const MAX_USER_INFO = 300;

const OTHER = 0;
const WORD = 1;
const DIGIT = 2;
/** Within a word, not at its beginning. */
const JOINT = 3;
const CLASS = characterClasses();

function characterClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  for (let code = 0x61; code <= 0x7a; code += 1) classes[code] = classes[code - 32] = WORD;
  for (let code = 0x30; code <= 0x39; code += 1) classes[code] = DIGIT;
  classes[0x5f] = WORD;
  classes[0x2d] = classes[0x2e] = JOINT;
  return classes;
}

const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const DASH = 0x2d;
const SLASH = 0x2f;
const COLON = 0x3a;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const LESS = 0x3c;
const GREATER = 0x3e;
const PERCENT = 0x25;

/**
 * Masks private keys, card numbers, tokens and passwords in well-known forms. One pass: every character is looked at a bounded number of
 * times, whatever the record holds. Bytes are taken as Latin-1, so that places in the text are places in the record.
 */
export function maskSecrets(record: Uint8Array, isKeyOpen = false): MaskedRecord {
  const buffer = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const scan = new SecretScan(buffer.toString("latin1"));
  scan.run(isKeyOpen);
  const { counts, edits } = scan;
  if (edits.length === 0) return { bytes: record, counts, isKeyOpen: scan.isKeyOpen };
  return { bytes: applied(buffer, edits), counts, isKeyOpen: scan.isKeyOpen };
}

function applied(buffer: Buffer, edits: readonly Edit[]): Uint8Array {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end, text } of edits) {
    pieces.push(buffer.subarray(at, start), Buffer.from(text, "latin1"));
    at = end;
  }
  pieces.push(buffer.subarray(at));
  return Buffer.concat(pieces);
}

class SecretScan {
  /** In order, none over another. */
  readonly edits: Edit[] = [];
  readonly counts: Partial<Record<MaskKind, number>> = {};
  isKeyOpen = false;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  run(isKeyOpen: boolean): void {
    const text = this.#text;
    let at = isKeyOpen ? this.#restOfKey() : 0;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      const kind = CLASS[code] ?? OTHER;
      if (kind === WORD || kind === DIGIT) at = this.#word(at);
      else if (code === DASH) at = this.#dashes(at);
      else if (code === COLON && text.charCodeAt(at + 1) === SLASH) at = this.#address(at);
      else at += 1;
    }
  }

  /** A run of letters, digits, underscores, dots and dashes. @returns where to go on. */
  #word(start: number): number {
    const text = this.#text;
    let end = start;
    let before = OTHER;
    // Never beyond the end: a look-up of NaN would make every look-up slow.
    for (const { length } = text; end < length;) {
      const kind = CLASS[text.charCodeAt(end)] ?? OTHER;
      if (kind === OTHER) break;
      if (kind === DIGIT && before !== DIGIT && before !== WORD) {
        const card = this.#card(end);
        if (card > end) return card;
      }
      before = kind;
      end += 1;
    }
    // A full stop or a dash at the end is none of its own.
    while (CLASS[text.charCodeAt(end - 1)] === JOINT) end -= 1;
    if (end - start < 4) return this.#named(start, end);
    const first = text.charCodeAt(start);
    if (mayBeToken(first)) {
      const word = text.slice(start, Math.min(end, start + MAX_SECRET));
      const secret = secretOfToken(word);
      if (secret >= 0)
        return this.#mask("token", start + secret, start + word.length, kept(word.slice(secret)));
    }
    // B and b.
    const isLikeScheme = (first | 0x20) === 0x62 && end - start <= 6;
    if (isLikeScheme && isScheme(text.slice(start, end))) return this.#scheme(start, end);
    return this.#named(start, end);
  }

  #card(start: number): number {
    const text = this.#text;
    // Decimals of a fraction.
    if (text.charCodeAt(start - 1) === 0x2e && CLASS[text.charCodeAt(start - 2)] === DIGIT) return start;
    const card = cardAt(text, start);
    if (card === undefined) return start;
    const star = this.#isJsonNumber(start, card.end) ? "0" : "*";
    let digit = 0;
    const masked = text.slice(start, card.end).replace(/\d/g, (own) => {
      digit += 1;
      return digit <= 6 || digit > card.digits - 4 ? own : star;
    });
    return this.#mask("card-number", start, card.end, masked);
  }

  /** Stars would make the object around it unreadable. */
  #isJsonNumber(start: number, end: number): boolean {
    const text = this.#text;
    const before = text.charAt(backOver(text, start) - 1);
    const after = text.charAt(over(text, end));
    return before !== "" && ":[,".includes(before) && after !== "" && ",]}".includes(after);
  }

  /** `Bearer …`, `Basic …`: what an Authorization header holds. */
  #scheme(start: number, end: number): number {
    const text = this.#text;
    if (text.charCodeAt(end) !== SPACE) return this.#named(start, end);
    const from = over(text, end);
    let to = from;
    while (to - from < MAX_SECRET && isTokenCharacter(text.charCodeAt(to))) to += 1;
    const secret = text.slice(from, to);
    const isHeader = /authorization\W{1,8}$/i.test(text.slice(Math.max(0, start - 24), start));
    const isSecret = isHeader ? secret.length >= 4 : secret.length >= 16 && /\d/.test(secret);
    return isSecret ? this.#mask("token", from, to, HIDDEN) : end;
  }

  /** `name=value`, `name: value`, `"name":"value"`, `--name value`. */
  #named(start: number, end: number): number {
    const text = this.#text;
    if (!mayBeSecretName(text.charCodeAt(end - 1))) return end;
    const quote = quoteAt(text, end);
    let at = over(text, end + quote.length);
    const sign = this.#signAt(at, start, { isBare: quote === "", end });
    if (sign === undefined) return end;
    const word = text.slice(start, end);
    const name = secretName(word);
    if (name === "none") return end;
    at += sign.length;
    const from = over(text, at);
    const isProse = sign === ":" && quote === "" && from > at;
    // A path of that name, and what went wrong with it.
    if (isProse && text.charCodeAt(start - 1) === SLASH) return end;
    const value = this.#valueFrom(from);
    if (!isSecretValue(value.text, word)) return end;
    // "Invalid token: try again" says nothing secret.
    if (isProse && name === "token" && !(value.text.length >= 8 && /\d/.test(value.text))) return end;
    return this.#mask(name, value.start, value.end, HIDDEN);
  }

  /** What stands between a name and its value; `undefined` when this is none. An option has nothing there but the space. */
  #signAt(
    at: number,
    start: number,
    { isBare, end }: { readonly isBare: boolean; readonly end: number },
  ): string | undefined {
    const text = this.#text;
    const code = text.charCodeAt(at);
    if (code === EQUALS) return text.startsWith("=>", at) || text.startsWith("==", at) ? "=>" : "=";
    if (code === COLON) return ":";
    if (!isBare) return undefined;
    // `<password>…</password>`, and a form's body that was encoded once more.
    if (code === GREATER && text.charCodeAt(start - 1) === LESS) return ">";
    if (code === PERCENT && text.slice(at, at + 3).toLowerCase() === "%3d") return "%3d";
    const isOption = text.charCodeAt(start - 1) === DASH && text.charCodeAt(start - 2) === DASH;
    return isOption && at === end + 1 && code !== DASH ? "" : undefined;
  }

  #valueFrom(from: number): { readonly start: number; readonly end: number; readonly text: string } {
    const text = this.#text;
    const quote = quoteAt(text, from);
    if (quote !== "") {
      const start = from + quote.length;
      const end = endOfQuoted(text, start, quote);
      if (end >= 0) return { start, end, text: text.slice(start, end) };
    }
    const start = from + quote.length;
    const code = text.charCodeAt(start);
    // An object or a list: what is secret in it has a name of its own.
    if (code === 0x7b || code === 0x5b) return { start, end: start, text: "" };
    const most = Math.min(text.length, start + MAX_SECRET);
    let end = start;
    while (end < most && !isValueEnd(text, end)) end += 1;
    return { start, end, text: text.slice(start, end) };
  }

  /** `scheme://user:password@host`. */
  #address(at: number): number {
    const text = this.#text;
    if (text.charCodeAt(at + 2) !== SLASH) return at + 1;
    const from = at + 3;
    const most = Math.min(text.length, from + MAX_USER_INFO);
    let colon = -1;
    for (let end = from; end < most; end += 1) {
      const code = text.charCodeAt(end);
      if (code === 0x40) {
        if (colon < 0 || !isSecretValue(text.slice(colon + 1, end), "password")) return from;
        return this.#mask("password", colon + 1, end, HIDDEN);
      }
      if (code === COLON && colon < 0) colon = end;
      if (code <= SPACE || code === SLASH || code === QUOTE || code === 0x3f || code === 0x23) return from;
    }
    return from;
  }

  /** `-----BEGIN … PRIVATE KEY-----`. */
  #dashes(at: number): number {
    const text = this.#text;
    if (!text.startsWith("-----BEGIN ", at)) return at + 1;
    const label = text.slice(at, at + 64);
    const armour = /^-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----/.exec(label);
    if (armour === null) return at + 5;
    this.#count("private-key");
    return this.#keyBody(at + armour[0].length);
  }

  /** Masks up to the end mark; without one to the end of the record, and then the next ones may go on. */
  #keyBody(from: number): number {
    const text = this.#text;
    const mark = text.indexOf("-----END", from);
    const end = mark < 0 ? text.length : mark;
    this.isKeyOpen = mark < 0;
    if (end > from) this.edits.push({ start: from, end, text: starredKey(text.slice(from, end)) });
    return end;
  }

  /** A record that came behind one in which a key began: a line of it, or something else. */
  #restOfKey(): number {
    const text = this.#text;
    const mark = text.indexOf("-----END");
    const own = mark < 0 ? text : text.slice(0, mark);
    return own.length <= MAX_SECRET && KEY_LINE.test(own) ? this.#keyBody(0) : 0;
  }

  #mask(kind: MaskKind, start: number, end: number, text: string): number {
    this.edits.push({ start, end, text });
    this.#count(kind);
    return end;
  }

  #count(kind: MaskKind): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
  }
}

/** Base 64, and the headers of old formats. */
const KEY_LINE = /^(?:[A-Za-z0-9+/=\s]+|(?:Proc-Type|DEK-Info|Comment|Version): .*)?$/;

/** Line ends stay, escaped ones too: the record keeps its lines, and JSON its form. */
function starredKey(body: string): string {
  return body.replace(/\\[rntu/"\\]|[^\s\\]+|\\/g, (own) =>
    own.length === 2 && own.startsWith("\\") ? own : "*".repeat(own.length),
  );
}

/** Dots stay, so that a token of parts keeps its parts. */
function kept(secret: string): string {
  return secret.replace(/[^.]/g, "*");
}

function isScheme(word: string): boolean {
  return (word.length === 6 || word.length === 5) && /^(?:bearer|basic)$/i.test(word);
}

function isTokenCharacter(code: number): boolean {
  return (
    (CLASS[code] ?? OTHER) !== OTHER || code === 0x7e || code === 0x2b || code === SLASH || code === EQUALS
  );
}

function over(text: string, from: number): number {
  let at = from;
  while (at - from < 4 && text.charCodeAt(at) === SPACE) at += 1;
  return at;
}

function backOver(text: string, from: number): number {
  let at = from;
  while (from - at < 4 && text.charCodeAt(at - 1) === SPACE) at -= 1;
  return at;
}

/** A quotation mark, with the backslashes of the JSON text that stands in another. */
function quoteAt(text: string, from: number): string {
  let at = from;
  while (at - from < 4 && text.charCodeAt(at) === BACKSLASH) at += 1;
  const code = text.charCodeAt(at);
  return code === QUOTE || (code === APOSTROPHE && at === from) ? text.slice(from, at + 1) : "";
}

/** -1 when it does not end within what a secret may have. */
function endOfQuoted(text: string, start: number, quote: string): number {
  const most = Math.min(text.length, start + MAX_SECRET);
  for (let at = start; at < most; at += 1) {
    if (text.startsWith(quote, at)) return at;
    // What is escaped within: one level deeper than the quotation marks around it.
    if (text.charCodeAt(at) === BACKSLASH) at += quote.length;
  }
  return -1;
}

/** Of a value without quotation marks. A backslash ends it where it begins the escape of a text around it. */
function isValueEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code === BACKSLASH) return /["'nrt\\]/.test(text.charAt(at + 1));
  if (code === PERCENT) return text.startsWith("%26", at);
  return code <= SPACE || VALUE_ENDS.has(code);
}

const VALUE_ENDS: ReadonlySet<number> = new Set(Array.from("&,;\"'<>)]}", (one) => one.charCodeAt(0)));
