import { assertNever } from "@tyto/domain";
import type { DetectionItem, Expression, ValueTest } from "../sigma/rule.ts";
import type { SlotOf } from "./compile.ts";
import { literalsOfText, literalsWithin } from "./pattern-literal.ts";
import type { PatternLiteral } from "./pattern-literal.ts";
import { textsNeededBy } from "./regex.ts";
import type { NeededText } from "./regex/literals.ts";
import type { FieldSlot } from "./subject.ts";
import type { Commonness } from "./commonness.ts";

/** Something that an event must show before a rule can match it. */
export interface Witness {
  /** `null` = any value of the event. */
  readonly slot: FieldSlot | null;
  /** `undefined` = the field is present, whatever its value. */
  readonly literal: PatternLiteral | undefined;
}

/** What a matching event shows: `all` of these hold together, so any of them will do; of `any`, each may be the one. */
export type Requirement =
  | { readonly kind: "one"; readonly witness: Witness }
  | { readonly kind: "all"; readonly of: readonly Requirement[] }
  | { readonly kind: "any"; readonly of: readonly Requirement[] };

/** `undefined` when the rule can match an event that shows nothing: what stands under a `not` proves nothing. */
export function requirementOf(detection: Expression, slotOf: SlotOf): Requirement | undefined {
  switch (detection.kind) {
    case "and":
      return all(detection.of.map((one) => requirementOf(one, slotOf)));
    case "or":
      return any(detection.of.map((one) => requirementOf(one, slotOf)));
    case "not":
      return undefined;
    case "item":
      return requirementOfItem(detection.item, slotOf);
    default:
      return assertNever(detection);
  }
}

function requirementOfItem(item: DetectionItem, slotOf: SlotOf): Requirement | undefined {
  if (item.isNegated) return undefined;
  const slot = item.field === null ? null : slotOf(item.field);
  const tests = item.tests.map((test) => requirementOfTest(test, slot));
  return item.quantifier === "all" ? all(tests) : any(tests);
}

function requirementOfTest(test: ValueTest, slot: FieldSlot | null): Requirement | undefined {
  const present = slot === null ? undefined : one(slot, undefined);
  switch (test.kind) {
    case "patterns":
      return any(
        test.patterns.map((pattern) => {
          const literals = literalsWithin(pattern).filter(
            ({ kind, text }) => kind === "equals" || text !== "",
          );
          return all(literals.map((literal) => one(slot, literal))) ?? present;
        }),
      );
    case "regex":
      return requirementOfNeeded(textsNeededBy(test.source, test), slot) ?? present;
    case "null":
      return undefined;
    case "exists":
      return test.isPresent ? present : undefined;
    case "network":
    case "compare":
    case "time-part":
    case "field":
      return present;
    default:
      return assertNever(test);
  }
}

function requirementOfNeeded(
  needed: NeededText | undefined,
  slot: FieldSlot | null,
): Requirement | undefined {
  switch (needed?.kind) {
    case "text":
      return all(
        literalsOfText(needed.text, { isFirst: false, isLast: false }).map((literal) => one(slot, literal)),
      );
    case "all":
      return all(needed.of.map((part) => requirementOfNeeded(part, slot)));
    case "any":
      return any(needed.of.map((part) => requirementOfNeeded(part, slot)));
    case undefined:
      return undefined;
  }
}

function one(slot: FieldSlot | null, literal: PatternLiteral | undefined): Requirement {
  // All texts that keywords look at are searched as one: where one of them begins or ends is not seen.
  const sought = slot === null && literal !== undefined ? { ...literal, kind: "contains" as const } : literal;
  return { kind: "one", witness: { slot, literal: sought } };
}

function all(parts: readonly (Requirement | undefined)[]): Requirement | undefined {
  const known = parts.filter((part) => part !== undefined);
  const [only] = known;
  return known.length > 1 ? { kind: "all", of: known } : only;
}

function any(parts: readonly (Requirement | undefined)[]): Requirement | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length < parts.length) return undefined;
  const [only] = known;
  return known.length > 1 ? { kind: "any", of: known } : only;
}

/** Equal for equal witnesses. */
export function witnessKey({ slot, literal }: Witness): string {
  return `${slot?.index ?? -1} ${literal?.kind ?? "present"} ${literal?.text ?? ""}`;
}

export interface WitnessChoice {
  /** Roughly the share of events that show one of them, for comparison only. */
  readonly cost: number;
  /** A matching event shows at least one. */
  readonly witnesses: readonly Witness[];
}

/** The cheapest set of witnesses that no match can do without. */
export function chooseWitnesses(requirement: Requirement, commonness: Commonness): WitnessChoice {
  switch (requirement.kind) {
    case "one":
      return { cost: commonness.costOf(requirement.witness), witnesses: [requirement.witness] };
    case "all":
      return requirement.of
        .map((part) => chooseWitnesses(part, commonness))
        .reduce((best, choice) => (choice.cost < best.cost ? choice : best));
    case "any": {
      const choices = requirement.of.map((part) => chooseWitnesses(part, commonness));
      return {
        cost: choices.reduce((sum, { cost }) => sum + cost, 0),
        witnesses: choices.flatMap(({ witnesses }) => witnesses),
      };
    }
    default:
      return assertNever(requirement);
  }
}
