import type { FieldDefinition, Micros } from "@tyto/domain";
import { parseIp, parseIpRange } from "./ip-range.ts";
import {
  call,
  column,
  junction,
  literal,
  type Expression,
  type KqlType,
  type Span,
  type TextOp,
} from "./ir.ts";
import { refuse } from "./refusal.ts";
import { plainText, type RangeEnd, type SearchAtom, type SearchRange } from "./search-cursor.ts";
import { escapeRegex } from "./text-match.ts";
import { parseInstant } from "./time-text.ts";

/** A field that a search names, with what decides how its values are read. */
export interface SearchField {
  readonly name: string;
  readonly type: KqlType;
  readonly definition: FieldDefinition | null;
  readonly span: Span;
}

const ANYTHING = "(?s:.*)";

/** A word or phrase: somewhere in the raw record or in the message, as a whole term. */
export function wordTest(atom: SearchAtom): Expression {
  if (isAny(atom)) return literal("bool", true, atom.span);
  const tests = ["raw", "message"].map((name) => textTest(column(name, "string", atom.span), atom));
  return junction("or", tests, atom.span);
}

/** `field:value`. */
export function fieldTest(field: SearchField, atom: SearchAtom, now: Micros): Expression {
  const target = column(field.name, field.type, field.span);
  if (isAny(atom)) return exists(field, target);
  const text = plainText(atom);
  if (isAddress(field)) return addressTest(target, atom, text);
  switch (field.type) {
    case "string":
    case "dynamic":
      return isProse(field) ? textTest(target, atom) : valueTest(target, atom);
    case "long":
    case "int":
    case "real":
    case "bool":
    case "datetime":
    case "timespan":
      if (text === undefined) {
        return refuse(
          "no-wildcard",
          `A ${field.type} takes no wildcards`,
          atom.span,
          "write a range: field:[1 TO 9]",
        );
      }
      return call("==", "bool", [target, typedLiteral(field, text, atom.span, now)], atom.span);
  }
}

/** `field:>5`, `field:[5 TO 9]`. */
export function rangeTest(field: SearchField, range: SearchRange, now: Micros): Expression {
  if (isAddress(field)) {
    return refuse(
      "no-address-range",
      "Addresses have no ranges",
      range.span,
      "write a network: field:192.0.2.0/24",
    );
  }
  const target = column(field.name, field.type, field.span);
  const side = (end: RangeEnd | null, open: "<" | ">"): readonly Expression[] => {
    if (end === null) return [];
    const text = plainText(end.value);
    if (text === undefined) return refuse("no-wildcard", "A range takes no wildcards", end.value.span);
    const value = typedLiteral(field, text, end.value.span, now);
    return [call(end.isInclusive ? `${open}=` : open, "bool", [target, value], range.span)];
  };
  const tests = [...side(range.low, ">"), ...side(range.high, "<")];
  return tests.length === 0 ? exists(field, target) : junction("and", tests, range.span);
}

function isAny(atom: SearchAtom): boolean {
  return (
    atom.pieces.length > 0 &&
    atom.pieces.every((piece) => typeof piece !== "string" && piece.wildcard === "*")
  );
}

function isAddress(field: SearchField): boolean {
  return field.definition?.type === "ip";
}

/** Fields of sentences: a value is a term in them, not the whole. */
function isProse(field: SearchField): boolean {
  return field.name === "raw" || field.definition?.type === "text";
}

function exists(field: SearchField, target: Expression): Expression {
  const isText = field.type === "string" || field.type === "dynamic";
  return call(isText ? "isnotempty" : "isnotnull", "bool", [target], field.span);
}

function addressTest(target: Expression, atom: SearchAtom, text: string | undefined): Expression {
  if (text === undefined) return valueTest(target, atom);
  if (text.includes("/") && parseIpRange(text) !== undefined) {
    return call("ip_in_range", "bool", [target, literal("string", text, atom.span)], atom.span);
  }
  if (parseIp(text) === undefined) {
    refuse(
      "bad-address",
      `"${text.slice(0, 60)}" is no address`,
      atom.span,
      "write 192.0.2.1, 192.0.2.0/24 or 192.0.2.*",
    );
  }
  return call("==", "bool", [target, literal("string", text, atom.span)], atom.span);
}

/** The whole value, ignoring case. */
function valueTest(target: Expression, atom: SearchAtom): Expression {
  const [before, text, after] = affixes(atom);
  if (text === undefined) return patternTest(target, atom, `^${patternOf(atom)}$`);
  const op = before ? (after ? "contains" : "endswith") : after ? "startswith" : "=~";
  return call(op, "bool", [target, literal("string", text, atom.span)], atom.span);
}

/** A term within a text. */
function textTest(target: Expression, atom: SearchAtom): Expression {
  const [before, text, after] = affixes(atom);
  if (text === undefined) return patternTest(target, atom, patternOf(atom, "\\S*"));
  const op: TextOp = before ? (after ? "contains" : "hassuffix") : after ? "hasprefix" : "has";
  return call(op, "bool", [target, literal("string", text, atom.span)], atom.span);
}

/** `*text*` taken apart; no text when wildcards stand inside. */
function affixes(atom: SearchAtom): readonly [boolean, string | undefined, boolean] {
  const isStar = (piece: SearchAtom["pieces"][number] | undefined): boolean =>
    typeof piece === "object" && piece.wildcard === "*";
  const before = isStar(atom.pieces[0]);
  const after = atom.pieces.length > 1 && isStar(atom.pieces.at(-1));
  const inner = atom.pieces.slice(before ? 1 : 0, after ? -1 : undefined);
  const isPlain = inner.length <= 1 && inner.every((piece) => typeof piece === "string");
  return [before, isPlain ? inner.join("") : undefined, after];
}

function patternTest(target: Expression, atom: SearchAtom, pattern: string): Expression {
  return call("matches regex", "bool", [target, literal("string", `(?i)${pattern}`, atom.span)], atom.span);
}

function patternOf(atom: SearchAtom, anything: string = ANYTHING): string {
  return atom.pieces
    .map((piece) =>
      typeof piece === "string" ? escapeRegex(piece) : piece.wildcard === "*" ? anything : ".",
    )
    .join("");
}

function typedLiteral(field: SearchField, text: string, span: Span, now: Micros): Expression {
  switch (field.type) {
    case "long":
    case "int":
    case "timespan":
      return integer(text, span);
    case "real":
      return real(text, span);
    case "dynamic":
      return /^-?\d+(\.\d+)?$/.test(text) ? real(text, span) : literal("string", text, span);
    case "bool":
      if (!/^(true|false)$/i.test(text)) refuse("bad-value", "This field is true or false", span);
      return literal("bool", text.toLowerCase() === "true", span);
    case "datetime": {
      const instant = parseInstant(text, now);
      if (instant === undefined)
        refuse(
          "bad-time",
          `"${text.slice(0, 60)}" is no time`,
          span,
          "write 2026-01-31T08:00:00Z, 2026-01-31 or -24h",
        );
      return literal("datetime", instant, span);
    }
    case "string":
      return literal("string", text, span);
  }
}

function integer(text: string, span: Span): Expression {
  if (!/^-?\d{1,19}$/.test(text)) refuse("bad-number", `"${text.slice(0, 60)}" is no whole number`, span);
  const value = Number(text);
  return literal("long", Number.isSafeInteger(value) ? value : text, span);
}

function real(text: string, span: Span): Expression {
  const value = Number(text);
  if (text === "" || !Number.isFinite(value))
    refuse("bad-number", `"${text.slice(0, 60)}" is no number`, span);
  return literal("real", value, span);
}
