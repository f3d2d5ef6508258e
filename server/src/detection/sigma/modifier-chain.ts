import type { Place } from "@tyto/domain";
import { didYouMean } from "./problems.ts";
import type { Problems } from "./problems.ts";
import { MODIFIER_NAMES, modifierRole } from "./modifiers.ts";
import type { ComparisonOperator, TimePart } from "./rule.ts";

export type Shape = "equals" | "contains" | "startswith" | "endswith";
export type Encoding = "windash" | "utf16le" | "utf16be" | "utf16" | "base64" | "base64offset";

export type Operator =
  | { readonly kind: "text" }
  | {
      readonly kind: "regex";
      readonly isCaseInsensitive: boolean;
      readonly isMultiline: boolean;
      readonly isDotAll: boolean;
    }
  | { readonly kind: "network" }
  | { readonly kind: "exists" }
  | { readonly kind: "compare"; readonly operator: ComparisonOperator }
  | { readonly kind: "time-part"; readonly part: TimePart; readonly operator: "eq" | ComparisonOperator }
  | { readonly kind: "field" };

/** A field's modifiers, checked against each other. */
export interface ModifierChain {
  readonly operator: Operator;
  readonly shape: Shape;
  readonly encodings: readonly Encoding[];
  readonly isCased: boolean;
  readonly isAll: boolean;
  readonly isNegated: boolean;
  readonly isExpanded: boolean;
}

/** `undefined` when a modifier is unknown, refused, or contradicts another: never ignored. */
export function readChain(
  names: readonly string[],
  at: Place,
  problems: Problems,
): ModifierChain | undefined {
  for (const name of names) {
    const role = modifierRole(name);
    if (role === undefined) {
      problems.error(at, "unknown-modifier", `"${name}" is no modifier`, didYouMean(name, MODIFIER_NAMES));
      return undefined;
    }
  }
  const parts = names.filter((name) => modifierRole(name) === "time-part");
  const operators = names.filter((name) => modifierRole(name) === "operator");
  const shapes = names.filter((name) => modifierRole(name) === "shape");
  if (operators.length > 1) return contradiction(operators, at, problems);
  if (shapes.length > 1) return contradiction(shapes, at, problems);
  const operator = parts.length > 0 ? timePartOperator(parts, operators) : operatorOf(operators[0], names);
  if (operator === undefined) return contradiction([...parts, ...operators], at, problems);
  const isTextual = operator.kind === "text";
  const encodings = names.filter((name) => modifierRole(name) === "encode");
  if (!isTextual && encodings.length > 0)
    return contradiction([...parts, ...operators, ...encodings], at, problems);
  if (shapes.length > 0 && !isTextual && operator.kind !== "regex" && operator.kind !== "field") {
    return contradiction([...parts, ...operators, ...shapes], at, problems);
  }
  const flags = names.filter((name) => modifierRole(name) === "flag" && name !== "cased");
  if (flags.length > 0 && operator.kind !== "regex") {
    problems.error(at, "modifier-without-re", `|${flags.join("|")} has a meaning only after |re`);
    return undefined;
  }
  return {
    operator,
    // After `re` these could only widen what is searched anywhere already.
    shape: operator.kind === "regex" ? "equals" : ((shapes[0] as Shape | undefined) ?? "equals"),
    encodings: encodings.map((name) => (name === "wide" ? "utf16le" : (name as Encoding))),
    isCased: names.includes("cased"),
    isAll: names.includes("all"),
    isNegated: names.includes("neq"),
    isExpanded: names.includes("expand"),
  };
}

function contradiction(names: readonly string[], at: Place, problems: Problems): undefined {
  problems.error(at, "contradicting-modifiers", `|${names.join("|")} do not go together`);
  return undefined;
}

/** `|hour` alone is equality; `|hour|gte` compares. `undefined` for anything else beside it. */
function timePartOperator(parts: readonly string[], operators: readonly string[]): Operator | undefined {
  const [part] = parts;
  const [operator] = operators;
  if (part === undefined || !isTimePart(part) || parts.length > 1) return undefined;
  if (operator === undefined) return { kind: "time-part", part, operator: "eq" };
  return isComparison(operator) ? { kind: "time-part", part, operator } : undefined;
}

function isTimePart(name: string): name is TimePart {
  return modifierRole(name) === "time-part";
}

function isComparison(name: string): name is ComparisonOperator {
  return name === "lt" || name === "lte" || name === "gt" || name === "gte";
}

function operatorOf(name: string | undefined, names: readonly string[]): Operator {
  switch (name) {
    case "re":
      return {
        kind: "regex",
        isCaseInsensitive: names.includes("i") || names.includes("ignorecase"),
        isMultiline: names.includes("m") || names.includes("multiline"),
        isDotAll: names.includes("s") || names.includes("dotall"),
      };
    case "cidr":
      return { kind: "network" };
    case "exists":
      return { kind: "exists" };
    case "fieldref":
      return { kind: "field" };
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return { kind: "compare", operator: name };
    default:
      return { kind: "text" };
  }
}
