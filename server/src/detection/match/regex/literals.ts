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

/** What every match of the expression holds; `undefined` when nothing is certain. */
export function neededTexts(node: RegexNode): NeededText | undefined {
  const { whole, needed } = describe(node);
  return whole === undefined ? needed : textOf(whole);
}

interface Description {
  /** The one text, case folded, that the node matches; `undefined` when there are several. */
  readonly whole: string | undefined;
  /** What is needed when there are several. */
  readonly needed: NeededText | undefined;
}

const NOTHING: Description = { whole: undefined, needed: undefined };

function describe(node: RegexNode): Description {
  switch (node.kind) {
    case "chars": {
      const unit = foldedUnit(node.set);
      return unit === undefined ? NOTHING : { whole: String.fromCharCode(unit), needed: undefined };
    }
    case "start":
    case "end":
      return { whole: "", needed: undefined };
    case "sequence":
      return describeSequence(node.of);
    case "choice": {
      if (node.of.length > MAX_BRANCHES) return NOTHING;
      const branches = node.of.map(neededTexts);
      const known = branches.filter((branch) => branch !== undefined);
      return known.length < branches.length
        ? NOTHING
        : { whole: undefined, needed: { kind: "any", of: known } };
    }
    case "repeat":
      return describeRepeat(node);
    default:
      return assertNever(node);
  }
}

function describeSequence(parts: readonly RegexNode[]): Description {
  const needs: NeededText[] = [];
  let run = "";
  let isWhole = true;
  const endRun = (): void => {
    const text = textOf(run);
    if (text !== undefined) needs.push(text);
    run = "";
  };
  for (const part of parts) {
    const { whole, needed } = describe(part);
    if (whole !== undefined) {
      run += whole;
      continue;
    }
    isWhole = false;
    endRun();
    if (needed !== undefined) needs.push(needed);
  }
  if (isWhole) return { whole: run, needed: undefined };
  endRun();
  const [only] = needs;
  return { whole: undefined, needed: needs.length > 1 ? { kind: "all", of: needs } : only };
}

function describeRepeat({ of, least, most }: Extract<RegexNode, { kind: "repeat" }>): Description {
  if (least === 0) return NOTHING;
  const inner = describe(of);
  if (inner.whole !== undefined && least === most)
    return { whole: inner.whole.repeat(least), needed: undefined };
  return {
    whole: undefined,
    needed: inner.whole === undefined ? inner.needed : textOf(inner.whole.repeat(least)),
  };
}

function textOf(text: string): NeededText | undefined {
  return text === "" ? undefined : { kind: "text", text };
}

/** The unit that all units of a set become when case is folded: `[Aa]` is `a`. */
function foldedUnit(set: CharSet): number | undefined {
  let folded: number | undefined;
  for (const [first, last] of set) {
    if (last - first > 3) return undefined;
    for (let unit = first; unit <= last; unit++) {
      const one = FOLDED_UNITS[unit];
      if (folded !== undefined && one !== folded) return undefined;
      folded = one;
    }
  }
  return folded;
}
