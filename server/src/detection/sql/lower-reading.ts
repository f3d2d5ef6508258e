import { call, junction, literal, not, texts, textsTest } from "../../query/index.ts";
import type { EventTest, QueryExpression } from "../../query/index.ts";
import type { Feed, LinkedCorrelation } from "../correlation/linked-correlation.ts";
import type { RunnableRule } from "../rule-set.ts";
import { fieldDoubts, lowerRule } from "./lower-rule.ts";

/** What a correlation reads in the events of one of its rules (`correlation/observed-hit.ts`), and which events are its hits. */
export interface LoweredReading {
  /** The rule's own test; in doubt is also what the reading cannot tell. */
  readonly test: EventTest;
  /** One text: how many occurrences the event stands for; empty when it says none. */
  readonly occurrences: QueryExpression;
  /** Texts, in the order of the feed's lists. */
  readonly groupBy: readonly QueryExpression[];
  readonly measured: readonly QueryExpression[];
  readonly carried: readonly QueryExpression[];
}

const OCCURRENCES = ["tyto.occurrences"];
/** The engine counts code points, JavaScript what two of these are made of: in long texts it matters where they are cut. */
const BEYOND_BASIC_PLANE = "[\\x{10000}-\\x{10ffff}]";
const SHORT_BYTES = 256;

export function lowerReading(rule: RunnableRule, feed: Feed, correlation: LinkedCorrelation): LoweredReading {
  const test = lowerRule(rule);
  const { groupBy, measured, carried } = feed;
  const read = ({ candidates }: { readonly candidates: readonly string[] }): QueryExpression =>
    texts({ kind: "field", names: candidates, isFolded: false });
  const { type } = correlation.rule;
  const isNumeric = type.startsWith("value_") && type !== "value_count";
  const doubts = [
    test.doubt,
    occurrencesInDoubt(),
    ...[...groupBy, ...measured, ...carried].flatMap(({ candidates }) => fieldDoubts(candidates)),
    ...[...groupBy, ...measured]
      .map(read)
      .map((values) =>
        junction("and", [
          textsTest(values, { kind: "regex", source: BEYOND_BASIC_PLANE }),
          textsTest(values, { kind: "longer", bytes: SHORT_BYTES }),
        ]),
      ),
    ...(isNumeric ? measured.map((slot) => textsTest(read(slot), { kind: "odd-number" })) : []),
  ];
  const distinct = new Map(doubts.map((doubt) => [JSON.stringify(doubt), doubt]));
  return {
    test: { gate: test.gate, predicate: test.predicate, doubt: junction("or", [...distinct.values()]) },
    occurrences: occurrencesText(),
    groupBy: groupBy.map(read),
    measured: measured.map(read),
    carried: carried.map(read),
  };
}

function occurrencesText(): QueryExpression {
  return texts({ kind: "fact", names: OCCURRENCES, isList: false, isFolded: false });
}

/** The event has the field, and in it what is no decimal number. */
function occurrencesInDoubt(): QueryExpression {
  const presence = texts({ kind: "presence", names: OCCURRENCES, isExact: true });
  const isDecimal = textsTest(occurrencesText(), {
    kind: "compare",
    operator: "gte",
    operand: -Number.MAX_VALUE,
  });
  return junction("and", [call(">=", "bool", [presence, literal("long", 2)]), not(isDecimal)]);
}
