import { micros, sequence, sourceId } from "@tyto/domain";
import type { Event, EventFields } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { FieldWatch } from "./field-watch.ts";

const SOURCE = sourceId("00000000000000aa");

function event(fields: EventFields, at: number): Event {
  return {
    id: `00000000000000bb-${at}` as Event["id"],
    sequence: sequence(at),
    source: SOURCE,
    timestamp: micros(at),
    timeOrigin: "event",
    ingested: micros(1_800_000_000_000_000 + at * 1_000_000),
    pack: "acme/main",
    fields,
    raw: new Uint8Array(),
  };
}

function watched(fieldsOf: (i: number) => EventFields, count: number) {
  const watch = new FieldWatch();
  // Batches small enough that every event is looked at.
  for (let i = 0; i < count; i += 20) {
    watch.look(Array.from({ length: 20 }, (_, j) => event(fieldsOf(i + j), i + j + 1)));
  }
  return watch.check(
    () => "fw01",
    (pack) => [`Reads ${pack}`],
  );
}

describe("the watch over fields", () => {
  it("says when a field that every event had is in none any more, since when and who reads it", () => {
    const said = watched(
      (i) => (i < 600 ? { "user.name": "mara", "source.ip": "192.0.2.1" } : { "source.ip": "192.0.2.1" }),
      900,
    );
    expect(said).toMatchObject([
      {
        kind: "source-field-missing",
        message:
          "fw01 (acme/main) has sent no user.name since 2027-01-15T08:10:00.000Z; 1 rule looks at these events",
        fields: {
          "tyto_server.field": "user.name",
          "tyto_server.blind_rules": ["Reads acme/main"],
        },
      },
    ]);
  });

  it("says nothing of a field that came now and then, of one that is back, and before it knows a source", () => {
    expect(watched((i) => (i % 3 === 0 && i < 600 ? { "user.name": "mara" } : {}), 1_200)).toEqual([]);
    expect(watched((i) => (i < 600 || i > 1_000 ? { "user.name": "mara" } : {}), 1_100)).toEqual([]);
    expect(watched((i) => (i < 300 ? { "user.name": "mara" } : {}), 900)).toEqual([]);
  });
});
