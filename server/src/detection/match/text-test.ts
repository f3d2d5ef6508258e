import { assertNever } from "@tyto/domain";
import { DASHES } from "../sigma/pattern.ts";
import type { Pattern, PatternPart } from "../sigma/pattern.ts";
import { FOLDED_UNITS, foldCase } from "./fold.ts";

/** A field's value as text, as it stands and with its case folded. */
export interface TextValue {
  readonly text: string;
  readonly folded: string;
}

export type TextTest = (value: TextValue) => boolean;

/** Compiles a pattern. The common shapes (equal, contains, begins, ends) become one call of the engine's own search. */
export function compilePattern(pattern: Pattern, isCased: boolean): TextTest {
  const folded = isCased ? pattern : pattern.map(foldPart);
  const test = compileShape(folded);
  if (isCased || folded.every(isCaseless)) return (value) => test(value.text);
  const [first, second] = folded;
  if (folded.length === 1 && first?.kind === "text") return equalsFolded(first.text);
  if (folded.length === 2 && first?.kind === "many" && second?.kind === "text")
    return endsFolded(second.text);
  if (folded.length === 2 && first?.kind === "text" && second?.kind === "many")
    return startsFolded(first.text);
  return (value) => test(value.folded);
}

/** ASCII without letters: no other character folds to one of these. */
const CASELESS = /^[\x00-\x40\x5b-\x60\x7b-\x7f]*$/;

function isCaseless(part: PatternPart): boolean {
  return part.kind !== "text" || CASELESS.test(part.text);
}

/** Folding keeps lengths: what is of another length need not be folded. */
function equalsFolded(needle: string): TextTest {
  return (value) => value.text.length === needle.length && value.folded === needle;
}

/** Beginnings and ends are compared in place, since most differ in their first character. */
function startsFolded(needle: string): TextTest {
  const holds = standsIn(needle);
  return ({ text }) => holds(text, 0);
}

function endsFolded(needle: string): TextTest {
  const holds = standsIn(needle);
  return ({ text }) => holds(text, text.length - needle.length);
}

const ASCII = /^[\x00-\x7f]*$/;

function standsIn(needle: string): (text: string, start: number) => boolean {
  // Letters beyond the basic plane fold as pairs.
  if (!ASCII.test(needle)) return (text, start) => start >= 0 && foldCase(text).startsWith(needle, start);
  return (text, start) => {
    if (start < 0 || start + needle.length > text.length) return false;
    for (let i = needle.length - 1; i >= 0; i--) {
      if (FOLDED_UNITS[text.charCodeAt(start + i)] !== needle.charCodeAt(i)) return false;
    }
    return true;
  };
}

function foldPart(part: PatternPart): PatternPart {
  return part.kind === "text" ? { kind: "text", text: foldCase(part.text) } : part;
}

function compileShape(pattern: Pattern): (text: string) => boolean {
  const [first, second, third] = pattern;
  if (first === undefined) return (text) => text === "";
  if (pattern.length === 1 && first.kind === "many") return () => true;
  if (pattern.length === 1 && first.kind === "text") return (text) => text === first.text;
  if (pattern.length === 2 && second !== undefined) {
    if (first.kind === "many" && second.kind === "text") return (text) => text.endsWith(second.text);
    if (first.kind === "text" && second.kind === "many") return (text) => text.startsWith(first.text);
  }
  if (pattern.length === 3 && first.kind === "many" && second?.kind === "text" && third?.kind === "many") {
    return (text) => text.includes(second.text);
  }
  return compileGlob(pattern);
}

/** A text must hold the longest literal of its pattern; the search for it is far cheaper than the walk. */
function longestLiteral(pattern: Pattern): string {
  let longest = "";
  for (const part of pattern) {
    if (part.kind === "text" && part.text.length > longest.length) longest = part.text;
  }
  return longest;
}

function compileGlob(pattern: Pattern): (text: string) => boolean {
  const needle = longestLiteral(pattern);
  const segments = splitAtMany(pattern);
  const isOpenAtStart = pattern[0]?.kind === "many";
  const isOpenAtEnd = pattern.at(-1)?.kind === "many";
  return (text) => text.includes(needle) && matchSegments(segments, text, isOpenAtStart, isOpenAtEnd);
}

type Segment = readonly PatternPart[];

function splitAtMany(pattern: Pattern): readonly Segment[] {
  const segments: PatternPart[][] = [[]];
  for (const part of pattern) {
    if (part.kind === "many") segments.push([]);
    else segments.at(-1)?.push(part);
  }
  return segments.filter((segment) => segment.length > 0);
}

/** Leftmost placement of each segment in turn is enough: what follows a `*` can only gain room. */
function matchSegments(
  segments: readonly Segment[],
  text: string,
  isOpenAtStart: boolean,
  isOpenAtEnd: boolean,
): boolean {
  let from = 0;
  for (const [index, segment] of segments.entries()) {
    const isFixedAtStart = index === 0 && !isOpenAtStart;
    const isFixedAtEnd = index === segments.length - 1 && !isOpenAtEnd;
    if (isFixedAtStart) {
      const end = matchAt(segment, text, 0);
      if (end < 0 || (isFixedAtEnd && end !== text.length)) return false;
      from = end;
    } else if (isFixedAtEnd) {
      return endsWithSegment(segment, text, from);
    } else {
      const end = findFrom(segment, text, from);
      if (end < 0) return false;
      from = end;
    }
  }
  return true;
}

function findFrom(segment: Segment, text: string, from: number): number {
  for (let start = from; start <= text.length; start++) {
    const end = matchAt(segment, text, start);
    if (end >= 0) return end;
  }
  return -1;
}

function endsWithSegment(segment: Segment, text: string, from: number): boolean {
  // `?` is one code point, one or two units: the start is not known, but lies in a narrow range.
  const units = segment.reduce((sum, part) => sum + (part.kind === "text" ? part.text.length : 1), 0);
  const ones = segment.filter((part) => part.kind === "one").length;
  for (let start = text.length - units; start >= text.length - units - ones; start--) {
    if (start >= from && matchAt(segment, text, start) === text.length) return true;
  }
  return false;
}

/** Where the segment ends when it stands at `start`; -1 when it does not. */
function matchAt(segment: Segment, text: string, start: number): number {
  let at = start;
  for (const part of segment) {
    switch (part.kind) {
      case "text":
        if (!text.startsWith(part.text, at)) return -1;
        at += part.text.length;
        break;
      case "one": {
        const point = text.codePointAt(at);
        if (point === undefined) return -1;
        at += point > 0xffff ? 2 : 1;
        break;
      }
      case "dash":
        if (at >= text.length || !DASHES.includes(text.charAt(at))) return -1;
        at++;
        break;
      case "many":
        return -1;
      default:
        assertNever(part);
    }
  }
  return at;
}
