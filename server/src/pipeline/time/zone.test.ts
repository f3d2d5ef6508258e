import { expect, it } from "vitest";
import { parseZone } from "./zone.ts";

const HOUR = 3_600_000_000;
const WINTER = Date.UTC(2026, 0, 15) * 1_000;

it.each([
  ["UTC", 0],
  ["CEST", 2],
  ["-0500", -5],
  ["GMT+2", 2],
  ["Europe/Paris", 1],
  ["Japan", 9],
])("knows the zone %s", (name, hours) => {
  expect(parseZone(name)?.offsetAt(WINTER)).toBe(hours * HOUR);
});

it.each(["IST", "BST", "AST", "nowhere"])(
  "leaves %s to the configuration: it names more than one zone, or none",
  (name) => {
    expect(parseZone(name)).toBeUndefined();
  },
);
