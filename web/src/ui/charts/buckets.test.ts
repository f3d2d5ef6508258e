import { describe, expect, it } from "vitest";
import { placeBeside } from "../overlay/place.ts";
import { barHeights, linePath, niceCeiling, tickIndexes } from "./buckets.ts";

const bucket = (...values: readonly number[]) => ({ startMs: 0, values });

describe("bars", () => {
  it("stack to their share of the tallest", () => {
    expect(barHeights([bucket(50, 50), bucket(25, 0)])).toEqual([
      [50, 50],
      [25, 0],
    ]);
  });

  it("never hide what happened at all", () => {
    expect(barHeights([bucket(10_000), bucket(1), bucket(0)])).toEqual([[100], [4], [0]]);
  });

  it("do not make one event look like a flood", () => {
    expect(barHeights([bucket(1)])).toEqual([[25]]);
  });
});

describe("axes", () => {
  it("spread their ticks", () => {
    expect(tickIndexes(96, 6)).toEqual([0, 16, 32, 48, 64, 80]);
    expect(tickIndexes(0, 6)).toEqual([]);
  });

  it.each([
    [0, 1],
    [0.3, 0.5],
    [12, 20],
    [420, 500],
    [1000, 1000],
  ])("round %d up to %d", (value, expected) => {
    expect(niceCeiling(value)).toBeCloseTo(expected);
  });

  it("draw a line through all values", () => {
    expect(linePath([0, 5, 10], 100, 20, 10)).toBe("M0.00 20.00L50.00 10.00L100.00 0.00");
    expect(linePath([], 100, 20, 10)).toBe("");
  });
});

describe("placing", () => {
  const frame = { width: 1_000, height: 600 };
  const size = { width: 200, height: 100 };

  it("goes below, or above without room, and stays inside", () => {
    expect(placeBeside({ left: 10, right: 60, top: 10, bottom: 30 }, size, frame, "start")).toEqual({
      left: 10,
      top: 34,
    });
    expect(placeBeside({ left: 10, right: 60, top: 560, bottom: 580 }, size, frame, "start")).toEqual({
      left: 10,
      top: 456,
    });
    expect(placeBeside({ left: 950, right: 990, top: 10, bottom: 30 }, size, frame, "start").left).toBe(792);
    expect(placeBeside({ left: 950, right: 990, top: 10, bottom: 30 }, size, frame, "end").left).toBe(790);
  });
});
