import { expect, it } from "vitest";
import { countStored, decodeOutcomes, encodeOutcomes } from "./applied-outcomes.ts";
import type { AppliedOutcome } from "./applied-outcomes.ts";

it.each<readonly [string, readonly AppliedOutcome[]]>([
  ["", []],
  ["3s", ["s", "s", "s"]],
  ["1s2f1q1s", ["s", "f", "f", "q", "s"]],
])("writes what became of records as %s, reads it back, and counts rows", (text, outcomes) => {
  expect(encodeOutcomes(outcomes)).toBe(text);
  expect(decodeOutcomes(text)).toEqual(outcomes);
  expect(countStored(text)).toBe(outcomes.filter((one) => one !== "f").length);
});
