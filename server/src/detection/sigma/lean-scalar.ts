/** Scalars on one line, as `lean-yaml.ts` reads them. Whatever is not certain is `undefined`, and the library's to read. */

export interface ScannedText {
  readonly text: string;
  /** Just after it. */
  readonly end: number;
}

export interface ScannedPlain {
  readonly text: string;
  /** Where a `: ` ends it, `-1` when none does. */
  readonly colon: number;
}

const SPACE = 0x20;
const NEWLINE = 0x0a;
const HASH = 0x23;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const DOUBLE_QUOTE = 0x22;

/** What a plain scalar may not begin with, and some that need a second look: `?`, `:`. */
const INDICATORS = new Set([..."?:,[]{}#&*!|>'\"%@`"].map((char) => char.charCodeAt(0)));
const ESCAPES = new Map([...'\\"/', "n", "t", "r"].map((char) => [char, char]));
ESCAPES.set("n", "\n").set("t", "\t").set("r", "\r");

/** Reads `'it''s'` from its opening quote; `undefined` when it does not end before `lineEnd`. */
export function scanSingleQuoted(source: string, start: number, lineEnd: number): ScannedText | undefined {
  let isDoubled = false;
  for (let at = source.indexOf("'", start + 1); at >= 0 && at < lineEnd; at = source.indexOf("'", at + 2)) {
    if (source.charCodeAt(at + 1) === 0x27) {
      isDoubled = true;
      continue;
    }
    const text = source.slice(start + 1, at);
    return { text: isDoubled ? text.replaceAll("''", "'") : text, end: at + 1 };
  }
  return undefined;
}

/** Reads `"a\n"` from its opening quote; `undefined` for rare escapes, and when it does not end before `lineEnd`. */
export function scanDoubleQuoted(source: string, start: number, lineEnd: number): ScannedText | undefined {
  let text = "";
  let from = start + 1;
  for (let at = from; at < lineEnd; at++) {
    const code = source.charCodeAt(at);
    if (code === DOUBLE_QUOTE) return { text: text + source.slice(from, at), end: at + 1 };
    if (code !== BACKSLASH) continue;
    const meant = at + 1 < lineEnd ? ESCAPES.get(source.charAt(at + 1)) : undefined;
    if (meant === undefined) return undefined;
    text += source.slice(from, at) + meant;
    at++;
    from = at + 1;
  }
  return undefined;
}

/** Reads a plain scalar up to its line's end, a comment, or the colon that makes it a key. */
export function scanPlain(source: string, start: number, lineEnd: number): ScannedPlain | undefined {
  if (INDICATORS.has(source.charCodeAt(start))) return undefined;
  let end = lineEnd;
  let colon = -1;
  for (let at = start; at < lineEnd; at++) {
    const code = source.charCodeAt(at);
    if (code === COLON && isBlankAt(source, at + 1)) {
      colon = at;
      end = at;
      break;
    }
    if (code === HASH && source.charCodeAt(at - 1) === SPACE) {
      end = at;
      break;
    }
  }
  while (end > start && source.charCodeAt(end - 1) === SPACE) end--;
  return { text: source.slice(start, end), colon };
}

/** A space, a line's end or the text's end. */
export function isBlankAt(source: string, at: number): boolean {
  const code = source.charCodeAt(at);
  return code === SPACE || code === NEWLINE || Number.isNaN(code);
}

const MAYBE_TYPED = /^[-+.~0-9nNtTfF]/;
const INTEGER = /^[-+]?[0-9]+$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)$/;
const RARE_NUMBER =
  /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+)$/;
const WORDS = new Map<string, boolean | null>([
  ...["", "~", "null", "Null", "NULL"].map((word): [string, null] => [word, null]),
  ...["true", "True", "TRUE"].map((word): [string, boolean] => [word, true]),
  ...["false", "False", "FALSE"].map((word): [string, boolean] => [word, false]),
]);

/** A plain scalar's value by the core schema of YAML 1.2; `undefined` for rare spellings of numbers. */
export function plainValue(text: string): string | number | boolean | null | undefined {
  if (text !== "" && !MAYBE_TYPED.test(text)) return text;
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (INTEGER.test(text) || FLOAT.test(text)) return Number(text);
  return RARE_NUMBER.test(text) ? undefined : text;
}
