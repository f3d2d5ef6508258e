import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { formatDiagnostic } from "@tyto/domain";
import type { Dashboard } from "@tyto/domain";
import { readPackDashboards, writeDashboard } from "./dashboard-files.ts";
import { readDashboard } from "./read-dashboard.ts";

const GOOD = `version: 1
title: Logons
time: { from: -24h, to: now }
variables:
  - name: user
    kind: text
panels:
  - id: all
    kind: stat
    title: All
    place: { x: 0, y: 0, w: 3, h: 2 }
    query: |
      Events
      | count
`;

const problems = (text: string) => readDashboard("d.yml", text).diagnostics.map(formatDiagnostic);

describe("a dashboard's text", () => {
  it("is read as it is written, from YAML and from JSON", () => {
    const { dashboard, diagnostics } = readDashboard("d.yml", GOOD);
    expect(diagnostics).toEqual([]);
    expect(dashboard?.panels[0]).toMatchObject({ kind: "stat", query: "Events\n| count\n" });
    for (const format of ["yaml", "json"] as const) {
      const again = readDashboard("d", writeDashboard(dashboard as Dashboard, format));
      expect(again.dashboard).toEqual(dashboard);
    }
  });

  it.each<[string, string, string, string]>([
    [
      "an unknown key",
      "title: Logons",
      "titel: Logons",
      'd.yml:2:1: error: unknown key "titel" (did you mean "title"?)',
    ],
    [
      "another version",
      "version: 1",
      "version: 2",
      "d.yml:1:1: error: version must be 1 (see docs/guides/dashboards.md)",
    ],
    [
      "an unknown kind",
      "kind: stat",
      "kind: stats",
      'd.yml:9:11: error: no panel is of kind "stats" (did you mean "stat"?)',
    ],
    [
      "a key of a panel",
      "title: All",
      "titles: All",
      'd.yml:10:5: error: unknown key "titles" (did you mean "title"?)',
    ],
    [
      "a value of the wrong type",
      "w: 3",
      "w: three",
      "d.yml:11:26: error: w must be integer (see docs/guides/dashboards.md)",
    ],
    [
      "a panel beside the grid",
      "x: 0",
      "x: 11",
      'd.yml:11:5: error: the panel "all" is wider than the grid (x + w is at most 12)',
    ],
    ["a name that is none", "name: user", "name: User Name", "d.yml:5:5: error: name must match pattern"],
    [
      "no list",
      "panels:\n",
      "panels: none\nmore:\n",
      "d.yml:7:9: error: panels is a list (begin each item with a dash)",
    ],
    ["a broken text", "title: Logons", "title: [", "d.yml:3:1: error:"],
  ])("with %s is refused, with its place and a hint", (_name, from, to, expected) => {
    expect(problems(GOOD.replace(from, to)).some((line) => line.startsWith(expected))).toBe(true);
  });

  it("says what is missing", () => {
    expect(problems("version: 1")).toEqual(["d.yml:1:1: error: missing: title, time (add it)"]);
    expect(problems("just words")[0]).toContain("a dashboard is a map");
    expect(problems("")[0]).toContain("a dashboard is a map");
  });

  it("may hold neither two of a name nor panels on each other", () => {
    const [, panel = ""] = GOOD.split("panels:\n");
    expect(problems(`${GOOD}${panel}`)).toEqual([
      expect.stringContaining('two panels have the id "all"'),
      expect.stringContaining('the panel "all" stands on "all"'),
    ]);
  });

  it("cannot be a bomb", () => {
    const levels = Array.from(
      { length: 12 },
      (_, at) => `l${at}: &l${at} [${`*l${at - 1},`.repeat(at === 0 ? 0 : 9)}x]`,
    );
    expect(problems(levels.join("\n"))[0]).toContain("unfolds");
    expect(problems(`title: ${"x".repeat(600_000)}`)[0]).toContain("at most 500000 characters");
    expect(problems(`a: ${"[".repeat(500)}`)).not.toEqual([]);
  });
});

describe("the dashboards that come with Tyto", () => {
  it("are sound", async () => {
    const { found, diagnostics } = await readPackDashboards([resolve(import.meta.dirname, "../../../packs")]);
    expect(diagnostics).toEqual([]);
    expect(found.map(({ id }) => id)).toEqual([
      "tyto-authentication",
      "tyto-network-firewall",
      "tyto-security-overview",
      "tyto-web-proxy",
      "tyto-windows-endpoints",
    ]);
  });
});
