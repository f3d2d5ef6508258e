import { expect, it } from "vitest";
import { firstEventOf } from "./first-event.ts";

it.each([
  ["a-rule||00000000000000aa-17", "00000000000000aa-17"],
  ["path:x.yml|0123456789abcdef0123456789abcdef|1772000000000000-00000000000000aa-0", "00000000000000aa-0"],
  ["a-rule|", undefined],
])("finds the first event in the key %s", (key, event) => {
  expect(firstEventOf(key)).toBe(event);
});
