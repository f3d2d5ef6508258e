import type { AlertDetail } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { entityCondition, quoteValue, searchAround, searchForEvidence } from "./entity-query.ts";

const alert = (eventIds: readonly string[]): AlertDetail =>
  ({
    firstSeen: "2026-11-21T10:00:00.000Z",
    lastSeen: "2026-11-21T10:05:00.000Z",
    eventIds,
    findings: [
      { group: [{ type: "service", value: "sshd" }] },
      { group: [] },
      {
        group: [
          { type: "service", value: "a" },
          { type: "service", value: "b" },
        ],
      },
    ],
  }) as unknown as AlertDetail;

describe("from an alert to its events", () => {
  it("names exactly the events, in their time", () => {
    expect(searchForEvidence(alert(["00000000000000a1-1", "00000000000000a1-2"]))).toEqual({
      q: 'id:("00000000000000a1-1" or "00000000000000a1-2")',
      from: "2026-11-21T09:59:59.000Z",
      to: "2026-11-21T10:05:01.000Z",
    });
  });

  it("asks for the groups when there are too many to name", () => {
    const many = Array.from({ length: 101 }, (_, index) => `00000000000000a1-${index}`);
    expect(searchForEvidence(alert(many)).q).toBe(
      '((service.name:"sshd")) or ((service.name:"a") (service.name:"b"))',
    );
  });
});

describe("search terms", () => {
  it("quotes hostile values", () => {
    expect(quoteValue('a"b\\c')).toBe('"a\\"b\\\\c"');
    expect(entityCondition({ type: "service", value: '" or *' })).toBe('service.name:"\\" or *"');
  });

  it("looks around an event in its own source", () => {
    expect(
      searchAround({ timestamp: "2026-11-21T10:00:00.000Z", source: { id: "00000000000000b1" } }),
    ).toEqual({
      q: 'source:"00000000000000b1"',
      from: "2026-11-21T09:55:00.000Z",
      to: "2026-11-21T10:05:00.000Z",
    });
  });
});
