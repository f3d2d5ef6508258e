import type { Pattern } from "../sigma/pattern.ts";
import { foldCase } from "./fold.ts";
import type { LiteralKind } from "./literals/literal.ts";

/** A literal that every text a pattern matches must hold, folded. */
export interface PatternLiteral {
  readonly kind: LiteralKind;
  readonly text: string;
}

const ASCII = /^[\x00-\x7f]+$/;
const HALF_CHARACTER = /[\ud800-\udfff]/;
const ASCII_RUNS = /[\x00-\x7f]+/g;

/** The literal that says the same as the whole pattern; `undefined` when there is none that a `LiteralSet` can seek. */
export function literalOfPattern(pattern: Pattern): PatternLiteral | undefined {
  const [first, second, third] = pattern;
  if (first === undefined) return { kind: "equals", text: "" };
  if (pattern.length === 1 && first.kind === "text") return { kind: "equals", text: foldCase(first.text) };
  if (pattern.length === 2 && first.kind === "text" && second?.kind === "many")
    return seekable("starts", first.text);
  if (pattern.length === 2 && first.kind === "many" && second?.kind === "text")
    return seekable("ends", second.text);
  if (pattern.length === 3 && first.kind === "many" && second?.kind === "text" && third?.kind === "many")
    return seekable("contains", second.text);
  return undefined;
}

function seekable(kind: LiteralKind, text: string): PatternLiteral | undefined {
  const folded = foldCase(text);
  if (kind === "contains" ? hasLettersBeyondPlane(folded) : !ASCII.test(folded)) return undefined;
  return { kind, text: folded };
}

/** Letters beyond the basic plane have a case that a search by UTF-16 units does not see; signs such as emoji have none. */
function hasLettersBeyondPlane(text: string): boolean {
  return (
    HALF_CHARACTER.test(text) &&
    [...text].some((char) => char.length === 2 && char.toLowerCase() !== char.toUpperCase())
  );
}

/** Every literal that a matching text must hold, the whole pattern's own if it has one; none for `*`. */
export function literalsWithin(pattern: Pattern): readonly PatternLiteral[] {
  const whole = literalOfPattern(pattern);
  if (whole !== undefined) return [whole].filter(isInValues);
  return pattern.flatMap((part, index) => {
    if (part.kind !== "text") return [];
    return literalsOfText(part.text, { isFirst: index === 0, isLast: index === pattern.length - 1 });
  });
}

/** U+FFFD may stand for a lone surrogate of the value as it came, in which it is not found. */
function isInValues({ text }: { readonly text: string }): boolean {
  return !text.includes("\ufffd");
}

/** Parts of a text, which stands somewhere in a value or at an end of it, that can be sought. */
export function literalsOfText(
  text: string,
  place: { readonly isFirst: boolean; readonly isLast: boolean },
): readonly PatternLiteral[] {
  const folded = foldCase(text);
  const parts = !isInValues({ text: folded })
    ? []
    : hasLettersBeyondPlane(folded)
      ? [...folded.matchAll(ASCII_RUNS)]
      : [{ 0: folded, index: 0 }];
  return parts.map(({ 0: part, index }) => {
    const isPlain = ASCII.test(part);
    if (isPlain && place.isFirst && index === 0) return { kind: "starts", text: part };
    if (isPlain && place.isLast && index + part.length === folded.length) return { kind: "ends", text: part };
    return { kind: "contains", text: part };
  });
}
