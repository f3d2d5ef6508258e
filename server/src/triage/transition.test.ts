import { describe, expect, it } from "vitest";
import type { Alert, AlertAction, AlertId } from "@tyto/domain";
import { foldFindings } from "./fold.ts";
import { transition } from "./transition.ts";
import { AlertShelf, finding, NOW, upsert } from "./triage.fixture.ts";

const ana = { actor: "ana", at: NOW };
const close: AlertAction = { kind: "close", reason: "false-positive" };

async function newAlert(): Promise<Alert> {
  const [alert] = await foldFindings([upsert(finding({ key: "a" }))], new AlertShelf(), NOW);
  if (alert === undefined) throw new Error("no alert was opened");
  return alert;
}

const after = async (...actions: readonly AlertAction[]): Promise<Alert> =>
  actions.reduce((alert, action) => transition(alert, action, ana), await newAlert());

describe("what a person does to an alert", () => {
  it("records each action as one step, without gaps", async () => {
    const alert = await after({ kind: "acknowledge" }, { kind: "note", text: "seen" }, close, {
      kind: "reopen",
    });
    expect(alert.transitions.map(({ step, actor, change }) => [step, actor, change.kind])).toEqual([
      [1, "detection", "opened"],
      [2, "ana", "acknowledge"],
      [3, "ana", "note"],
      [4, "ana", "close"],
      [5, "ana", "reopen"],
    ]);
    expect(alert).toMatchObject({ status: "new", closeReason: null, assignee: "ana", updatedAt: NOW });
  });

  it("gives an alert that nobody has to who acknowledges it, and leaves it to whom it was given", async () => {
    expect((await after({ kind: "acknowledge" })).assignee).toBe("ana");
    const given = await after({ kind: "assign", assignee: "ben" }, { kind: "acknowledge" });
    expect(given).toMatchObject({ status: "acknowledged", assignee: "ben" });
  });

  it("leaves it to nobody when the setting says so", async () => {
    expect((await after({ kind: "acknowledge", keepsOwner: true })).assignee).toBeNull();
  });

  it("keeps tags in one spelling, sorted, each once", async () => {
    const tagged = await after(
      { kind: "tag", add: ["VIP  user", "phishing", "vip user"], remove: [] },
      { kind: "tag", add: [" "], remove: ["Phishing"] },
    );
    expect(tagged.userTags).toEqual(["vip-user"]);
    await expect(after({ kind: "tag", add: ["x".repeat(65)], remove: [] })).rejects.toMatchObject({
      code: "bad-request",
    });
  });

  it.each<readonly [name: string, before: readonly AlertAction[], action: AlertAction]>([
    ["acknowledging twice", [{ kind: "acknowledge" }], { kind: "acknowledge" }],
    ["acknowledging a closed alert", [close], { kind: "acknowledge" }],
    ["closing twice", [close], close],
    ["assigning a closed alert", [close], { kind: "assign", assignee: "ben" }],
    ["reopening a new alert", [], { kind: "reopen" }],
  ])("refuses %s", async (_name, before, action) => {
    const alert = await after(...before);
    expect(() => transition(alert, action, ana)).toThrow(expect.objectContaining({ code: "conflict" }));
  });

  it("refuses a note without words", async () => {
    const alert = await newAlert();
    expect(() => transition(alert, { kind: "note", text: " \n" }, ana)).toThrow(
      expect.objectContaining({ code: "bad-request" }),
    );
  });

  it("refuses every action on an alert that became part of another", async () => {
    const absorbed: Alert = { ...(await newAlert()), absorbedInto: "other" as AlertId };
    for (const action of [close, { kind: "acknowledge" }, { kind: "note", text: "x" }] as const) {
      expect(() => transition(absorbed, action, ana)).toThrow(expect.objectContaining({ code: "conflict" }));
    }
  });
});
