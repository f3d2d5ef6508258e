import { describe, expect, it } from "vitest";
import type { Alert, Finding, FindingChange } from "@tyto/domain";
import { alertIdOf, foldFindings } from "./fold.ts";
import { transition } from "./transition.ts";
import { AlertShelf, finding, ip, keyOf, minute, NOW, upsert, user } from "./triage.fixture.ts";

const DAY = 24 * 60;

async function fold(shelf: AlertShelf, ...changes: readonly FindingChange[]): Promise<void> {
  shelf.put(await foldFindings(changes, shelf, NOW));
}

/** The shelf after each finding came in a batch of its own. */
async function shelfOf(...findings: readonly Finding[]): Promise<AlertShelf> {
  const shelf = new AlertShelf();
  for (const one of findings) await fold(shelf, upsert(one));
  return shelf;
}

function only(shelf: AlertShelf): Alert {
  const [alert, ...others] = shelf.live();
  if (alert === undefined || others.length > 0) throw new Error(`${shelf.live().length} alerts, not one`);
  return alert;
}

function closeAll(shelf: AlertShelf): void {
  const step = { actor: "ana", at: NOW };
  shelf.put(shelf.live().map((alert) => transition(alert, { kind: "close", reason: "true-positive" }, step)));
}

const kindsOf = (alert: Alert | undefined) => alert?.transitions.map(({ change }) => change.kind);

describe("folding findings into alerts", () => {
  it("joins findings of one cause that meet in an entity, and no others", async () => {
    const byAddress = finding({ key: "address", entities: [ip("192.0.2.1"), user("ana")] });
    const byAccount = finding({ key: "account", group: [user("ana")] });
    expect(only(await shelfOf(byAddress, byAccount)).findings).toHaveLength(2);

    const elsewhere = finding({ key: "elsewhere", group: [ip("192.0.2.9")] });
    const otherCause = finding({ key: "other", cause: "scan" });
    const dayLater = finding({ key: "later", at: DAY + 2 });
    expect((await shelfOf(byAddress, elsewhere, otherCause, dayLater)).live()).toHaveLength(4);
  });

  it("says what the finding with most occurrences says, whichever came first", async () => {
    const account = finding({ key: "account", group: [user("root")], at: 1, count: 31 });
    const address = finding({ key: "address", entities: [ip("192.0.2.1"), user("root")], at: 2, count: 126 });
    for (const order of [
      [account, address],
      [address, account],
    ]) {
      const alert = only(await shelfOf(...order));
      expect(alert).toMatchObject({ title: "address", count: 126, firstSeen: minute(1) });
      expect(alert.entities[0]).toEqual(ip("192.0.2.1"));
    }
  });

  it("lets a higher level outweigh any count", async () => {
    const flood = finding({ key: "flood", level: "medium", count: 900 });
    const breach = finding({ key: "breach", level: "high", count: 1 });
    expect(only(await shelfOf(flood, breach))).toMatchObject({ title: "breach", severity: "high" });
  });

  it("counts an event once, however many findings rest on it", async () => {
    const alert = only(
      await shelfOf(finding({ key: "a", events: [1, 2, 3] }), finding({ key: "b", events: [2, 3, 4] })),
    );
    expect(alert.count).toBe(4);
  });

  it("takes a finding's newer version once, and an older one never", async () => {
    const shelf = await shelfOf(
      finding({ key: "a" }),
      finding({ key: "a", version: 3, count: 30 }),
      finding({ key: "a", version: 2, count: 20 }),
      finding({ key: "a", version: 3, count: 30 }),
      finding({ key: "a", version: 4, count: 40 }),
    );
    expect(only(shelf).count).toBe(40);
    expect(kindsOf(only(shelf)), "amendments in a row are told once").toEqual(["opened", "amended"]);
  });
});

describe("two alerts that turn out to be one", () => {
  const left = finding({ key: "left", group: [ip("192.0.2.1")], at: 1 });
  const right = finding({ key: "right", group: [user("ana")], at: 2 });
  const bridge = finding({ key: "bridge", group: [ip("192.0.2.1")], entities: [user("ana")], at: 3 });

  it("become the older one; both keep their histories", async () => {
    const shelf = await shelfOf(right, left);
    const absorbed = shelf.alerts.get(alertIdOf(right.key));
    if (absorbed === undefined) throw new Error("the second finding opened no alert");
    shelf.put([transition(absorbed, { kind: "note", text: "mine" }, { actor: "ana", at: NOW })]);
    await fold(shelf, upsert(bridge));

    const alert = only(shelf);
    expect(alert.id).toBe(alertIdOf(left.key));
    expect(alert.findings.map(({ key }) => key)).toEqual(["left", "right", "bridge"]);
    expect(kindsOf(alert)).toEqual(["opened", "absorbed", "joined"]);
    const gone = shelf.alerts.get(absorbed.id);
    expect(gone?.absorbedInto).toBe(alert.id);
    expect(kindsOf(gone)).toEqual(["opened", "note", "absorbed-into"]);
  });

  it("are the same one when all of it comes in one batch", async () => {
    const shelf = new AlertShelf();
    await fold(shelf, upsert(right), upsert(left), upsert(bridge));
    expect(only(shelf).findings.map(({ key }) => key)).toEqual(["left", "right", "bridge"]);
  });

  it("take along what each of them follows", async () => {
    const shelf = await shelfOf(finding({ key: "old", group: [user("ana")], at: 1 }));
    closeAll(shelf);
    await fold(shelf, upsert(left));
    await fold(shelf, upsert(right));
    await fold(shelf, upsert(bridge));
    const open = shelf.live().filter((alert) => alert.status === "new");
    expect(open).toHaveLength(1);
    expect(open[0]?.related).toEqual([alertIdOf(keyOf("old"))]);
  });
});

describe("a closed alert", () => {
  it("is never reopened: what follows opens another one that names it", async () => {
    const shelf = await shelfOf(finding({ key: "a" }));
    closeAll(shelf);
    await fold(shelf, upsert(finding({ key: "b", at: 5 })));
    const first = shelf.alerts.get(alertIdOf(keyOf("a")));
    const second = shelf.alerts.get(alertIdOf(keyOf("b")));
    expect(first).toMatchObject({ status: "closed", closeReason: "true-positive" });
    expect(first?.findings).toHaveLength(1);
    expect(second).toMatchObject({ status: "new", related: [first?.id] });
  });

  it("keeps its own findings up to date, and stays closed", async () => {
    const shelf = await shelfOf(finding({ key: "a" }));
    closeAll(shelf);
    await fold(shelf, upsert(finding({ key: "a", version: 2, count: 50 })));
    expect(only(shelf)).toMatchObject({ status: "closed", count: 50 });
  });
});

describe("a finding that late data merges into another", () => {
  const early = finding({ key: "early", at: 1 });
  const late = finding({ key: "late", at: 9 });
  const merged = finding({ key: "early", version: 2, at: 1, until: 9, count: 12 });
  const supersede = { kind: "supersede", key: late.key, into: early.key } as const;

  it("leaves its alert, and the history says so", async () => {
    const shelf = await shelfOf(early, late);
    await fold(shelf, upsert(merged), supersede);
    expect(only(shelf)).toMatchObject({ findings: [{ key: "early", version: 2 }], count: 12 });
    expect(kindsOf(only(shelf))).toEqual(["opened", "joined", "amended", "superseded"]);
  });

  it("stays where it is when it alone keeps an alert open that follows a closed one", async () => {
    const shelf = await shelfOf(early);
    closeAll(shelf);
    await fold(shelf, upsert(late));
    await fold(shelf, upsert(merged), supersede);
    expect(shelf.alerts.get(alertIdOf(early.key))).toMatchObject({ status: "closed", count: 12 });
    const open = shelf.alerts.get(alertIdOf(late.key));
    expect(open).toMatchObject({
      status: "new",
      related: [alertIdOf(early.key)],
      findings: [{ key: "late" }],
    });
    expect(kindsOf(open)).toEqual(["opened", "superseded"]);
  });

  it("changes nothing in an alert that is closed, or that nobody knows", async () => {
    const shelf = await shelfOf(early, late);
    closeAll(shelf);
    const before = only(shelf);
    await fold(shelf, supersede, { ...supersede, key: keyOf("nobody knows") });
    expect(only(shelf)).toEqual(before);
  });
});

describe("a finding that late data takes back", () => {
  const one = finding({ key: "one", at: 1 });
  const two = finding({ key: "two", at: 5, level: "high" });
  const retract = (key: string) => ({ kind: "retract", key: keyOf(key) }) as const;

  it("leaves its alert, which then says only what the others say", async () => {
    const shelf = await shelfOf(one, two);
    await fold(shelf, retract("two"));
    expect(only(shelf)).toMatchObject({ status: "new", severity: "medium", findings: [{ key: "one" }] });
    expect(kindsOf(only(shelf))).toEqual(["opened", "joined", "retracted"]);
  });

  it("closes the alert that has no other, by a step of its own, and leaves it to be looked at", async () => {
    const shelf = await shelfOf(one);
    await fold(shelf, retract("one"), retract("one"));
    expect(only(shelf)).toMatchObject({
      status: "closed",
      closeReason: "withdrawn",
      findings: [{ key: "one" }],
    });
    expect(only(shelf).transitions.at(-1)).toMatchObject({
      actor: "detection",
      change: { kind: "withdrawn", finding: "one" },
    });
  });

  it("opens that alert again when it comes back, though its version begins anew", async () => {
    const shelf = await shelfOf(one, finding({ key: "one", version: 2, count: 9 }));
    await fold(shelf, retract("one"));
    await fold(shelf, upsert(finding({ key: "one", count: 7 })));
    expect(only(shelf)).toMatchObject({ status: "new", closeReason: null, count: 7 });
    expect(kindsOf(only(shelf))).toEqual(["opened", "amended", "withdrawn", "returned"]);
  });

  it("comes back as another alert when the one that it founded went on without it", async () => {
    const bridge = finding({ key: "one", at: 1, entities: [ip("192.0.2.1"), user("ana")] });
    const shelf = await shelfOf(bridge, finding({ key: "two", group: [user("ana")] }));
    await fold(shelf, retract("one"));
    await fold(shelf, upsert(one));
    expect(shelf.live().map(({ findings }) => findings.map(({ key }) => key))).toEqual([["two"], ["one"]]);
  });

  it("changes nothing in an alert that a person closed, or that nobody knows", async () => {
    const shelf = await shelfOf(one, two);
    closeAll(shelf);
    const before = only(shelf);
    await fold(shelf, retract("one"), retract("two"), retract("nobody knows"));
    expect(only(shelf)).toEqual(before);
  });
});
