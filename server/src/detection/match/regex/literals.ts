import { assertNever } from "@tyto/domain";
import { FOLDED_UNITS } from "../fold.ts";
import type { CharSet } from "./char-set.ts";
import type { RegexNode } from "./syntax.ts";

/** Texts, case folded, of which a matching text must hold all, or any one. */
export type NeededText =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "all"; readonly of: readonly NeededText[] }
  | { readonly kind: "any"; readonly of: readonly NeededText[] };

const MAX_BRANCHES = 200;
/** Repetitions that are written out, so that what stands beside them is seen as one text: `"(\\{x)+` holds `"{x`. */
const MAX_WRITTEN_OUT = 16;
/** Texts that a part may be one of and still be written out: `\\.[ "']` holds `. `, `."` or `.'`. */
const MAX_ALTERNATIVES = 16;
const MAX_UNITS = 4;
/** A certain text of this length is rare enough; alternatives are not worth having beside it. */
const LONG_ENOUGH = 4;

/** What every match of the expression holds; `undefined` when nothing is certain. */
export function neededTexts(node: RegexNode): NeededText | undefined {
  const { texts, needed } = describe(node);
  return texts === undefined ? needed : oneOf(texts);
}

interface Description {
  /** All texts, case folded, that the node matches; `undefined` when there are too many. */
  readonly texts: readonly string[] | undefined;
  /** What is needed when there are too many. */
  readonly needed: NeededText | undefined;
}

const NOTHING: Description = { texts: undefined, needed: undefined };

function describe(node: RegexNode): Description {
  switch (node.kind) {
    case "chars":
      return { texts: foldedUnits(node.set), needed: undefined };
    case "start":
    case "end":
      return { texts: [""], needed: undefined };
    case "choice":
      return describeChoice(node.of);
    case "sequence":
    case "repeat": {
      const parts = writtenOut(node);
      const [only] = parts;
      return parts.length === 1 && only?.kind === "repeat" ? describeRepeat(only) : describeSequence(parts);
    }
    default:
      return assertNever(node);
  }
}

function describeChoice(branches: readonly RegexNode[]): Description {
  if (branches.length > MAX_BRANCHES) return NOTHING;
  const described = branches.map(describe);
  const texts = described.flatMap((one) => one.texts ?? []);
  if (described.every((one) => one.texts !== undefined) && texts.length <= MAX_ALTERNATIVES)
    return { texts: [...new Set(texts)], needed: undefined };
  const needs = described.flatMap((one) => (one.texts === undefined ? one.needed : oneOf(one.texts)) ?? []);
  return needs.length < branches.length ? NOTHING : { texts: undefined, needed: { kind: "any", of: needs } };
}

function describeSequence(parts: readonly RegexNode[]): Description {
  const needs: NeededText[] = [];
  let run = new Run();
  let isWhole = true;
  for (const part of parts) {
    const { texts, needed } = describe(part);
    if (texts !== undefined && run.extend(texts)) continue;
    isWhole = false;
    needs.push(...run.needs());
    run = new Run();
    if (texts !== undefined) run.extend(texts);
    else if (needed !== undefined) needs.push(needed);
  }
  if (isWhole) return { texts: run.texts, needed: undefined };
  needs.push(...run.needs());
  const [only] = needs;
  return { texts: undefined, needed: needs.length > 1 ? { kind: "all", of: needs } : only };
}

/** Neighbouring parts of which all texts are known. */
class Run {
  /** All that they can be together. */
  texts: readonly string[] = [""];
  /** What they are in any case. */
  readonly #certain = [""];

  /** False, and unchanged, when there would be too many. */
  extend(texts: readonly string[]): boolean {
    if (this.texts.length * texts.length > MAX_ALTERNATIVES) return false;
    this.texts = this.texts.flatMap((before) => texts.map((text) => before + text));
    const [only] = texts;
    if (texts.length === 1 && only !== undefined) this.#certain.push((this.#certain.pop() ?? "") + only);
    else this.#certain.push("");
    return true;
  }

  needs(): readonly NeededText[] {
    const certain = this.#certain.filter((text) => text !== "");
    const longest = Math.max(0, ...certain.map((text) => text.length));
    const alternatives = oneOf(this.texts);
    const shortest = Math.min(...this.texts.map((text) => text.length));
    if (alternatives !== undefined && longest < LONG_ENOUGH && shortest > longest) return [alternatives];
    return certain.map((text) => ({ kind: "text", text }));
  }
}

/** A sequence's parts, with those of inner sequences and repetitions that are certain. */
function writtenOut(node: RegexNode): readonly RegexNode[] {
  if (node.kind === "sequence") return node.of.flatMap(writtenOut);
  if (node.kind !== "repeat" || node.least === 0) return [node];
  const once = writtenOut(node.of);
  if (once.length * node.least > MAX_WRITTEN_OUT) return [node];
  const certain = Array.from({ length: node.least }, () => once).flat();
  return node.most === node.least ? certain : [...certain, { ...node, least: 0 }];
}

/** Of a repetition that is not written out. */
function describeRepeat({ of, least }: Extract<RegexNode, { kind: "repeat" }>): Description {
  if (least === 0) return NOTHING;
  const { texts, needed } = describe(of);
  const [only] = texts ?? [];
  if (texts?.length === 1 && only !== undefined)
    return { texts: undefined, needed: oneOf([only.repeat(least)]) };
  return { texts: undefined, needed: texts === undefined ? needed : oneOf(texts) };
}

function oneOf(texts: readonly string[]): NeededText | undefined {
  const needs = texts.map((text): NeededText => ({ kind: "text", text }));
  return texts.includes("") ? undefined : needs.length > 1 ? { kind: "any", of: needs } : needs[0];
}

/** The units that those of a set become when case is folded (`[Aa]` is `a`), if they are few. */
function foldedUnits(set: CharSet): readonly string[] | undefined {
  const folded = new Set<string>();
  for (const [first, last] of set) {
    if (last - first > MAX_UNITS) return undefined;
    for (let unit = first; unit <= last; unit++) folded.add(String.fromCharCode(FOLDED_UNITS[unit] ?? unit));
  }
  return folded.size > 0 && folded.size <= MAX_UNITS ? [...folded] : undefined;
}

/** Characters of the shortest text that the expression can match: nothing shorter needs a look. */
export function shortestMatch(node: RegexNode): number {
  switch (node.kind) {
    case "chars":
      return 1;
    case "start":
    case "end":
      return 0;
    case "sequence":
      return node.of.reduce((sum, part) => sum + shortestMatch(part), 0);
    case "choice":
      return Math.min(...node.of.map(shortestMatch));
    case "repeat":
      return node.least === 0 ? 0 : node.least * shortestMatch(node.of);
    default:
      return assertNever(node);
  }
}
