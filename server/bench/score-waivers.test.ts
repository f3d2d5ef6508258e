import { describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readWaivers, waivedFields, withoutFields } from "./score-waivers.ts";

const WAIVERS = readWaivers(`
- { product: acme, field: event.type, cases: all, reason: breaks ECS }
- { product: acme, dataset: gate, field: user.name, cases: [a-1, a-2], reason: not in the text }
`);

describe("waivers", () => {
  it("hold for their product, dataset and cases", () => {
    const of = (id: string, product: string, dataset?: string): readonly string[] => [
      ...waivedFields(WAIVERS, { id, product, dataset }),
    ];
    expect(of("a-1", "acme", "gate")).toEqual(["event.type", "user.name"]);
    expect(of("a-1", "acme", "door")).toEqual(["event.type"]);
    expect(of("a-3", "acme", "gate")).toEqual(["event.type"]);
    expect(of("a-1", "other")).toEqual([]);
  });

  it("take fields out of flat and of nested events", () => {
    const event = { event: { type: ["x"], kind: "event" }, "user.name": "a", list: [{ user: 1 }] };
    expect(withoutFields(event, new Set(["event.type", "user.name"]))).toEqual({
      event: { kind: "event" },
      list: [{ user: 1 }],
    });
  });

  it.each([
    "{ product: x }",
    "- { product: x, field: y, cases: some, reason: z }",
    "- { product: x, field: y, cases: all }",
  ])("refuse %s", (text) => {
    expect(() => readWaivers(text)).toThrow();
  });

  it("of ours can be read, and give reasons", () => {
    const text = readFileSync(join(import.meta.dirname, "../../docs/reference/score-waivers.yml"), "utf8");
    expect(readWaivers(text).every(({ reason }) => reason.length > 10)).toBe(true);
  });
});
