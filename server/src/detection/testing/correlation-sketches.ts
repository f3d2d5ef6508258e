/** For tests only: random hits, and correlations of every type over them. */
import fc from "fast-check";
import { eventId, micros, MICROS_PER_HOUR, MICROS_PER_SECOND, sequence, sourceId } from "@tyto/domain";
import type { Event, OriginId } from "@tyto/domain";
import { loadRuleSet } from "../load-rule-set.ts";
import type { RuleSet } from "../rule-set.ts";

export const START = 1_770_000_000_000_000;
export const NOW = micros(START + 72 * MICROS_PER_HOUR);
export const SPAN = 10;
const ORIGIN = "00000000000000aa" as OriginId;
const LETTERS = ["a", "b", "c"] as const;

const base = (letter: string): string => `title: ${letter}
name: ${letter}
logsource: {category: test}
detection: {s: {kind|contains: ${letter}}, condition: s}
`;

export function load(...correlations: readonly string[]): RuleSet {
  const text = [...LETTERS.map(base), ...correlations].join("---\n");
  const ruleSet = loadRuleSet([{ path: "rules.yml", text }]);
  const wrong = ruleSet.report.filter(({ status }) => status === "invalid" || status === "unsupported");
  if (wrong.length > 0) throw new Error(JSON.stringify(wrong));
  return ruleSet;
}

export const correlation = (
  name: string,
  type: string,
  rules: string,
  condition: string,
): string => `title: ${name}
name: ${name}
correlation: {type: ${type}, rules: [${rules}], group-by: [who], timespan: ${SPAN}s, condition: ${condition}}
`;

export interface Sketch {
  readonly second: number;
  readonly kind: string;
  readonly value: number;
}

export function eventOf({ second, kind, value }: Sketch, index: number): Event {
  const timestamp = micros(START + second * MICROS_PER_SECOND);
  return {
    id: eventId(ORIGIN, index + 1_000),
    sequence: sequence(index + 1),
    source: sourceId("00000000000000aa"),
    timestamp,
    timeOrigin: "event",
    ingested: timestamp,
    pack: "",
    fields: { "tyto.logsource.category": "test", kind, value, who: "x" },
    raw: new Uint8Array(),
  };
}

/** Whether a window's events meet a condition, as plainly as it can be said. */
export type Meets = (window: readonly Sketch[]) => boolean;

const numbers = (window: readonly Sketch[]): number[] =>
  window.map(({ value }) => value).sort((x, y) => x - y);
const sum = (window: readonly Sketch[]): number => numbers(window).reduce((total, one) => total + one, 0);
const has = (window: readonly Sketch[], letter: string): boolean =>
  window.some(({ kind }) => kind.includes(letter));
const kinds = (window: readonly Sketch[]): number => LETTERS.filter((letter) => has(window, letter)).length;

/** Every way to give each step an event of its own, none earlier than the one before. */
function inOrder(
  window: readonly Sketch[],
  steps: readonly string[],
  after = -1,
  used: readonly Sketch[] = [],
): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return true;
  return window.some(
    (one) =>
      one.kind.includes(step) &&
      one.second >= after &&
      !used.includes(one) &&
      inOrder(window, rest, one.second, [...used, one]),
  );
}

const median = (window: readonly Sketch[]): number => {
  const all = numbers(window);
  const half = all.length / 2;
  return ((all[Math.ceil(half) - 1] ?? 0) + (all[Math.floor(half)] ?? 0)) / 2;
};
const percentile = (window: readonly Sketch[]): number => {
  const all = numbers(window);
  return all.find((one) => all.filter((other) => other <= one).length >= 0.75 * all.length) ?? 0;
};

export const OPEN: readonly (readonly [name: string, type: string, condition: string, meets: Meets])[] = [
  ["events", "event_count", "{gte: 3}", (w) => w.length >= 3],
  ["values", "value_count", "{gt: 2, field: value}", (w) => new Set(numbers(w)).size > 2],
  ["sum", "value_sum", "{gte: 6, field: value}", (w) => sum(w) >= 6],
  ["mean", "value_avg", "{gte: 2, field: value}", (w) => sum(w) / w.length >= 2],
  ["median", "value_median", "{gt: 1, field: value}", (w) => median(w) > 1],
  ["percentile", "value_percentile", "{gte: 3, field: value, percentile: 75}", (w) => percentile(w) >= 3],
  ["together", "temporal", "null", (w) => kinds(w) === 3],
  ["two of them", "temporal", "{gte: 2}", (w) => kinds(w) >= 2],
  ["expression", "temporal", "a and (b or c)", (w) => has(w, "a") && (has(w, "b") || has(w, "c"))],
  ["order", "temporal_ordered", "null", (w) => inOrder(w, ["a", "b", "c"])],
  [
    "two in order",
    "temporal_ordered",
    "{gte: 2}",
    (w) =>
      [
        ["a", "b"],
        ["a", "c"],
        ["b", "c"],
      ].some((steps) => inOrder(w, steps)),
  ],
  [
    "ordered expression",
    "temporal_ordered",
    "b and (a or c)",
    (w) => inOrder(w, ["a", "b"]) || inOrder(w, ["b", "c"]),
  ],
];

export const CLOSED: typeof OPEN = [
  ["few events", "event_count", "{lte: 2}", (w) => w.length <= 2],
  ["just three", "event_count", "{eq: 3}", (w) => w.length === 3],
  ["not one", "event_count", "{neq: 1}", (w) => w.length !== 1],
  ["a range", "event_count", "{gte: 2, lt: 4}", (w) => w.length >= 2 && w.length < 4],
  ["one value", "value_count", "{lt: 2, field: value}", (w) => new Set(numbers(w)).size < 2],
  ["small sum", "value_sum", "{lt: 3, field: value}", (w) => sum(w) < 3],
  ["low mean", "value_avg", "{lte: 0, field: value}", (w) => sum(w) / w.length <= 0],
  ["a without b", "temporal", "a and not b", (w) => has(w, "a") && !has(w, "b")],
  ["one kind", "temporal", "{eq: 1}", (w) => kinds(w) === 1],
  ["a, c, no b", "temporal_ordered", "a and c and not b", (w) => inOrder(w, ["a", "c"]) && !has(w, "b")],
];

/** Correlations below, then the type, the rules and the condition of the one above. */
export const CHAINS: readonly (readonly [
  name: string,
  inner: string,
  type: string,
  rules: string,
  condition: string,
])[] = [
  [
    "counts, then b",
    correlation("inner", "event_count", "a", "{gte: 2}"),
    "temporal_ordered",
    "inner, b",
    "null",
  ],
  [
    "means and c",
    correlation("inner", "value_avg", "a, b", "{gte: 2, field: value}"),
    "temporal",
    "inner, c",
    "null",
  ],
  [
    "closed windows",
    correlation("inner", "event_count", "a", "{lte: 2}"),
    "event_count",
    "inner, b",
    "{gte: 2}",
  ],
  [
    "closed over closed",
    correlation("inner", "event_count", "a", "{eq: 2}"),
    "temporal",
    "inner, b",
    "inner and not b",
  ],
  [
    "three deep",
    [
      correlation("lowest", "event_count", "a", "{gte: 2}"),
      correlation("inner", "temporal", "lowest, b", "null"),
    ].join("---\n"),
    "temporal_ordered",
    "inner, c",
    "null",
  ],
];

export const sketchesArbitrary = fc.array(
  fc.record({
    second: fc.integer({ min: 0, max: 60 }),
    kind: fc.constantFrom("a", "a", "b", "b", "c", "c", "ab", "bc", ""),
    value: fc.integer({ min: -2, max: 5 }),
  }),
  { minLength: 1, maxLength: 22 },
);
