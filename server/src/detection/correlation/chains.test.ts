import { describe, expect, it } from "vitest";
import { eventId, micros, MICROS_PER_SECOND, sequence, sourceId } from "@tyto/domain";
import type { Event, OriginId } from "@tyto/domain";
import { createDetectionEngine } from "../engine.ts";
import { loadRuleSet } from "../load-rule-set.ts";

const base = (kind: string): string =>
  `title: ${kind}\nname: ${kind}\nlogsource: {category: test}\ndetection: {s: {kind: ${kind}}, condition: s}\n`;
const RULES = [
  ...["failure", "success", "file"].map(base),
  "title: Many\nname: many\ncorrelation: {type: event_count, rules: [failure], group-by: [user], timespan: 5m, condition: {gte: 5}}\n",
  "title: Break-in\ncorrelation: {type: temporal_ordered, rules: [many, success, file], group-by: [who], timespan: 30m, " +
    "aliases: {who: {many: user, success: user, file: owner}}}\n",
].join("---\n");
const START = 1_770_000_000_000_000;
const NOW = micros(START + 1e12);

function event(ordinal: number, second: number, kind: string, name: string, user: string): Event {
  const timestamp = micros(START + second * MICROS_PER_SECOND);
  return {
    id: eventId("00000000000000aa" as OriginId, ordinal),
    sequence: sequence(ordinal + 1),
    source: sourceId("00000000000000aa"),
    timestamp,
    timeOrigin: "event",
    ingested: timestamp,
    pack: "",
    fields: { "tyto.logsource.category": "test", kind, [name]: user },
    raw: new Uint8Array(),
  };
}

const story = (failures: number, fileAt: number, owner: string): readonly Event[] => [
  ...Array.from({ length: failures }, (_, n) => event(n, n * 10, "failure", "user", "ana")),
  event(8, 120, "success", "user", "ana"),
  event(9, fileAt, "file", "owner", owner),
];

describe("five failures, a success and a file, as a chain with an alias", () => {
  it.each([
    ["in order", story(5, 300, "ANA"), 7],
    ["delivered late", [...story(5, 300, "ANA")].reverse(), 7],
    ["file first", story(5, 1, "ANA"), 0],
    ["four failures", story(4, 300, "ANA"), 0],
    ["another user", story(5, 300, "ben"), 0],
    ["too late", story(5, 2_400, "ANA"), 0],
  ] as const)("%s", (_name, events, count) => {
    const engine = createDetectionEngine(loadRuleSet([{ path: "x.yml", text: RULES }]));
    const { changes } = engine.process(events, NOW);
    const found = changes.flatMap((change) => (change.kind === "upsert" ? [change.finding] : []));
    expect(found.map((finding) => [finding.rule.title, finding.count])).toEqual(
      count === 0 ? [] : [["Break-in", count]],
    );
    const times = found[0]?.evidence.map(({ timestamp }) => (timestamp - START) / MICROS_PER_SECOND) ?? [];
    if (count > 0) expect(times).toEqual([0, 10, 20, 30, 40, 120, 300]);
  });
});
