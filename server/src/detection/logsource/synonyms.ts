import type { DetectionItem, Expression, ValueTest } from "../sigma/rule.ts";
import { literalOf, literalPattern } from "../sigma/pattern.ts";
import { foldCase } from "../match/fold.ts";
import type { ResolvedLogsource } from "./logsource-map.ts";

/**
 * The detection, in which each value that our events spell differently stands beside what they say: `Initiated: true` is
 * also `network.direction: egress`. Every evaluator gets this one.
 */
export function withSynonyms(detection: Expression, logsource: ResolvedLogsource): Expression {
  switch (detection.kind) {
    case "and":
    case "or":
      return { ...detection, of: detection.of.map((one) => withSynonyms(one, logsource)) };
    case "not":
      return { ...detection, of: withSynonyms(detection.of, logsource) };
    case "item":
      return { ...detection, item: widened(detection.item, logsource) };
  }
}

function widened(item: DetectionItem, logsource: ResolvedLogsource): DetectionItem {
  const { field } = item;
  if (field === null) return item;
  return { ...item, tests: item.tests.map((test) => withOthers(test, field, logsource)) };
}

/** Only whole values: a part of one says nothing about how the whole is spelt elsewhere. */
function withOthers(test: ValueTest, field: string, logsource: ResolvedLogsource): ValueTest {
  if (test.kind !== "patterns") return test;
  const others = test.patterns.flatMap((pattern) => {
    const text = literalOf(pattern);
    return text === undefined ? [] : logsource.synonyms(field, foldCase(text));
  });
  return others.length === 0
    ? test
    : { ...test, patterns: [...test.patterns, ...others.map(literalPattern)] };
}
