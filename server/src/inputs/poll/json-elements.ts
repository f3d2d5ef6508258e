const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);
const BLANKS = new Set([0x20, 0x09, 0x0a, 0x0d]);
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;

/**
 * The elements of a list in a JSON text, as bytes without the blanks between their tokens: numbers keep every digit. The list is the text
 * itself, or the value of a key of the outermost object. The text has been parsed before, so it is JSON.
 */
export function jsonElements(json: Uint8Array, key: string | undefined): readonly Uint8Array[] {
  const start = key === undefined ? listAt(json, 0) : listOf(json, key);
  return start === undefined ? [] : elementsFrom(json, start + 1);
}

function listAt(json: Uint8Array, from: number): number | undefined {
  let at = from;
  while (BLANKS.has(json[at] ?? 0) || json[at] === 0xef || json[at] === 0xbb || json[at] === 0xbf) at += 1;
  return json[at] === OPEN_LIST ? at : undefined;
}

/** Where the list begins that a key of the outermost object holds. */
function listOf(json: Uint8Array, key: string): number | undefined {
  const wanted = JSON.stringify(key);
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) {
      const end = stringEnd(json, at);
      const isKey = depth === 1 && end - at === wanted.length && text(json, at, end) === wanted;
      const colon = isKey ? skipBlanks(json, end) : end;
      if (isKey && json[colon] === 0x3a) return listAt(json, colon + 1);
      at = end - 1;
    } else if (OPEN.has(byte)) depth += 1;
    else if (CLOSE.has(byte)) depth -= 1;
  }
  return undefined;
}

function elementsFrom(json: Uint8Array, from: number): readonly Uint8Array[] {
  const elements: Uint8Array[] = [];
  let depth = 0;
  let compact: number[] = [];
  const end = (): void => {
    if (compact.length > 0) elements.push(Uint8Array.from(compact));
    compact = [];
  };
  for (let at = from; at < json.length; at += 1) {
    const byte = json[at] ?? 0;
    if (byte === QUOTE) {
      const stop = stringEnd(json, at);
      for (let i = at; i < stop; i += 1) compact.push(json[i] ?? 0);
      at = stop - 1;
      continue;
    }
    if (BLANKS.has(byte)) continue;
    if (depth === 0 && byte === COMMA) {
      end();
      continue;
    }
    if (OPEN.has(byte)) depth += 1;
    if (CLOSE.has(byte)) depth -= 1;
    if (depth < 0) break;
    compact.push(byte);
  }
  end();
  return elements;
}

/** Behind the closing quote of the string that opens at `at`. */
function stringEnd(json: Uint8Array, at: number): number {
  let i = at + 1;
  while (i < json.length && json[i] !== QUOTE) i += json[i] === BACKSLASH ? 2 : 1;
  return Math.min(i + 1, json.length);
}

function skipBlanks(json: Uint8Array, from: number): number {
  let at = from;
  while (BLANKS.has(json[at] ?? 0)) at += 1;
  return at;
}

function text(json: Uint8Array, from: number, to: number): string {
  return Buffer.from(json.buffer, json.byteOffset + from, to - from).toString("latin1");
}
