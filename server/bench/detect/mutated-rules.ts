import { compileDetection } from "../../src/detection/match/compile.ts";
import { SharedTests } from "../../src/detection/match/shared-tests.ts";
import type { RuleSet, RunnableRule } from "../../src/detection/rule-set.ts";
import type { DetectionItem, Expression, ValueTest } from "../../src/detection/sigma/rule.ts";

/** Mulberry32: small, seeded, good enough to spread letters. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/**
 * The rules, and `times - 1` variants of each whose literals differ from it in about every fourth letter: as many different rules, not
 * copies that an index would fold into one.
 */
export function multiplied(ruleSet: RuleSet, times: number, seed: number): RuleSet {
  const next = random(seed);
  const drafts = Array.from({ length: times - 1 }, (_, n) =>
    ruleSet.eventRules.map((rule) => ({ rule, n, detection: mutate(rule.detection, next) })),
  ).flat();
  // As the linker does: what rules have in common is compiled once.
  const shared = new SharedTests();
  for (const { rule, detection } of drafts) shared.count(detection, rule.slotOf);
  const variants = drafts.flatMap(({ rule, n, detection }): readonly RunnableRule[] => {
    const outcome = compileDetection(detection, rule.slotOf, shared);
    if (outcome.kind !== "compiled") return [];
    const id = `${rule.summary.id}~${n}` as RunnableRule["summary"]["id"];
    return [{ ...rule, summary: { ...rule.summary, id }, detection, matcher: outcome.matcher, feeds: [] }];
  });
  return { ...ruleSet, eventRules: [...ruleSet.eventRules, ...variants] };
}

function mutate(expression: Expression, next: () => number): Expression {
  switch (expression.kind) {
    case "and":
    case "or":
      return { ...expression, of: expression.of.map((one) => mutate(one, next)) };
    case "not":
      return { ...expression, of: mutate(expression.of, next) };
    case "item":
      return { ...expression, item: mutateItem(expression.item, next) };
  }
}

function mutateItem(item: DetectionItem, next: () => number): DetectionItem {
  return { ...item, tests: item.tests.map((test) => mutateTest(test, next)) };
}

function mutateTest(test: ValueTest, next: () => number): ValueTest {
  if (test.kind === "regex") {
    // Only plain words: letters elsewhere may be syntax.
    const source = test.source.replace(/(?<![\\\w[(?])[a-z]{5,}(?![\w\])])/g, (word) =>
      mutateText(word, next),
    );
    return { ...test, source };
  }
  if (test.kind !== "patterns") return test;
  const patterns = test.patterns.map((pattern) =>
    pattern.map((part) => (part.kind === "text" ? { ...part, text: mutateText(part.text, next) } : part)),
  );
  return { ...test, patterns };
}

function mutateText(text: string, next: () => number): string {
  return text.replace(/[a-z]/gi, (letter) =>
    next() < 0.25 ? LETTERS.charAt(Math.floor(next() * LETTERS.length)) : letter,
  );
}
