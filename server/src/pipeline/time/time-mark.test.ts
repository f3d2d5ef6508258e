import { formatMicros, originId, parseRfc3339, sequence, sourceId } from "@tyto/domain";
import type { Micros, RawRecord } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { createNormaliser } from "../normaliser.ts";
import { testPack, testSnapshot } from "../testing/records.ts";
import { timeMark } from "./time-mark.ts";
import { parseZone } from "./zone.ts";

const at = (text: string): Micros => parseRfc3339(text) as Micros;

describe("an event's time", () => {
  it.each([
    ["2026-03-01T11:59:59Z", undefined],
    ["2026-02-28T12:00:00Z", undefined],
    ["2026-02-28T11:59:59Z", "late"],
    ["2026-03-01T12:05:00Z", undefined],
    ["2026-03-01T12:05:01Z", "future"],
  ] as const)("of %s, received at noon on 1 March, is marked %s", (text, mark) => {
    expect(timeMark(at(text), at("2026-03-01T12:00:00Z"), "event")).toBe(mark);
  });

  it("is not marked when it is the time of receipt", () => {
    expect(timeMark(at("2026-03-01T12:00:00Z"), at("2026-03-01T12:00:00Z"), "received")).toBeUndefined();
  });
});

const pack = testPack(
  "acme-gate",
  `title: Acme
namespaces: [acme.gate]
recognise: [{ prefix: ["G "], parser: main }]
parsers:
  main:
    - dissect: { pattern: "G %{_time}", otherwise: reject }
    - date: { from: _time, formats: [iso8601, "MMM d HH:mm:ss"], otherwise: ignore }
`,
);

/** Three lines of a week ago, received at once; each by the form of stamp that is given. */
function replay(
  stamp: (day: number) => string,
  zone?: string,
): readonly (readonly [time: string, mark: unknown])[] {
  const known = zone === undefined ? undefined : parseZone(zone);
  const settings = known === undefined ? {} : { zone: known };
  const normaliser = createNormaliser({ snapshot: testSnapshot(pack), settingsOf: () => settings });
  const records = [20, 21, 22].map((day, i): RawRecord => ({
    sequence: sequence(i + 1),
    origin: originId("00000000000000aa"),
    ordinal: i,
    source: sourceId("00000000000000bb"),
    receivedAt: at("2026-03-01T12:00:00Z"),
    bytes: new TextEncoder().encode(`G ${stamp(day)}`),
  }));
  return normaliser
    .normalise(records)
    .map((outcome) =>
      outcome.kind === "event"
        ? [formatMicros(outcome.event.timestamp), outcome.event.fields["tyto.time"]]
        : [outcome.kind, undefined],
    );
}

describe("last week's file, read today", () => {
  const lastWeek = [20, 21, 22].map((day) => [`2026-02-${day}T08:00:00.000Z`, "late"]);

  it("shows last week, marked as late", () => {
    expect(replay((day) => `2026-02-${day}T08:00:00Z`)).toEqual(lastWeek);
  });

  it("shows last week where stamps have no year and no zone", () => {
    expect(replay((day) => `Feb ${day} 08:00:00`)).toEqual(lastWeek);
  });

  it("shows last week by the clock of the source's zone", () => {
    expect(replay((day) => `Feb ${day} 09:00:00`, "Europe/Paris")).toEqual(lastWeek);
  });

  it("shows a source without its zone as one whose clock runs ahead", () => {
    const normaliser = createNormaliser({ snapshot: testSnapshot(pack) });
    const [outcome] = normaliser.normalise([
      {
        sequence: sequence(1),
        origin: originId("00000000000000aa"),
        ordinal: 0,
        source: sourceId("00000000000000bb"),
        receivedAt: at("2026-03-01T12:00:00Z"),
        bytes: new TextEncoder().encode("G Mar 1 13:00:00"),
      },
    ]);
    expect(outcome).toMatchObject({ event: { fields: { "tyto.time": "future" } } });
  });
});
