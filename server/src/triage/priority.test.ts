import { expect, it } from "vitest";
import type { Asset, AssetId, Entity, Micros } from "@tyto/domain";
import { NO_ASSETS, weigh } from "./priority.ts";
import type { AssetLookup } from "./priority.ts";

const asset = (name: string, changes: Partial<Asset>): Asset => ({
  id: name as AssetId,
  kind: "host",
  name,
  criticality: null,
  labels: [],
  owner: null,
  aliases: [],
  note: "",
  origin: "csv",
  firstSeen: null,
  lastSeen: null,
  updatedAt: 0 as Micros,
  updatedBy: "ana",
  ...changes,
});
const host = (value: string): Entity => ({ type: "host", value });
const register =
  (...assets: readonly Asset[]): AssetLookup =>
  ({ value }) =>
    assets.find(({ name }) => name === value);

it.each([
  ["nothing that is known", [], "medium", 40, []],
  ["a learned host", [asset("a", {})], "medium", 40, []],
  ["a host of low criticality", [asset("a", { criticality: "low" })], "medium", 30, ["low criticality"]],
  ["a host of high criticality", [asset("a", { criticality: "high" })], "medium", 50, ["high criticality"]],
  ["a critical host", [asset("a", { criticality: "critical" })], "high", 60, ["critical criticality"]],
  ["a label", [asset("a", { labels: ["confidential"] })], "medium", 50, ["labelled confidential"]],
  [
    "several hosts: the most critical counts",
    [asset("a", { criticality: "low" }), asset("b", { criticality: "critical", labels: ["core"] })],
    "high",
    70,
    ["b is a host of critical criticality", "labelled core"],
  ],
] as const)("weighs a medium finding about %s", (_, assets, severity, score, reasons) => {
  const weight = weigh("medium", [host("a"), host("b")], register(...assets));
  expect(weight.severity).toBe(severity);
  expect(weight.priority).toMatchObject({ score, base: "medium" });
  for (const [index, reason] of reasons.entries())
    expect(weight.priority.reasons[index]?.text).toContain(reason);
});

it("knows nothing above critical, and no score above 100", () => {
  const lookup = register(asset("a", { criticality: "critical", labels: ["core", "confidential"] }));
  expect(weigh("critical", [host("a")], lookup)).toMatchObject({
    severity: "critical",
    priority: { score: 100 },
  });
});

it("weighs the same whatever the order of entities", () => {
  const lookup = register(asset("a", { criticality: "high" }), asset("b", { criticality: "high" }));
  expect(weigh("low", [host("b"), host("a")], lookup)).toEqual(weigh("low", [host("a"), host("b")], lookup));
  expect(weigh("low", [host("a")], NO_ASSETS).assets).toEqual([]);
});
