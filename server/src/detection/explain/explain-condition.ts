import type { ExplainedItem, ExplainedPart, PartName } from "@tyto/domain";
import type { SlotOf } from "../match/compile.ts";
import type { Subject } from "../match/subject.ts";
import type { Expression } from "../sigma/rule.ts";
import { explainItem } from "./explain-item.ts";

/** Parts of one `and` or `or` that are shown; those on which the verdict rests first. */
const MAX_PARTS = 100;

/** Every part of a condition with its answer, and which of them the verdict rests on. Slow: it asks everything. */
export function explainCondition(expression: Expression, slotOf: SlotOf, subject: Subject): ExplainedPart {
  return explainPart(expression, { slotOf, subject, decides: true });
}

interface Asking {
  readonly slotOf: SlotOf;
  readonly subject: Subject;
  /** The verdict rests on what is asked. */
  readonly decides: boolean;
}

function explainPart(expression: Expression, asking: Asking): ExplainedPart {
  const { slotOf, subject, decides } = asking;
  const name = expression.name === undefined ? {} : { name: expression.name };
  switch (expression.kind) {
    case "item":
      return { ...explainItem(expression.item, slotOf, subject), ...name, decides };
    case "not": {
      const inner = explainPart(expression.of, asking);
      return { kind: "not", ...name, isMet: !inner.isMet, decides, of: [inner], omitted: 0 };
    }
    case "and":
    case "or": {
      const parts = expression.of.map((one) => explainPart(one, asking));
      const isAll = expression.kind === "and";
      const isMet = isAll ? parts.every((one) => one.isMet) : parts.some((one) => one.isMet);
      // A true `and` rests on all of its parts, a false one on those that are false; an `or` the other way round.
      const marked = parts.map((one) => (one.isMet === isMet ? one : undecided(one)));
      const shown = fewest(marked);
      const omitted = marked.length - shown.length;
      return { kind: expression.kind, ...name, isMet, decides, of: shown, omitted };
    }
  }
}

function undecided(part: ExplainedPart): ExplainedPart {
  if (!part.decides) return part;
  return part.kind === "item"
    ? { ...part, decides: false }
    : { ...part, decides: false, of: part.of.map(undecided) };
}

function fewest(parts: readonly ExplainedPart[]): readonly ExplainedPart[] {
  if (parts.length <= MAX_PARTS) return parts;
  const kept = new Set([...parts.filter(({ decides }) => decides), ...parts].slice(0, MAX_PARTS));
  return parts.filter((part) => kept.has(part));
}

/** A line on which the verdict rests, with the names above it, outermost first. */
interface Ground {
  readonly item: ExplainedItem;
  readonly names: readonly PartName[];
}

/** The lines on which the verdict rests, in the rule's order. */
export function groundsOf(part: ExplainedPart, above: readonly PartName[] = []): readonly Ground[] {
  if (!part.decides) return [];
  const names = part.name === undefined ? above : [...above, part.name];
  return part.kind === "item" ? [{ item: part, names }] : part.of.flatMap((one) => groundsOf(one, names));
}
