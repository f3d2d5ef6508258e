import { eventId, micros, originId, sequence, sourceId } from "@tyto/domain";
import type { Event, EventFields } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { parseCondition } from "../../content/index.ts";
import { compileFilters } from "./event-filters.ts";
import type { FilterDefinition } from "./event-filters.ts";

const SOURCE = sourceId("00000000000000aa");
const OTHER = sourceId("00000000000000bb");

function filter(condition: string, more: Partial<FilterDefinition> = {}): FilterDefinition {
  const parsed = parseCondition(condition);
  if (parsed.kind === "problem") throw new Error(parsed.message);
  return { id: "f1", source: null, condition: parsed.condition, keepOneIn: null, ...more };
}

function event(fields: EventFields, more: Partial<Event> & { readonly line?: string } = {}): Event {
  const { line = "a line", ...rest } = more;
  return {
    id: eventId(originId("00000000000000cc"), 1),
    sequence: sequence(1),
    source: SOURCE,
    timestamp: micros(0),
    timeOrigin: "event",
    ingested: micros(0),
    pack: "nginx-nginx/access",
    fields,
    raw: Buffer.from(line),
    ...rest,
  };
}

describe("filters", () => {
  const health = { "url.path": "/healthz", "http.response.status_code": 200, "event.type": ["access"] };
  it.each([
    ['url.path == "/healthz" and http.response.status_code == 200', true],
    ['url.path == "/healthz" and not http.response.status_code == 200', false],
    ['event.type in ["access", "info"]', true],
    ["http.response.status_code < 300", true],
    ["user.name missing", true],
    ['pack startsWith "nginx-"', true],
    ['raw contains "a li"', true],
    ['raw contains "other"', false],
  ])("leave out what meets %s", (condition, isOut) => {
    const verdict = compileFilters([filter(condition)]).verdictOf(event(health));
    expect(verdict).toEqual(isOut ? { reason: "source-filter", filter: "f1" } : undefined);
  });

  it("of one source leave the others alone, and stand before those of all", () => {
    const filters = compileFilters([
      filter("url.path exists", { id: "all" }),
      filter("url.path exists", { id: "own", source: SOURCE }),
    ]);
    expect(filters.verdictOf(event(health))?.filter).toBe("own");
    expect(filters.verdictOf(event(health, { source: OTHER }))?.filter).toBe("all");
    expect(
      compileFilters([filter("url.path exists", { source: SOURCE })]).verdictOf(
        event(health, { source: OTHER }),
      ),
    ).toBe(undefined);
  });

  it("keep one in ten by the id: about a tenth, the same at each time, at whatever step ids go", () => {
    const filters = compileFilters([filter("url.path exists", { keepOneIn: 10 })]);
    for (const step of [1, 10, 100, 128]) {
      const ids = Array.from({ length: 20_000 }, (_, at) => eventId(originId("00000000000000cc"), at * step));
      const kept = ids.filter((id) => filters.verdictOf(event(health, { id })) === undefined);
      expect(kept.length / ids.length, `step ${step}`).toBeCloseTo(0.1, 1);
      expect(ids.filter((id) => filters.verdictOf(event(health, { id })) === undefined)).toEqual(kept);
    }
    expect(filters.verdictOf(event({}))).toBe(undefined);
  });
});
