import { describe, expect, it } from "vitest";
import { COLUMN_NAMES, EVENT_CATEGORIES, EVENT_TYPES, FIELDS, TYPES_BY_CATEGORY } from "./index.ts";

describe("the field catalogue", () => {
  it("knows every name that is to be a column, once", () => {
    expect(COLUMN_NAMES.filter((name) => FIELDS.get(name)?.isColumn !== true)).toEqual([]);
    expect(new Set(COLUMN_NAMES).size).toBe(COLUMN_NAMES.length);
  });

  it("keeps the number of columns near the decided hundred and fifty", () => {
    expect(COLUMN_NAMES.length).toBeGreaterThanOrEqual(150);
    expect(COLUMN_NAMES.length).toBeLessThanOrEqual(200);
  });

  it("has no two names that differ only where a dot stands for an underscore", () => {
    const folded = [...FIELDS.keys()].map((name) => name.replaceAll(".", "_"));
    expect(new Set(folded).size).toBe(folded.length);
  });

  it("gives ECS's own types", () => {
    expect(FIELDS.get("source.ip")).toMatchObject({ type: "ip", isArray: false, isColumn: true });
    expect(FIELDS.get("event.category")).toMatchObject({ type: "keyword", isArray: true });
    expect(FIELDS.get("process.parent.pid")).toMatchObject({ type: "long" });
    expect(FIELDS.get("destination.geo.location")).toMatchObject({ type: "geo_point", isColumn: false });
    expect(FIELDS.get("event.outcome")?.allowed).toEqual(["failure", "success", "unknown"]);
  });

  it("lists only types that exist for each category", () => {
    const types = new Set<string>(EVENT_TYPES);
    expect(EVENT_CATEGORIES).toHaveLength(20);
    for (const list of Object.values(TYPES_BY_CATEGORY)) {
      expect(list.filter((type) => !types.has(type))).toEqual([]);
    }
  });
});
