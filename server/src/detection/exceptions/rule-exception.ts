import type { ExceptionCondition, ExceptionScope, RuleId } from "@tyto/domain";
import type { ReadRule, RuleFile } from "../sigma/read-rule.ts";
import { readRules } from "../sigma/read-rule.ts";
import type { Expression, FilterRule } from "../sigma/rule.ts";
import { compileDetection } from "../match/compile.ts";

/** What people do not want to hear of: events that meet all conditions are no match for the rules in its scope. */
export interface RuleException {
  readonly id: string;
  readonly title: string;
  readonly scope: ExceptionScope;
  readonly conditions: readonly ExceptionCondition[];
}

type ReadFilter = Extract<ReadRule, { readonly outcome: "read" }> & { readonly rule: FilterRule };

/** Where reports and diagnostics find what is an exception's. */
export const EXCEPTION_FOLDER = "exceptions/";

const MODIFIERS = { equals: "", startswith: "|startswith", contains: "|contains", cidr: "|cidr" } as const;

/** The exception as the Sigma filter that it is. JSON's quotes are YAML's, so a hostile value stays a value. */
export function exceptionYaml({ title, conditions, scope }: RuleException, rules: readonly string[]): string {
  return [
    `title: ${JSON.stringify(title.slice(0, 200))}`,
    // Sigma asks for one; a rule's own says the rest.
    "logsource:",
    "  category: any",
    "filter:",
    ...(scope.kind === "all" || rules.length === 0
      ? ["  rules: any"]
      : ["  rules:", ...rules.map((rule) => `    - ${JSON.stringify(rule)}`)]),
    ...conditions.flatMap(({ field, how, value }, index) => [
      `  selection${index + 1}:`,
      `    ${JSON.stringify(field + MODIFIERS[how])}: ${JSON.stringify(how === "cidr" ? value : literal(value))}`,
    ]),
    "  condition: not (all of selection*)",
    "",
  ].join("\n");
}

/** `*` and `?` would be wildcards, and `\` begins an escape. */
function literal(value: string): string {
  return value.replace(/[\\*?]/g, "\\$&");
}

/** @returns why it cannot be one, or the filter. */
export function readException(
  exception: RuleException,
  rules: readonly string[],
):
  | { readonly kind: "filter"; readonly filter: ReadFilter }
  | { readonly kind: "problem"; readonly message: string } {
  // Explanations name the filter by its title.
  const titled = { ...exception, title: `Exception: ${exception.title}` };
  const file: RuleFile = {
    path: `${EXCEPTION_FOLDER}${exception.id}.yml`,
    text: exceptionYaml(titled, rules),
  };
  const [read] = readRules(file, new Map());
  const wrong = read?.diagnostics.find(({ severity }) => severity === "error")?.message;
  if (read?.outcome !== "read" || read.rule.kind !== "filter")
    return { kind: "problem", message: wrong ?? "it cannot be read" };
  const trial = compileDetection(read.rule.detection, () => ({ index: 0, candidates: [], numbers: [] }));
  if (trial.kind !== "compiled") {
    const reason = trial.diagnostics.find(({ severity }) => severity === "error")?.message;
    return { kind: "problem", message: reason ?? "it cannot be compiled" };
  }
  // Whatever a rule's logsource says: which rules are meant is settled by their ids.
  return { kind: "filter", filter: { ...read, rule: { ...read.rule, logsource: {} } } };
}

/** Of the filter `not selection`, what is selected. */
export function selectionOf({ detection }: FilterRule): Expression {
  return detection.kind === "not" ? detection.of : { kind: "not", of: detection };
}

/** Rules over events that the scope means; of a correlation those that it counts, in the end. */
export function targetsOf(scope: ExceptionScope, read: readonly ReadRule[]): readonly RuleId[] {
  const good = read.filter(
    (one): one is Extract<ReadRule, { readonly outcome: "read" }> =>
      one.outcome === "read" && one.rule.kind !== "filter",
  );
  const byReference = new Map<string, (typeof good)[number]>();
  for (const one of good) {
    byReference.set(one.rule.header.id, one);
    if (one.rule.header.name !== undefined) byReference.set(one.rule.header.name, one);
  }
  const found = new Set<RuleId>();
  const seen = new Set<string>();
  const add = (reference: string): void => {
    const one = byReference.get(reference) ?? byReference.get(reference.toLowerCase());
    if (one === undefined || seen.has(one.rule.header.id)) return;
    seen.add(one.rule.header.id);
    if (one.rule.kind === "event") found.add(one.rule.header.id);
    else if (one.rule.kind === "correlation") for (const rule of one.rule.rules) add(rule.reference);
  };
  for (const one of good) {
    const isMeant =
      scope.kind === "all" ||
      (scope.kind === "pack" ? one.path.startsWith(`${scope.pack}/`) : one.rule.header.id === scope.rule);
    if (isMeant) add(one.rule.header.id);
  }
  return [...found];
}

/** Filters for all that apply to something; what cannot be one is left out: it was looked at when it was made. */
export function exceptionFilters(
  exceptions: readonly RuleException[],
  read: readonly ReadRule[],
): readonly ReadRule[] {
  return exceptions.flatMap((exception) => {
    const targets = targetsOf(exception.scope, read);
    if (targets.length === 0) return [];
    const one = readException(exception, targets);
    return one.kind === "filter" ? [one.filter] : [];
  });
}
