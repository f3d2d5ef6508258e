import { alternativesOf, elementEnd, escapedCharacter, quantifierAt } from "./pattern-elements.ts";

/** More alternatives than this cost as much to look for as the expression. */
const MAX_TEXTS = 6;
/** Shorter texts are in every line. */
const MIN_CHARACTERS = 2;

/**
 * Texts of which one must stand in whatever matches the expression: looking for them is many times cheaper than the expression, and most
 * lines have none. Empty when there are none, or when that cannot be told.
 */
export function requiredTexts(pattern: string): readonly string[] {
  const end = pattern.endsWith("$") && !pattern.endsWith("\\$") ? pattern.length - 1 : pattern.length;
  const from = pattern.startsWith("^") ? 1 : 0;
  return isSequence(pattern, from, end) ? bestOf(pattern, from, end) : [];
}

/** Without a bar of its own. */
function isSequence(source: string, from: number, to: number): boolean {
  for (let at = from; at < to;) {
    if (source[at] === "|") return false;
    at = elementEnd(source, at) ?? to;
  }
  return true;
}

/** The most telling of what the elements of a sequence need. */
function bestOf(source: string, from: number, to: number): readonly string[] {
  let best: readonly string[] = [];
  let run = "";
  const offer = (texts: readonly string[]): void => {
    if (worth(texts) > worth(best)) best = texts;
  };
  for (let at = from; at < to;) {
    const end = elementEnd(source, at);
    if (end === null || end > to) break;
    const quantifier = quantifierAt(source, end);
    const isOnce = quantifier.end === end;
    const one = isOnce ? characterAt(source, at, end) : undefined;
    if (one === undefined) {
      offer([run]);
      run = "";
      if (quantifier.least > 0 && source[at] === "(") offer(ofGroup(source, at, end));
    } else run += one;
    at = quantifier.end;
  }
  offer([run]);
  return best;
}

/** One of each alternative, where each has one. */
function ofGroup(source: string, at: number, end: number): readonly string[] {
  const alternatives = alternativesOf(source, at, end) ?? [];
  const each = alternatives.map(({ from, to }) => bestOf(source, from, to));
  return each.some((texts) => texts.length === 0) ? [] : each.flat();
}

function characterAt(source: string, at: number, end: number): string | undefined {
  const char = source[at] ?? "";
  if (char === "\\") return escapedCharacter(source[at + 1] ?? "");
  return end === at + 1 && !".^$|()[]{}*+?".includes(char) ? char : undefined;
}

function worth(texts: readonly string[]): number {
  if (texts.length === 0 || texts.length > MAX_TEXTS) return 0;
  const shortest = Math.min(...texts.map((text) => text.length));
  return shortest < MIN_CHARACTERS ? 0 : shortest / texts.length ** 0.25;
}
