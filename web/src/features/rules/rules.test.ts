import type { RuleBody } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { byGravity, fitsWords } from "./rule-columns.tsx";

const rule = (title: string, level: RuleBody["level"]): RuleBody =>
  ({ id: title, title, level, kind: "event", status: "runnable", tags: ["attack.t1110"] }) as RuleBody;

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
});
