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
 * The rules, and `times - 1` variants of each whose literals differ from it in a letter at least: as many different rules, not
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

/** About every fourth letter becomes another, and at least one does. */
function mutateText(text: string, next: () => number): string {
  const letters = text.match(/[a-z]/gi)?.length ?? 0;
  const always = Math.floor(next() * letters);
  let seen = 0;
  return text.replace(/[a-z]/gi, (letter) =>
    seen++ === always || next() < 0.25 ? otherLetter(letter, next) : letter,
  );
}

function otherLetter(letter: string, next: () => number): string {
  const at = LETTERS.indexOf(letter.toLowerCase());
  return LETTERS.charAt((at + 1 + Math.floor(next() * (LETTERS.length - 1))) % LETTERS.length);
}
