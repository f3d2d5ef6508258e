import type { Issues } from "./issues.ts";
import type { Fallback, Pattern, Step } from "./pack-definition.ts";

/** Reports steps that nothing reaches: behind one that always leaves the parser, and alternatives behind one that always holds. */
export function checkReach(steps: readonly Step[], issues: Issues): void {
  const end = steps.findIndex(alwaysLeaves);
  const unreached = end < 0 ? undefined : steps[end + 1];
  if (unreached !== undefined) {
    issues.error(
      unreached.at,
      "unreachable-step",
      "nothing reaches this step: the one before it always leaves the parser",
      "give that one a `when`, or remove this one",
    );
  }
  for (const step of steps) checkInside(step, issues);
}

function checkInside(step: Step, issues: Issues): void {
  const { operation } = step;
  if (operation.kind === "do" || operation.kind === "each") checkReach(operation.steps, issues);
  if (operation.kind === "first") checkBranches(operation.branches, issues);
  if (operation.kind === "match") checkAlternatives(step, operation.patterns, issues);
  if ("fallback" in operation) checkFallback(operation.fallback, issues);
}

function checkFallback(fallback: Fallback, issues: Issues): void {
  if (fallback.kind === "steps") checkReach(fallback.steps, issues);
}

/** Only the last branch of `first` may hold without a condition, and no condition is asked twice. */
function checkBranches(branches: readonly Step[], issues: Issues): void {
  const asked = new Set<string>();
  let isDecided = false;
  for (const branch of branches) {
    const condition = branch.when === null ? "" : JSON.stringify(branch.when);
    if (isDecided || asked.has(condition)) {
      const why = isDecided
        ? "a branch before it has no condition"
        : "a branch before it has the same condition";
      issues.error(
        branch.at,
        "unreachable-branch",
        `nothing reaches this branch: ${why}`,
        "put it first, or remove it",
      );
    }
    isDecided ||= branch.when === null;
    asked.add(condition);
    // Each branch is a list of one: what stands in it is looked at like any other step.
    checkInside(branch, issues);
  }
}

/** Captures do not change what a pattern matches. */
const MATCHES_ANYTHING = /^\^(?:\(\.\*\??\)|\(\?:\.\*\??\)|\.\*\??)\$$/;

function checkAlternatives(step: Step, patterns: readonly Pattern[], issues: Issues): void {
  const seen = new Set<string>();
  let isDecided = false;
  for (const [i, { source, steps }] of patterns.entries()) {
    const plain = source.replaceAll(/\(\?<[^>]*>/g, "(");
    if (isDecided || seen.has(plain)) {
      const why = isDecided ? "one before it matches any text" : "one before it is the same";
      issues.error(
        step.at,
        "unreachable-pattern",
        `nothing reaches pattern ${i + 1}: ${why}`,
        "put it first, or remove it",
      );
    }
    isDecided ||= MATCHES_ANYTHING.test(plain);
    seen.add(plain);
    checkReach(steps, issues);
  }
}

/** Whether no step behind this one is ever run. */
function alwaysLeaves(step: Step): boolean {
  if (step.when !== null) return false;
  const { operation } = step;
  switch (operation.kind) {
    case "drop":
    case "fail":
    case "reject":
      return true;
    case "do":
      return operation.steps.some(alwaysLeaves);
    case "first":
      return (
        operation.branches.some(({ when }) => when === null) &&
        operation.branches.every((branch) => alwaysLeaves({ ...branch, when: null }))
      );
    default:
      return false;
  }
}
