import type { KeyValueOptions } from "../../content/index.ts";

/** Where white space parts the pairs, `(uid=0)` and `http://host/?a=b` are words of a sentence. */
const KEY = /^[\w@][\w.@%$-]*$/;

/** What a scan hands over: a pair, or a word without a value. */
export interface PairSink {
  pair(key: string, value: string): void;
  bare(word: string): void;
}

/**
 * Scans `key=value key="quoted value"`. One pass, no expression, no failure: text that is no pair is a bare word. Quotes are
 * undone, a backslash within them keeps the next character. Returns how many pairs it saw.
 */
export function scanPairs(text: string, options: KeyValueOptions, sink: PairSink): number {
  const { pairSeparator, valueSeparator, quotes } = options;
  let pairs = 0;
  let position = 0;
  while (position < text.length) {
    if (isSeparator(text, position, pairSeparator)) {
      position += pairSeparator.length || 1;
      continue;
    }
    const end = wordEnd(text, position, pairSeparator);
    const equals = text.indexOf(valueSeparator, position);
    if (equals < 0 || equals >= end || equals === position) {
      sink.bare(trimmed(text.slice(position, end), options.trim));
      position = end;
      continue;
    }
    const key = text.slice(position, equals).trim();
    if (pairSeparator === "" && !KEY.test(key)) {
      sink.bare(trimmed(text.slice(position, end), options.trim));
      position = end;
      continue;
    }
    const start = skipSpaces(text, equals + valueSeparator.length, pairSeparator);
    const quote = text[start] ?? "";
    const isQuoted = quote !== "" && quotes.includes(quote);
    const close = isQuoted ? closingQuote(text, start + 1, quote) : -1;
    const stop = close < 0 ? wordEnd(text, start, pairSeparator) : close;
    const value = close < 0 ? text.slice(start, stop) : unescape(text.slice(start + 1, close));
    sink.pair(key, close < 0 ? trimmed(value, options.trim) : value);
    pairs += 1;
    position = close < 0 ? stop : close + 1;
  }
  return pairs;
}

function isSeparator(text: string, at: number, separator: string): boolean {
  return separator === "" ? text.charCodeAt(at) <= 0x20 : text.startsWith(separator, at);
}

/** With a separator of its own, spaces around values are padding; without one they end the value. */
function skipSpaces(text: string, at: number, separator: string): number {
  if (separator === "") return at;
  let i = at;
  while (text.charCodeAt(i) === 0x20 && !text.startsWith(separator, i)) i += 1;
  return i;
}

function wordEnd(text: string, from: number, separator: string): number {
  if (separator !== "") {
    const at = text.indexOf(separator, from);
    return at < 0 ? text.length : at;
  }
  let i = from;
  while (i < text.length && text.charCodeAt(i) > 0x20) i += 1;
  return i;
}

/** Place of the quote that ends a value, -1 when there is none. */
function closingQuote(text: string, from: number, quote: string): number {
  for (let i = from; i < text.length; i += 1) {
    if (text[i] === "\\") i += 1;
    else if (text[i] === quote) return i;
  }
  return -1;
}

/** A backslash before a letter is a Windows path, not an escape. */
function unescape(text: string): string {
  return text.includes("\\") ? text.replace(/\\(["'\\])/g, "$1") : text;
}

function trimmed(text: string, characters: string): string {
  if (characters === "") return text;
  let start = 0;
  let end = text.length;
  while (start < end && characters.includes(text[start] ?? "")) start += 1;
  while (end > start && characters.includes(text[end - 1] ?? "")) end -= 1;
  return text.slice(start, end);
}
