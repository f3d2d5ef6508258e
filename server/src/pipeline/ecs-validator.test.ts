import type { FieldValue } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { ecsComplaints } from "./ecs-validator.ts";

const complaintsAbout = (fields: Readonly<Record<string, FieldValue>>): readonly string[] =>
  ecsComplaints({ "event.kind": "event", ...fields }, ["acme.gate"]);

describe("the validator", () => {
  it("has nothing against an event as ECS wants it", () => {
    expect(
      complaintsAbout({
        "event.category": ["network", "intrusion_detection"],
        "event.type": ["connection", "denied"],
        "event.outcome": "success",
        "event.start": "2026-03-01T12:00:00.000Z",
        "source.ip": "2001:db8::1",
        "source.port": 80,
        "source.geo.location": "48.85,-2.35",
        "host.ip": ["192.0.2.1"],
        "labels.site": "north",
        "acme.gate.anything": { deep: [1] },
        "tyto.unconverted": ["x"],
        "custom.x": 1,
      }),
    ).toEqual([]);
  });

  it.each([
    [{ "source.adress": "x" }, "source.adress belongs to nobody"],
    [{ "acme.gateway": "x" }, "acme.gateway belongs to nobody"],
    [{ "source.port": "80" }, 'source.port: "80" is no long'],
    [{ "source.port": 1.5 }, "source.port: 1.5 is no long"],
    [{ "source.ip": "localhost" }, 'source.ip: "localhost" is no ip'],
    [{ "event.start": "yesterday" }, 'event.start: "yesterday" is no date'],
    [{ "user.name": 7 }, "user.name: 7 is no keyword"],
    [{ "event.category": "network" }, "event.category is no list"],
    [{ "event.category": ["log"] }, 'event.category: "log" is not allowed'],
    [{ "event.outcome": "succeeded" }, 'event.outcome: "succeeded" is not allowed'],
    [
      { "event.category": ["authentication"], "event.type": ["start", "denied"] },
      'event.type: "denied" fits none of authentication',
    ],
    [{ "event.kind": "" }, "event.kind is missing"],
  ])("complains about %j", (fields, complaint) => {
    expect(complaintsAbout(fields)).toContain(complaint);
  });
});
