import type { RuleId } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import type { RuleVersionRecord } from "../ports.ts";
import { alertOf, at, commitOf, findingOf, openTestStore } from "./control.fixture.ts";

const version = (number: number, yaml = `v${number}`): RuleVersionRecord => ({
  ruleId: "r",
  number,
  at: at(number),
  by: "ana",
  comment: "",
  yaml,
  cases: "",
});

describe("own rules in the control store", () => {
  it("take a version only on top of the newest", async () => {
    const { rules } = await openTestStore();
    await rules.create(version(1));
    await expect(rules.create(version(1))).rejects.toMatchObject({ code: "conflict" });
    await rules.addVersion(version(2));
    await expect(rules.addVersion(version(2))).rejects.toMatchObject({ code: "conflict" });
    await expect(rules.addVersion(version(4))).rejects.toMatchObject({ code: "conflict" });
    expect((await rules.own()).map(({ latest }) => latest.number)).toEqual([2]);
    expect((await rules.versions("r")).map(({ number }) => number)).toEqual([2, 1]);
  });

  it("give back every text as it was written", async () => {
    const { rules } = await openTestStore();
    const hostile = "a\0b \ud800 \u0001 '; drop table own_rule; --";
    await rules.create(version(1, hostile));
    expect((await rules.version("r", 1))?.yaml).toBe(hostile);
  });

  it("keep the newest trials only, one for a text", async () => {
    const { rules } = await openTestStore();
    const trial = { by: "ana", from: at(1), to: at(2), total: 1, busiest: 1 };
    for (const [digest, moment] of [
      ["a", 1],
      ["b", 2],
      ["a", 3],
      ["c", 4],
    ] as const)
      await rules.saveTrial({ ...trial, digest, at: at(moment) }, 2);
    const kept = await Promise.all(["a", "b", "c"].map((digest) => rules.trial(digest)));
    expect(kept.map((one) => one?.at)).toEqual([3, undefined, 4]);
  });

  it("count a rule's alerts, and of those that people closed the true ones", async () => {
    const store = await openTestStore();
    const held = (id: string, rule: string) => {
      const finding = findingOf(`${rule}|${id}`);
      return [{ ...finding, rule: { ...finding.rule, id: rule as RuleId } }];
    };
    await store.commit(
      commitOf(1, {
        alerts: [
          alertOf("1", { findings: held("1", "x"), lastSeen: at(900) }),
          alertOf("2", {
            findings: held("2", "x"),
            lastSeen: at(500),
            status: "closed",
            closeReason: "true-positive",
          }),
          alertOf("3", {
            findings: held("3", "x"),
            lastSeen: at(400),
            status: "closed",
            closeReason: "false-positive",
          }),
          alertOf("4", {
            findings: held("4", "x"),
            lastSeen: at(300),
            status: "closed",
            closeReason: "withdrawn",
          }),
          alertOf("5", {
            findings: held("5", "x"),
            lastSeen: at(50),
            title: '"closeReason":"true-positive"',
          }),
        ],
      }),
    );
    const counts = await store.rules.alertCounts({ week: at(800), month: at(350), since: at(100) });
    expect(counts).toEqual([{ ruleId: "x", week: 1, month: 3, lastSeen: 900, closed: 2, truePositives: 1 }]);
  });
});
