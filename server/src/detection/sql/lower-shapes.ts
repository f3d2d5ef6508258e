import { assertNever } from "@tyto/domain";
import { junction, not, texts, textsTest } from "../../query/index.ts";
import type { QueryExpression, TextPattern } from "../../query/index.ts";
import { SHAPES } from "../logsource/shapes.ts";
import type { Shape, ShapeTest, TextShape } from "../logsource/shapes.ts";
import { beginning, ending, exactly, fact, isOneOf, isPresent, matches } from "./lower-fact.ts";
import type { FactPattern } from "./lower-fact.ts";

/** Whether the first shape that fits a bare event says a dataset that meets one of these patterns. */
export function lowerShapes(patterns: readonly FactPattern[]): QueryExpression {
  const ways: QueryExpression[] = [];
  const others: QueryExpression[] = [];
  for (const shape of SHAPES) {
    const test = lowerShape(shape.test);
    const meets = meetsPatterns(shape, patterns);
    if (meets !== false)
      ways.push(junction("and", [test, ...(meets === true ? [] : [meets]), ...others.map(not)]));
    if (meets !== true) others.push(test);
  }
  return junction("or", ways);
}

function meetsPatterns(
  { dataset, suffix }: Shape,
  patterns: readonly FactPattern[],
): boolean | QueryExpression {
  if (suffix === undefined) return patterns.some((pattern) => MEETS[pattern.how](dataset, pattern.text));
  const rest = patterns.flatMap((pattern) => patternsAfter(dataset, pattern));
  return rest.length === 0 ? false : matches(fact(suffix), rest);
}

const MEETS: Readonly<Record<FactPattern["how"], (dataset: string, text: string) => boolean>> = {
  is: (dataset, text) => dataset === text,
  begins: (dataset, text) => dataset.startsWith(text),
  ends: (dataset, text) => dataset.endsWith(text),
};

/** What must stand behind a beginning that is known, so that both together meet the pattern. */
function patternsAfter(start: string, { how, text }: FactPattern): readonly FactPattern[] {
  const rest = text.startsWith(start) ? text.slice(start.length) : undefined;
  switch (how) {
    case "is":
      return rest === undefined ? [] : [exactly(rest)];
    case "begins":
      if (start.startsWith(text)) return [beginning("")];
      return rest === undefined ? [] : [beginning(rest)];
    case "ends": {
      const across = Array.from({ length: text.length }, (_, n) => n + 1).filter((n) =>
        start.endsWith(text.slice(0, n)),
      );
      return [ending(text), ...across.map((n) => exactly(text.slice(n)))];
    }
    default:
      return assertNever(how);
  }
}

function lowerShape(test: ShapeTest): QueryExpression {
  switch (test.kind) {
    case "has":
      return isPresent(test.name);
    case "reaches":
      return isPresent(test.name, false);
    case "holds": {
      const values = texts({ kind: "field", names: [test.name], isFolded: true });
      return isOneOf(values, [test.text]);
    }
    case "text":
      return textsTest(fact(...test.names), {
        kind: "patterns",
        patterns: test.of.map((text) => patternOf(test.how, text)),
      });
    case "fits":
      return textsTest(texts({ kind: "fact", names: [test.name], isList: false, isFolded: false }), {
        kind: "regex",
        source: test.expression,
      });
    case "all":
      return junction("and", test.of.map(lowerShape));
    case "any":
      return junction("or", test.of.map(lowerShape));
    case "none":
      return not(lowerShape(test.of));
    default:
      return assertNever(test);
  }
}

const MANY = { kind: "many" } as const;

function patternOf(how: TextShape, text: string): TextPattern {
  const own: TextPattern = text === "" ? [] : [{ kind: "text", text }];
  switch (how) {
    case "is":
      return own;
    case "begins":
      return [...own, MANY];
    case "ends":
      return [MANY, ...own];
    case "contains":
      return [MANY, ...own, MANY];
    default:
      return assertNever(how);
  }
}
