import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from "@tyto/domain";
import type { Diagnostic, Place } from "@tyto/domain";

const MAX_NAME_CHARACTERS = 120;
const SHOWN_NAMES = 2;

/** What a sentence says about. */
export interface SentenceFacts {
  /** Distinct values, most frequent first. */
  namesOf(field: string): readonly string[];
  readonly count: number;
  /** What a correlation measured; of an episode the most in any of its windows. */
  readonly value?: number;
  readonly durationMicros: number;
}

/**
 * A sentence with blanks: `{source.ip}` names values, `{count}` is `**126 times** in 5 minutes`, `{value}` the measure, and what stands in `[ … ]` is
 * left out when one of its blanks has nothing to name.
 */
export interface Sentence {
  /** The fields that it names. */
  readonly fields: readonly string[];
  say(facts: SentenceFacts): string;
}

type Piece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "blank"; readonly field: string }
  | { readonly kind: "optional"; readonly of: readonly Piece[] };

export const EVENT_TEMPLATE = "[{user.name}: ]{title}[ from {source.ip}][ on {host.name}]";
export const CORRELATION_TEMPLATE =
  "{title}: seen {count}[ from {source.ip}][ as {user.name}][ on {host.name}]";

/** Reads a template; `{title}` is the rule's own. What is wrong with it is reported, and the default takes its place. */
export function readSentence(
  template: string,
  title: string,
  at: Place,
): { readonly sentence: Sentence | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const pieces: Piece[] = [];
  let optional: Piece[] | undefined;
  let problem: string | undefined;
  for (const match of template.matchAll(/\{([^{}]*)\}|[[\]{}]|[^[\]{}]+/g)) {
    const [text, field] = match;
    const target = optional ?? pieces;
    if (field === "title") target.push({ kind: "text", text: title });
    else if (field !== undefined) {
      if (!/^[\w@.-]+$/.test(field)) problem = `"{${field}}" names no field`;
      target.push({ kind: "blank", field });
    } else if (text === "[" && optional === undefined) optional = [];
    else if (text === "]" && optional !== undefined) {
      pieces.push({ kind: "optional", of: optional });
      optional = undefined;
    } else if (/^[[\]{}]$/.test(text)) problem = `a "${text}" stands alone`;
    else target.push({ kind: "text", text });
  }
  if (optional !== undefined) problem = `a "[" is never closed`;
  if (problem !== undefined) {
    const message = `the sentence cannot be read: ${problem}`;
    return { sentence: undefined, diagnostics: [{ severity: "error", code: "bad-sentence", message, at }] };
  }
  return { sentence: sentenceOf(pieces), diagnostics: [] };
}

function sentenceOf(pieces: readonly Piece[]): Sentence {
  const fields = new Set<string>();
  for (const piece of pieces.flatMap((one) => (one.kind === "optional" ? one.of : [one]))) {
    if (piece.kind === "blank" && piece.field !== "count" && piece.field !== "value") fields.add(piece.field);
  }
  return {
    fields: [...fields],
    say: (facts) => pieces.map((piece) => sayPiece(piece, facts) ?? "").join(""),
  };
}

/** `undefined` when a blank has nothing to name. */
function sayPiece(piece: Piece, facts: SentenceFacts): string | undefined {
  switch (piece.kind) {
    case "text":
      return piece.text;
    case "blank":
      if (piece.field === "count") return sayCount(facts);
      if (piece.field === "value") return sayValue(facts.value);
      return sayNames(facts.namesOf(piece.field));
    case "optional": {
      const said = piece.of.map((one) => sayPiece(one, facts));
      return said.includes(undefined) ? undefined : said.join("");
    }
  }
}

function sayNames(names: readonly string[]): string | undefined {
  const [first, second, third] = names.map(sayName);
  if (first === undefined) return undefined;
  if (second === undefined) return first;
  if (third === undefined) return `${first} and ${second}`;
  const rest = names.length - SHOWN_NAMES;
  return `${first}, ${second} and ${rest === 1 ? third : `${rest} others`}`;
}

const MARKUP = /[\u0000-\u001f\u007f*]/;

/** Log text never becomes markup: asterisks of its own are kept apart. */
function sayName(name: string): string {
  if (name.length <= MAX_NAME_CHARACTERS && !MARKUP.test(name)) return `**${name}**`;
  const plain = name.replace(/[\u0000-\u001f\u007f]+/g, " ").replaceAll("*", "∗");
  const points = [...plain];
  return `**${points.length > MAX_NAME_CHARACTERS ? `${points.slice(0, MAX_NAME_CHARACTERS).join("")}…` : plain}**`;
}

function sayCount({ count, durationMicros }: SentenceFacts): string {
  const times = count === 1 ? "once" : `${count.toLocaleString("en-US")} times`;
  return count === 1 ? `**${times}**` : `**${times}** in ${sayDuration(durationMicros)}`;
}

function sayValue(value: number | undefined): string | undefined {
  return value === undefined
    ? undefined
    : `**${value.toLocaleString("en-US", { maximumFractionDigits: 2 })}**`;
}

const UNITS = [
  ["day", MICROS_PER_DAY],
  ["hour", MICROS_PER_HOUR],
  ["minute", MICROS_PER_MINUTE],
  ["second", MICROS_PER_SECOND],
] as const;

/** In the largest unit of which there are two, rounded up: `90 seconds`, `5 minutes`. */
export function sayDuration(duration: number): string {
  for (const [name, size] of UNITS) {
    if (duration > size || name === "second") {
      const amount = Math.max(Math.ceil(duration / size), 1);
      if (amount >= 2 || name === "second") return `${amount} ${name}${amount === 1 ? "" : "s"}`;
    }
  }
  return "a moment";
}
