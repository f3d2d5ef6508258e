import { describe, expect, it } from "vitest";
import { marksOf, techniquesOf } from "./matched-terms.ts";
import { stepDetail, stepVerb } from "./step-words.ts";
import { undoSteps } from "./undo.ts";

describe("undoing", () => {
  it("an acknowledgement of nobody's alert also gives it back to nobody", () => {
    expect(undoSteps({ status: "new", assignee: null }, "acknowledge")).toEqual([
      { action: "reopen" },
      { action: "assign", assignee: null },
    ]);
    expect(undoSteps({ status: "new", assignee: "mina" }, "acknowledge")).toEqual([{ action: "reopen" }]);
  });

  it("an assignment restores the owner before", () => {
    expect(undoSteps({ status: "new", assignee: "mina" }, "assign")).toEqual([
      { action: "assign", assignee: "mina" },
    ]);
  });

  it("a closing restores the state and the owner before", () => {
    expect(undoSteps({ status: "new", assignee: null }, "close")).toEqual([{ action: "reopen" }]);
    expect(undoSteps({ status: "acknowledged", assignee: "mina" }, "close")).toEqual([
      { action: "reopen" },
      { action: "acknowledge" },
    ]);
  });
});

describe("what rules matched", () => {
  const finding = (values: readonly string[]) => ({
    matched: values.map((value) => ({ field: "f", value, modifier: "" })),
  });

  it("is marked once, unless it would mark half of every line", () => {
    const alert = { findings: [finding(["failure", "1"]), finding(["failure", "sshd"])] };
    expect(marksOf(alert as unknown as Parameters<typeof marksOf>[0])).toEqual(["failure", "sshd"]);
  });

  it("names its techniques", () => {
    expect(
      techniquesOf(["attack.t1110", "attack.credential-access", "attack.T1110.001", "cve.2021"]),
    ).toEqual(["T1110", "T1110.001"]);
  });
});

describe("steps in words", () => {
  const finding = {
    key: "r1|source.ip=192.0.2.1|7",
    rule: { title: "Brute force" },
    group: [{ type: "ip", value: "192.0.2.1" }],
  };
  const findings = [finding] as unknown as Parameters<typeof stepDetail>[1];
  const step = (kind: string, detail: string) => ({ step: 1, at: "", actor: "detection", kind, detail });

  it("name a finding by its rule and group", () => {
    expect(stepDetail(step("joined", finding.key), findings)).toBe("Brute force: 192.0.2.1");
    expect(stepDetail(step("amended", `${finding.key} (version 2)`), findings)).toBe(
      "Brute force: 192.0.2.1",
    );
    expect(stepDetail(step("superseded", `r9|x|1 into ${finding.key}`), findings)).toBe(
      "Brute force: 192.0.2.1",
    );
    expect(stepDetail(step("withdrawn", finding.key), findings)).toBe("Brute force: 192.0.2.1");
    expect(stepDetail(step("joined", "r9|x|1"), findings)).toBe("r9|x|1");
  });

  it("leave a person's words alone", () => {
    expect(stepDetail(step("note", finding.key), findings)).toBe(finding.key);
    expect(stepVerb(step("assign", ""))).toBe("gave it back to nobody");
    expect(stepVerb(step("teleport", ""))).toBe("teleport");
  });
});
