import type { RuleRow } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import type { RulesSearch } from "./rules-url.ts";
import { byGravity, fits, fitsWords, isNoisy, sorted } from "./rule-filter.ts";

const rule = (title: string, level: RuleRow["level"]): RuleRow =>
  ({
    id: title,
    title,
    level,
    kind: "event",
    status: "runnable",
    tags: ["attack.t1110"],
    pack: "linux-auth",
  }) as RuleRow;

describe("the list of rules", () => {
  it("begins with the gravest, by title within a level", () => {
    const rules = [
      rule("Failed login", "informational"),
      rule("b", "high"),
      rule("A", "high"),
      rule("z", "critical"),
    ];
    expect(rules.toSorted(byGravity).map(({ title }) => title)).toEqual(["z", "A", "b", "Failed login"]);
  });

  it("finds a rule by words of anything that it shows", () => {
    const one = rule("Brute force from one address", "medium");
    expect(["", "force ADDRESS", "t1110 medium", "runs"].filter((words) => !fitsWords(one, words))).toEqual(
      [],
    );
    expect(fitsWords(one, "brute banana")).toBe(false);
  });

  it("is narrowed by pack, switch, level, tactic and what is wrong", () => {
    const one = {
      ...rule("A", "high"),
      pack: "own",
      enabled: false,
      tags: ["attack.execution", "attack.t1059"],
      missing: "no events",
      alerts: { week: 0, month: 0 },
      closed: { total: 6, truePositives: 1 },
    };
    expect(
      [
        { pack: "own" },
        { on: "no" },
        { level: "high" },
        { tactic: "execution" },
        { only: "missing" },
        { only: "noisy" },
      ].filter((search) => !fits(one, search as RulesSearch)),
    ).toEqual([]);
    expect(
      [{ pack: "x" }, { on: "yes" }, { level: "low" }, { tactic: "impact" }, { only: "broken" }].filter(
        (search) => fits(one, search as RulesSearch),
      ),
    ).toEqual([]);
  });

  it("calls a rule noisy by its alerts, or by how few of them were true", () => {
    const noisy = (week: number, total: number, truePositives: number): boolean =>
      isNoisy({ alerts: { week, month: week }, closed: { total, truePositives } });
    expect([noisy(60, 0, 0), noisy(3, 10, 0), noisy(3, 4, 0), noisy(3, 10, 5)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it("puts the worst precision first and what nobody judged last", () => {
    const judged = (title: string, total: number, truePositives: number): RuleRow => ({
      ...rule(title, "low"),
      closed: { total, truePositives },
    });
    const rules = [judged("unknown", 0, 0), judged("good", 4, 4), judged("bad", 4, 1)];
    expect(sorted(rules, "precision").map(({ title }) => title)).toEqual(["bad", "good", "unknown"]);
  });
});
