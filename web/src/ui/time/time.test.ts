import { describe, expect, it } from "vitest";
import { formatDuration, formatExactInstant, formatInstant, formatRelative, formatTick } from "./instant.ts";
import {
  brushedRange,
  describeRange,
  parseTypedInstant,
  RANGE_PRESETS,
  resolveInstant,
  resolveRange,
  shiftRange,
} from "./time-range.ts";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const HOUR = 3_600_000;

describe("ranges", () => {
  it.each([
    ["now", NOW],
    ["-15m", NOW - 15 * 60_000],
    ["-2d", NOW - 48 * HOUR],
    ["2026-11-20T09:00:00.000Z", Date.parse("2026-11-20T09:00:00Z")],
    ["yesterday", undefined],
    ["-5x", undefined],
    ["17", undefined],
    ["2026-99-99T00:00:00Z", undefined],
  ])("resolves %s", (text, expected) => {
    expect(resolveInstant(text, NOW)).toBe(expected);
  });

  it("refuses an end before its start", () => {
    expect(resolveRange({ from: "now", to: "-1h" }, NOW)).toBeUndefined();
    expect(resolveRange({ from: "-1h", to: "now" }, NOW)).toEqual({ fromMs: NOW - HOUR, toMs: NOW });
  });

  it("says a range in words", () => {
    expect(describeRange({ from: "-24h", to: "now" }, "utc")).toBe("Last 24 hours");
    expect(describeRange({ from: "-1h", to: "now" }, "utc")).toBe("Last hour");
    expect(describeRange({ from: "-2h", to: "-1h" }, "utc")).toBe("2 hours ago – 1 hour ago");
    expect(describeRange({ from: "2026-11-20T09:00:00.000Z", to: "now" }, "utc")).toBe(
      "2026-11-20 09:00:00 – now",
    );
    for (const preset of RANGE_PRESETS) expect(describeRange(preset, "utc")).toMatch(/^Last /);
  });

  it("steps back and forth by its own width", () => {
    const back = shiftRange({ from: "-1h", to: "now" }, -1, NOW);
    expect(back).toEqual({ from: "2026-11-21T10:00:00.000Z", to: "2026-11-21T11:00:00.000Z" });
    expect(back && shiftRange(back, 1, NOW)).toEqual({
      from: "2026-11-21T11:00:00.000Z",
      to: "2026-11-21T12:00:00.000Z",
    });
  });

  it.each([
    [" -3h ", "-3h"],
    ["now", "now"],
    ["2026-11-20", "2026-11-20T00:00:00.000Z"],
    ["2026-11-20 09:41", "2026-11-20T09:41:00.000Z"],
    ["2026-11-20T09:41:03.5Z", "2026-11-20T09:41:03.500Z"],
    ["2026-11-20T09:41:00+02:00", "2026-11-20T07:41:00.000Z"],
    ["soon", undefined],
    ["2026-13-01", undefined],
  ])("reads what a person types: %j", (typed, expected) => {
    expect(parseTypedInstant(typed, "utc")).toBe(expected);
  });

  it("takes a brush in either direction, its last bar included", () => {
    const expected = { from: "2026-11-21T11:00:00.000Z", to: "2026-11-21T13:00:00.000Z" };
    expect(brushedRange(NOW - HOUR, NOW, HOUR)).toEqual(expected);
    expect(brushedRange(NOW, NOW - HOUR, HOUR)).toEqual(expected);
  });
});

describe("instants", () => {
  it("are written in UTC", () => {
    expect(formatInstant(NOW + 1_234, "utc")).toBe("2026-11-21 12:00:01");
    expect(formatExactInstant(NOW + 1_234, "utc")).toBe("2026-11-21 12:00:01.234");
    expect(formatInstant(Number.NaN, "utc")).toBe("–");
  });

  it("are written in the zone of the instant itself, not of today", () => {
    const winter = Date.parse("2026-01-15T12:00:00Z");
    const date = new Date(winter);
    expect(formatInstant(winter, "local").slice(11, 13)).toBe(String(date.getHours()).padStart(2, "0"));
  });

  it("are as far away as they are", () => {
    expect(formatRelative(NOW - 2_000, NOW)).toBe("just now");
    expect(formatRelative(NOW - 42_000, NOW)).toBe("42 s ago");
    expect(formatRelative(NOW - 18 * 60_000, NOW)).toBe("18 min ago");
    expect(formatRelative(NOW - 26 * HOUR, NOW)).toBe("26 h ago");
    expect(formatRelative(NOW + 3 * HOUR, NOW)).toBe("in 3 h");
    expect(formatDuration(50 * HOUR)).toBe("2 d");
  });

  it("are labelled as finely as the axis is wide", () => {
    expect(formatTick(NOW, "utc", 60_000)).toBe("12:00:00");
    expect(formatTick(NOW, "utc", 12 * HOUR)).toBe("12:00");
    expect(formatTick(NOW, "utc", 72 * HOUR)).toBe("11-21 12:00");
    expect(formatTick(NOW, "utc", 30 * 24 * HOUR)).toBe("2026-11-21");
  });
});
