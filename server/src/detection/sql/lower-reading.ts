import { call, junction, literal, not, texts, textsTest } from "../../query/index.ts";
import type { EventTest, QueryExpression } from "../../query/index.ts";
import type { Feed, LinkedCorrelation } from "../correlation/linked-correlation.ts";
import type { FieldSlot } from "../match/subject.ts";
import type { RunnableRule } from "../rule-set.ts";
import { fieldDoubts, lowerRule } from "./lower-rule.ts";

/** A rule over events that a correlation counts, and how its events are read. */
export interface FedRule {
  readonly rule: RunnableRule;
  readonly feed: Feed;
}

/** What a correlation reads in the events of its rules (`correlation/observed-hit.ts`): of those rules that are asked and read alike. */
export interface LoweredReading {
  /** Which events are hits of one of the rules; in doubt is also what the reading cannot tell. */
  readonly test: EventTest;
  /** Each rule, and its own test within that. */
  readonly rules: readonly (FedRule & { readonly predicate: QueryExpression })[];
  /** One text: how many occurrences the event stands for; empty when it says none. */
  readonly occurrences: QueryExpression;
  /** Texts, in the order of the feeds' lists. */
  readonly groupBy: readonly QueryExpression[];
  readonly measured: readonly QueryExpression[];
  readonly carried: readonly QueryExpression[];
}

const OCCURRENCES = ["tyto.occurrences"];
/** The engine counts code points, JavaScript what two of these are made of: in long texts it matters where they are cut. */
const BEYOND_BASIC_PLANE = "[\\x{10000}-\\x{10ffff}]";
const SHORT_BYTES = 256;

/** @param fed rules that feed the correlation. The table is read once for those of one logsource that are read alike. */
export function lowerReadings(
  fed: readonly FedRule[],
  correlation: LinkedCorrelation,
): readonly LoweredReading[] {
  const alike = new Map<string, Lowered[]>();
  for (const { rule, feed } of fed) {
    const test = lowerRule(rule);
    const names = [feed.groupBy, feed.measured, feed.carried].map((slots) =>
      slots.map(({ candidates }) => candidates),
    );
    const key = JSON.stringify([test.gate, names]);
    alike.set(key, [...(alike.get(key) ?? []), { rule, feed, test }]);
  }
  return [...alike.values()].flatMap((all) => readingOf(all, correlation) ?? []);
}

type Lowered = FedRule & { readonly test: EventTest };

function readingOf(all: readonly Lowered[], correlation: LinkedCorrelation): LoweredReading | undefined {
  const [first] = all;
  if (first === undefined) return undefined;
  const { groupBy, measured, carried } = first.feed;
  const doubts = [...all.map(({ test }) => test.doubt), ...readingDoubts(first.feed, correlation)];
  const distinct = new Map(doubts.map((doubt) => [JSON.stringify(doubt), doubt]));
  const predicate = junction(
    "or",
    all.map(({ test }) => test.predicate),
  );
  return {
    test: { gate: first.test.gate, predicate, doubt: junction("or", [...distinct.values()]) },
    rules: all.map(({ rule, feed, test }) => ({ rule, feed, predicate: test.predicate })),
    occurrences: occurrencesText(),
    groupBy: groupBy.map(textsOf),
    measured: measured.map(textsOf),
    carried: carried.map(textsOf),
  };
}

function textsOf({ candidates }: FieldSlot): QueryExpression {
  return texts({ kind: "field", names: candidates, isFolded: false });
}

function readingDoubts(
  { groupBy, measured, carried }: Feed,
  { rule: { type } }: LinkedCorrelation,
): readonly QueryExpression[] {
  const isNumeric = type.startsWith("value_") && type !== "value_count";
  const named = [...groupBy, ...(isNumeric ? [] : measured)].map(textsOf);
  return [
    occurrencesInDoubt(),
    ...[...groupBy, ...measured, ...carried].flatMap(({ candidates }) => fieldDoubts(candidates)),
    ...named.map((values) =>
      junction("and", [
        textsTest(values, { kind: "regex", source: BEYOND_BASIC_PLANE }),
        textsTest(values, { kind: "longer", bytes: SHORT_BYTES }),
      ]),
    ),
    ...(isNumeric ? measured.map((slot) => textsTest(textsOf(slot), { kind: "odd-number" })) : []),
  ];
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
