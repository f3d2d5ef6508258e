/** What a correlation groups by and measures, in every spelling: SQL reads what the stream reads. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventId, micros, MICROS_PER_DAY, MICROS_PER_MINUTE, sequence } from "@tyto/domain";
import type { Event, FieldValue, OriginId } from "@tyto/domain";
import { temporaryEngine } from "../../../storage/engine/engine-fixture.ts";
import type { RuleSet } from "../../rule-set.ts";
import { eventOf, load, START } from "../../testing/correlation-sketches.ts";
import { findingsOfSql, findingsOfStream } from "../../testing/sql-findings.ts";

const NAMES: readonly FieldValue[] = [
  ...["Ana", " ana\u00a0", "ANA", "Straße", "İ", "ΣΑΣ", "-", "N/A", "(NULL)", "Unknown", "", "a=b&c|d%"],
  ...["x".repeat(257), "Ä".repeat(600), `${"y".repeat(300)}\u{1f600}`, "\u{1f600}", 5, true, null],
  ...[["ana", "bob"], ["bob", ["ana"], null, ""], [], { a: 1 }],
  Array.from({ length: 20 }, (_, index) => `n${index}`),
];
const ADDRESSES: readonly FieldValue[] = [
  ...[
    "192.0.2.1",
    "::ffff:192.0.2.1",
    "::FFFF:C000:201",
    " 192.0.2.1 ",
    "192.0.2.01",
    "::192.0.2.1",
    "::1:2",
  ],
  ...[
    "2001:DB8::1",
    "2001:db8:0:0:0:0:0:1",
    "1:0:0:2:0:0:0:3",
    "1:0:2:3:4:5:6:7",
    "::",
    "::1",
    "fe80::1%eth0",
  ],
  ...["no address", "-", "1::2::3", "192.0.2", "x".repeat(300), ["192.0.2.1", "2001:db8::1"]],
];
const NUMBERS: readonly FieldValue[] = [
  ...[1, 2, 2.5, 0.1, 0.2, -0, -3, 1e15, "3", " 4 ", "1e3", "x", "", "0x10", "Infinity", true, null],
  ...[[1, 2], [0.1, 0.2, "y"], Array.from({ length: 20 }, (_, index) => index)],
];
const TIMES: readonly FieldValue[] = [1, 2, 3, 0, "2", "x", "", -1, 1.5, 2_000_000, [3], true];

/** Without a random generator: so many steps of different lengths that all meet all. */
function oddEvents(): readonly Event[] {
  return Array.from({ length: 1_500 }, (_, index) => {
    const pick = <T>(values: readonly T[], step: number): T | undefined =>
      values[(index * step + Math.floor(index / 7)) % values.length];
    const event = eventOf({ second: 0, kind: pick(["a", "b", "ab", "c"], 3) ?? "a", value: 0 }, index);
    const fields: Record<string, FieldValue> = {
      ...event.fields,
      who: pick(NAMES, 5) ?? null,
      "source.ip": pick(ADDRESSES, 11) ?? null,
      other: pick(NAMES, 17) ?? null,
      value: pick(NUMBERS, 13) ?? null,
    };
    const times = pick(TIMES, 7);
    if (index % 3 === 0 && times !== undefined) fields["tyto.occurrences"] = times;
    if (index % 29 === 0) delete fields["who"];
    return {
      ...event,
      id: eventId("00000000000000aa" as OriginId, index + 1),
      sequence: sequence(index + 1),
      timestamp: micros(START + Math.floor(index / 3) * 20 * MICROS_PER_MINUTE + (index % 5) * 1_234_567),
      fields,
    };
  });
}

const counted = (type: string, lines: string): string => `title: outer
name: outer
correlation:
  type: ${type}
  rules: [a, b]
  ${lines}
`;

describe("SQL reads of odd values what the stream reads", () => {
  let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
  const events = oddEvents();

  beforeAll(async () => {
    fixture = await temporaryEngine();
    expect(await fixture.engine.events.insert(events)).toEqual([]);
  }, 60_000);
  afterAll(() => fixture.remove());

  async function compare(ruleSet: RuleSet): Promise<number> {
    const [raising] = ruleSet.correlations.filter(({ isRaising }) => isRaising);
    if (raising === undefined) throw new Error("a correlation raises");
    const { id } = raising.summary;
    const { findings, rechecked } = await findingsOfSql(ruleSet, id, fixture.engine);
    expect(findings).toEqual(findingsOfStream(ruleSet, id, events));
    expect(findings.size).toBeGreaterThan(1);
    return rechecked;
  }

  const rows = [
    ["names", "event_count", "group-by: [who], timespan: 7d, condition: {gte: 4}"],
    ["addresses", "event_count", "group-by: [source.ip], timespan: 2d, condition: {gte: 9}"],
    ["both, closed", "event_count", "group-by: [source.ip, who], timespan: 3d, condition: {lte: 2}"],
    [
      "aliases",
      "temporal",
      "group-by: [person], timespan: 2h, condition: {gte: 2}, aliases: {person: {a: who, b: other}}",
    ],
    ["values", "value_count", "group-by: [who], timespan: 2d, condition: {gte: 3, field: source.ip}"],
    [
      "tuples",
      "value_count",
      "group-by: [source.ip], timespan: 5d, condition: {gte: 4, field: [who, other]}",
    ],
    ["sums", "value_sum", "group-by: [source.ip], timespan: 8d, condition: {gt: 0.3, field: value}"],
    ["means, closed", "value_avg", "group-by: [who], timespan: 4d, condition: {lt: 2.5, field: value}"],
    ["medians", "value_median", "group-by: [source.ip], timespan: 3d, condition: {gte: 2.5, field: value}"],
    [
      "percentiles",
      "value_percentile",
      "group-by: [who], timespan: 9d, condition: {gte: 7, percentile: 90, field: value}",
    ],
  ] as const;
  // Every third; all of them in `npm run verify`.
  const tried = rows.filter((_, index) => process.env["TYTO_VERIFY"] === "1" || index % 3 === 2);
  it.each(tried)(
    "%s",
    async (_name, type, lines) => {
      const flow = lines.replaceAll(/, (timespan|condition|aliases):/g, "\n  $1:");
      // Numbers of another notation and long texts beyond the basic plane are read by the matcher.
      expect(await compare(load(counted(type, flow)))).toBeGreaterThan(0);
    },
    180_000,
  );
});

it("needs days that the events span, so that blocks of time meet", () => {
  const times = oddEvents().map(({ timestamp }) => timestamp);
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(6 * MICROS_PER_DAY);
});
