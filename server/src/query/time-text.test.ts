import { expect, test } from "vitest";
import { formatMicros, MAX_MICROS, micros, parseRfc3339 } from "@tyto/domain";
import { parseInstant } from "./time-text.ts";

const NOW = micros(parseRfc3339("2026-03-10T12:00:00Z") ?? 0);

test.each([
  ["now", "2026-03-10T12:00:00.000Z"],
  ["-15m", "2026-03-10T11:45:00.000Z"],
  ["now-7d", "2026-03-03T12:00:00.000Z"],
  ["+1h", "2026-03-10T13:00:00.000Z"],
  ["-2w", "2026-02-24T12:00:00.000Z"],
  [" -30s ", "2026-03-10T11:59:30.000Z"],
  ["2026-01-31", "2026-01-31T00:00:00.000Z"],
  ["2026-01-31T08:15", "2026-01-31T08:15:00.000Z"],
  ["2026-01-31T08:15:00+02:00", "2026-01-31T06:15:00.000Z"],
  ["2026-01-31 08:15:00.123456Z", "2026-01-31T08:15:00.123456Z"],
])("reads %s", (text, expected) => {
  const instant = parseInstant(text, NOW);
  expect(instant === undefined ? undefined : formatMicros(instant)).toBe(expected);
});

test.each(["", "soon", "-", "-5", "5m", "-5y", "2026-02-30", "1969-12-31", "9999-01-01", "-999999d"])(
  "refuses %j",
  (text) => {
    expect(parseInstant(text, NOW)).toBeUndefined();
  },
);

test("never leaves what the store can hold", () => {
  expect(parseInstant("+999999d", NOW)).toBeUndefined();
  expect(MAX_MICROS).toBeGreaterThan(NOW);
});
