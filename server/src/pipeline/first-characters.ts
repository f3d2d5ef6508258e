import { alternativesOf, elementEnd, escapedCharacter, quantifierAt } from "./pattern-elements.ts";

const DIGITS = "0123456789";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** What an element of an expression may begin with; `null`: anything. */
type First = ReadonlySet<string> | null;

/**
 * The characters that a text must begin with to match an anchored expression, so that recognisers are filed under them. `null` when it
 * may begin with anything, or when that cannot be told: then it is tried on every text.
 */
export function firstCharacters(pattern: string): First {
  if (!pattern.startsWith("^")) return null;
  const first = firstOfSequence(pattern, 1);
  return first === null || first.size === 0 ? null : first;
}

/** From a place to the end of its alternative: elements that may be missing let those behind them begin the text. */
function firstOfSequence(source: string, from: number): First {
  const all = new Set<string>();
  let at = from;
  for (;;) {
    const char = source[at];
    // An alternative that may be empty: whatever follows the group may begin the text.
    if (char === undefined || char === "|" || char === ")" || char === "$") return null;
    const end = elementEnd(source, at);
    if (end === null) return null;
    const first = firstOfElement(source, at, end);
    if (first === null) return null;
    for (const one of first) all.add(one);
    const quantifier = quantifierAt(source, end);
    if (quantifier.least > 0) return all;
    at = quantifier.end;
  }
}

function firstOfElement(source: string, at: number, end: number): First {
  const char = source[at];
  if (char === "\\") return escaped(source[at + 1] ?? "");
  if (char === "[") return characterClass(source.slice(at + 1, end - 1));
  if (char !== "(") return char === "." ? null : new Set([char ?? ""]);
  // Looking around takes no character.
  const alternatives = alternativesOf(source, at, end);
  if (alternatives === null) return null;
  const all = new Set<string>();
  for (const { from } of alternatives) {
    const first = firstOfSequence(source, from);
    if (first === null) return null;
    for (const one of first) all.add(one);
  }
  return all;
}

function escaped(char: string): First {
  if (char === "d") return new Set(DIGITS);
  if (char === "w") return new Set(`${DIGITS}${LETTERS}_`);
  const one = escapedCharacter(char);
  return one === undefined ? null : new Set([one]);
}

function characterClass(body: string): First {
  if (body.startsWith("^")) return null;
  const all = new Set<string>();
  for (let at = 0; at < body.length; at += 1) {
    const char = body[at] ?? "";
    if (char === "\\") {
      at += 1;
      const first = escaped(body[at] ?? "");
      if (first === null) return null;
      for (const one of first) all.add(one);
    } else if (body[at + 1] === "-" && body[at + 2] !== undefined) {
      const last = body.charCodeAt(at + 2);
      if (last > 0x7f) return null;
      for (let code = char.charCodeAt(0); code <= last; code += 1) all.add(String.fromCharCode(code));
      at += 2;
    } else all.add(char);
  }
  return all;
}
