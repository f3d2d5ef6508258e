import fc from "fast-check";
import { SEVERITIES } from "@tyto/domain";
import type { Alert, AlertId, FindingKey, RuleId } from "@tyto/domain";
import { describe, expect, test } from "vitest";
import type { AlertFilter, AlertPage, AlertRepository } from "../ports.ts";
import {
  alertOf,
  at,
  commitOf,
  entity,
  findingOf,
  openTestStore,
  sharedStore,
  stepOf,
} from "./control.fixture.ts";

async function storeWith(...alerts: readonly Alert[]) {
  const store = await openTestStore();
  for (const alert of alerts) await store.alerts.save(alert, 0);
  return store;
}

const idsOf = (alerts: readonly Alert[]) => alerts.map((alert) => alert.id as string);

async function listed(alerts: AlertRepository, filter: AlertFilter, sort: AlertPage["sort"] = "lastSeen") {
  return idsOf((await alerts.list(filter, { sort, limit: 100 })).items);
}

describe("save", () => {
  test("gives back exactly what was saved, transitions in order", async () => {
    const alert = alertOf("a1", {
      status: "closed",
      assignee: "bob",
      closeReason: "false-positive",
      related: ["a0" as AlertId],
      transitions: [
        stepOf(1),
        stepOf(2, { kind: "close", reason: "false-positive", text: "scanner" }),
        stepOf(3),
      ],
    });
    const { alerts } = await storeWith(alert);
    expect(await alerts.byId(alert.id)).toEqual(alert);
    expect(await alerts.byId("other" as AlertId)).toBeUndefined();
  });

  test("fails with conflict when someone took a step in the meantime, and writes nothing", async () => {
    const { alerts } = await storeWith(alertOf("a1", { transitions: [stepOf(1)] }));
    const acknowledged = alertOf("a1", { status: "acknowledged", transitions: [stepOf(1), stepOf(2)] });
    await alerts.save(acknowledged, 1);
    const stale = alertOf("a1", { status: "closed", transitions: [stepOf(1), stepOf(2)] });
    await expect(alerts.save(stale, 1)).rejects.toMatchObject({ code: "conflict" });
    await expect(alerts.save(stale, 7)).rejects.toMatchObject({ code: "conflict" });
    await expect(alerts.save(alertOf("a2"), 1)).rejects.toMatchObject({ code: "conflict" });
    expect(await alerts.byId(acknowledged.id)).toEqual(acknowledged);
  });

  test("of many saves from the same step exactly one wins", async () => {
    const { alerts } = await storeWith(alertOf("a1"));
    const attempts = Array.from({ length: 10 }, (_, index) =>
      alerts.save(alertOf("a1", { assignee: `analyst ${index}`, transitions: [stepOf(1), stepOf(2)] }), 1),
    );
    const results = await Promise.allSettled(attempts);
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
    expect((await alerts.byId("a1" as AlertId))?.transitions).toHaveLength(2);
  });

  test("a commit writes over people's steps without a check, and keeps every transition", async () => {
    const store = await storeWith(alertOf("a1", { transitions: [stepOf(1)] }));
    const grown = alertOf("a1", { count: 9, transitions: [stepOf(1), stepOf(2), stepOf(3)] });
    await store.commit(commitOf(1, { alerts: [grown] }));
    await store.commit(commitOf(2, { alerts: [grown] }));
    expect(await store.alerts.byId(grown.id)).toEqual(grown);
  });

  test("any strings survive, and are found", async () => {
    const odd = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom(
        "\0",
        "a\0b",
        "\ud800x",
        "';--",
        "%_\\",
        "\u0001",
        "<b>",
        "x".repeat(5000),
        "constructor",
      ),
    );
    const store = await openTestStore();
    let number = 0;
    await fc.assert(
      fc.asyncProperty(odd, odd, odd, odd, async (title, value, key, actor) => {
        number += 1;
        const ruleId = `${number} ${title}` as RuleId;
        const finding = findingOf(`${number}|${key}`, { group: [{ type: "user", value }], entities: [] });
        const rule = { ...finding.rule, id: ruleId };
        const alert = alertOf(`odd-${number}`, {
          title,
          cause: `cause ${number} ${title}`,
          findings: [{ ...finding, rule }],
          transitions: [{ ...stepOf(1, { kind: "note", text: title }), actor }],
        });
        await store.alerts.save(alert, 0);
        expect(await store.alerts.byId(alert.id)).toEqual(alert);
        expect(await store.alerts.byFinding(finding.key)).toEqual(alert);
        expect(await listed(store.alerts, { rule: ruleId })).toEqual([alert.id]);
        expect(await listed(store.alerts, { entity: value })).toContain(alert.id);
        const found = await store.alerts.candidates({
          cause: alert.cause,
          entities: finding.group,
          first: at(150),
          last: at(150),
          windowMicros: 0,
        });
        expect(idsOf(found)).toEqual([alert.id]);
      }),
      { numRuns: 60 },
    );
  });

  test("an alert of thousands of findings, entities and steps is kept and changed", async () => {
    const findings = Array.from({ length: 1500 }, (_, index) =>
      findingOf(`r|${index}`, { group: [entity(`ip:198.51.100.${index}`)], entities: [] }),
    );
    const transitions = Array.from({ length: 1500 }, (_, index) => stepOf(index + 1));
    const alert = alertOf("big", { findings, transitions });
    const { alerts } = await storeWith(alert);
    expect(await alerts.byId(alert.id)).toEqual(alert);
    const shrunk = { ...alert, findings: findings.slice(0, 10), transitions: [...transitions, stepOf(1501)] };
    await alerts.save(shrunk, 1500);
    expect(await alerts.byFinding("r|9" as FindingKey)).toBeDefined();
    expect(await alerts.byFinding("r|10" as FindingKey)).toBeUndefined();
  });
});

describe("byFinding", () => {
  test("finds the alert that holds it now, open or closed", async () => {
    const { alerts } = await storeWith(
      alertOf("a1", { status: "closed", findings: [findingOf("k1"), findingOf("k2")] }),
      alertOf("a2", { findings: [findingOf("k3")] }),
    );
    expect((await alerts.byFinding("k2" as FindingKey))?.id).toBe("a1");
    expect((await alerts.byFinding("k3" as FindingKey))?.id).toBe("a2");
    expect(await alerts.byFinding("k4" as FindingKey)).toBeUndefined();
    await alerts.save(alertOf("a2", { findings: [findingOf("k4")], transitions: [stepOf(1), stepOf(2)] }), 1);
    expect(await alerts.byFinding("k3" as FindingKey)).toBeUndefined();
    expect((await alerts.byFinding("k4" as FindingKey))?.id).toBe("a2");
  });
});

describe("candidates", () => {
  const around = (first: number, last: number) => ({
    cause: "brute-force",
    entities: [entity("ip:192.0.2.1")],
    first: at(first),
    last: at(last),
    windowMicros: 50,
  });

  test("are those of the cause that share an entity, by first sight, then id", async () => {
    const group = [entity("ip:192.0.2.1")];
    const { alerts } = await storeWith(
      alertOf("b", { findings: [findingOf("k1", { group, entities: [] })] }),
      alertOf("a", { findings: [findingOf("k2", { group: [], entities: group })] }),
      alertOf("0", { firstSeen: at(150), status: "closed" }),
      alertOf("other cause", { cause: "scan" }),
      alertOf("other entity", {
        findings: [findingOf("k3", { group: [entity("ip:192.0.2.2")], entities: [] })],
      }),
      alertOf("other type", {
        findings: [findingOf("k4", { group: [entity("host:192.0.2.1")], entities: [] })],
      }),
    );
    expect(idsOf(await alerts.candidates(around(120, 130)))).toEqual(["a", "b", "0"]);
    expect(await alerts.candidates({ ...around(120, 130), entities: [] })).toEqual([]);
  });

  test.each([
    [1, 49, []],
    [1, 50, ["a"]],
    [120, 130, ["a"]],
    [250, 900, ["a"]],
    [251, 900, []],
    [1, 900, ["a"]],
  ])("meet [%i, %i] widened by the window on both sides", async (first, last, expected) => {
    const { alerts } = await storeWith(alertOf("a", { firstSeen: at(100), lastSeen: at(200) }));
    expect(idsOf(await alerts.candidates(around(first, last)))).toEqual(expected);
  });
});

test("an absorbed alert is found by its id and nowhere else", async () => {
  const { alerts } = await storeWith(
    alertOf("target", { findings: [findingOf("k1")] }),
    alertOf("absorbed", { absorbedInto: "target" as AlertId, findings: [findingOf("k1")], createdAt: at(1) }),
  );
  expect((await alerts.byId("absorbed" as AlertId))?.absorbedInto).toBe("target");
  expect((await alerts.byFinding("k1" as FindingKey))?.id).toBe("target");
  expect(await listed(alerts, {})).toEqual(["target"]);
  expect(await alerts.countOpenBySeverity()).toEqual({ low: 0, medium: 1, high: 0, critical: 0 });
  expect(await alerts.histogram({}, 100)).toEqual([{ start: 200, severity: "medium", count: 1 }]);
  const query = { cause: "brute-force", first: at(1), last: at(999), windowMicros: 0 };
  expect(idsOf(await alerts.candidates({ ...query, entities: [entity("user:alice")] }))).toEqual(["target"]);
});

describe("list", () => {
  const sample = sharedStore([
    alertOf("a", { severity: "low", firstSeen: at(100), lastSeen: at(100), createdAt: at(4), count: 1 }),
    alertOf("b", {
      severity: "critical",
      firstSeen: at(50),
      lastSeen: at(300),
      createdAt: at(3),
      count: 9,
    }),
    alertOf("c", {
      severity: "high",
      status: "closed",
      firstSeen: at(200),
      lastSeen: at(200),
      createdAt: at(2),
      count: 9,
      title: "Пароль 100% угадан, Ünïcode_ROOT",
      findings: [
        findingOf("c", {
          rule: { ...findingOf("c").rule, id: "path:rules/own.yml" as RuleId },
          group: [entity("host:web-01"), entity("url:http://Example.com/A")],
          entities: [],
        }),
      ],
      entities: [entity("host:web-01")],
    }),
  ]);

  test.each<[string, AlertFilter, readonly string[]]>([
    ["nothing", {}, ["b", "c", "a"]],
    ["status", { status: ["new", "acknowledged"] }, ["b", "a"]],
    ["no status at all", { status: [] }, []],
    ["severity", { severity: ["low", "high"] }, ["c", "a"]],
    ["rule", { rule: "path:rules/own.yml" }, ["c"]],
    ["entity", { entity: "web-01" }, ["c"]],
    ["entity as typed", { entity: "WEB-01" }, ["c"]],
    ["entity with capitals", { entity: "http://Example.com/A" }, ["c"]],
    ["part of an entity", { entity: "web" }, []],
    ["a word of the title", { text: "failed" }, ["b", "a"]],
    ["words in any order and case", { text: " LOGINS  many" }, ["b", "a"]],
    ["a word of an entity", { text: "ALICE" }, ["b", "a"]],
    ["words beyond ASCII", { text: "ПАРОЛЬ ünïcode" }, ["c"]],
    ["wildcards as they are", { text: "100%" }, ["c"]],
    ["underscores as they are", { text: "ünïcode_root" }, ["c"]],
    ["a lone wildcard", { text: "%x" }, []],
    ["a backslash", { text: "\\" }, []],
    ["blank text", { text: "  " }, ["b", "c", "a"]],
    ["from", { from: at(200) }, ["b", "c"]],
    ["to", { to: at(100) }, ["b", "a"]],
    ["from and to", { from: at(150), to: at(199) }, ["b"]],
    [
      "all at once",
      { status: ["closed"], severity: ["high"], entity: "web-01", from: at(1), to: at(999) },
      ["c"],
    ],
  ])("filters by %s", async (_, filter, expected) => {
    expect(await listed(sample.alerts(), filter)).toEqual(expected);
  });

  test.each<[AlertPage["sort"], readonly string[]]>([
    ["lastSeen", ["b", "c", "a"]],
    ["createdAt", ["a", "b", "c"]],
    ["severity", ["b", "c", "a"]],
    ["count", ["b", "c", "a"]],
  ])("sorts by %s, highest first", async (sort, expected) => {
    expect(await listed(sample.alerts(), {}, sort)).toEqual(expected);
  });

  test("pages have no gaps and no repeats, however many alerts are equal", async () => {
    const shape = fc.record({
      severity: fc.constantFrom(...SEVERITIES),
      lastSeen: fc.integer({ min: 100, max: 102 }).map(at),
      createdAt: fc.integer({ min: 1, max: 2 }).map(at),
      count: fc.integer({ min: 1, max: 2 }),
    });
    const sorts = fc.constantFrom<AlertPage["sort"]>("lastSeen", "createdAt", "severity", "count");
    await fc.assert(
      fc.asyncProperty(
        fc.array(shape, { maxLength: 25 }),
        sorts,
        fc.integer({ min: 1, max: 9 }),
        async (shapes, sort, limit) => {
          const store = await openTestStore();
          await store.commit(
            commitOf(1, { alerts: shapes.map((changes, index) => alertOf(`id ${index}`, changes)) }),
          );
          const whole = (await store.alerts.list({}, { sort, limit: 100 })).items;
          const paged: Alert[] = [];
          for (let cursor: string | null | undefined; cursor !== null;) {
            const page = await store.alerts.list(
              {},
              { sort, limit, ...(cursor === undefined ? {} : { cursor }) },
            );
            expect(page.items.length).toBeLessThanOrEqual(limit);
            paged.push(...page.items);
            cursor = page.nextCursor;
          }
          expect(idsOf(paged)).toEqual(idsOf(whole));
          expect(new Set(idsOf(paged)).size).toBe(shapes.length);
          await store.close();
        },
      ),
      { numRuns: 15 },
    );
  });

  test.each([
    ["nonsense", "nonsense"],
    ["nothing", ""],
    ["another order's", Buffer.from('["count",1,1,"a"]').toString("base64url")],
    ["a wrong type", Buffer.from('["lastSeen","1","a"]').toString("base64url")],
    ["a fraction", Buffer.from('["lastSeen",1.5,"a"]').toString("base64url")],
    ["too little", Buffer.from('["lastSeen",1]').toString("base64url")],
    ["an object", Buffer.from('{"lastSeen":1}').toString("base64url")],
  ])("refuses a cursor that is %s", async (_, cursor) => {
    const page = sample.alerts().list({}, { sort: "lastSeen", limit: 10, cursor });
    await expect(page).rejects.toMatchObject({ code: "bad-request" });
  });
});

test("counts open alerts by severity", async () => {
  const { alerts } = await storeWith(
    alertOf("a", { severity: "high" }),
    alertOf("b", { severity: "high", status: "acknowledged" }),
    alertOf("c", { severity: "high", status: "closed" }),
    alertOf("d", { severity: "low" }),
  );
  expect(await alerts.countOpenBySeverity()).toEqual({ low: 1, medium: 0, high: 2, critical: 0 });
});

test("the histogram counts what the list would show, by when it was last seen", async () => {
  const base = 1_700_000_000_000_000;
  const { alerts } = await storeWith(
    alertOf("a", { lastSeen: at(base + 999_999), severity: "high" }),
    alertOf("b", { lastSeen: at(base), severity: "low" }),
    alertOf("c", { lastSeen: at(base + 1_000_000), severity: "high" }),
    alertOf("d", { lastSeen: at(base + 1_500_000), severity: "high" }),
    alertOf("e", { lastSeen: at(base), status: "closed" }),
  );
  expect(await alerts.histogram({ status: ["new"] }, 1_000_000)).toEqual([
    { start: base, severity: "low", count: 1 },
    { start: base, severity: "high", count: 1 },
    { start: base + 1_000_000, severity: "high", count: 2 },
  ]);
});
