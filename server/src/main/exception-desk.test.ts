import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventId, micros, MICROS_PER_DAY, sequence, sourceId } from "@tyto/domain";
import type { Alert, Event, ExceptionBody, FieldValue, Finding, Micros, OriginId } from "@tyto/domain";
import { createDetectionEngine, explainRule, loadRuleSet } from "../detection/index.ts";
import type { LoadedRuleSet } from "../detection/index.ts";
import { openControlStore } from "../storage/index.ts";
import type { ControlStore } from "../storage/index.ts";
import { temporaryEngine } from "../storage/engine/engine-fixture.ts";
import { createBacktests } from "./backtests.ts";
import { ExceptionDesk } from "./exception-desk.ts";

const START = micros(Date.UTC(2026, 2, 10) * 1_000);

const RULES = [
  {
    path: "own/rules/failed.yml",
    text: `title: Failed login
id: failed
name: failed
logsource: {product: linux}
detection: {sel: {event.outcome: failure}, condition: sel}
---
title: Two failures
id: two
correlation: {type: event_count, rules: [failed], group-by: [source.ip], timespan: 5m, condition: {gte: 2}, generate: true}
`,
  },
  {
    path: "other/rules/root.yml",
    text: "title: Root\nid: root\nlogsource: {product: linux}\ndetection: {sel: {user.name: root}, condition: sel}\n",
  },
];

function event(place: number, at: Micros, fields: Readonly<Record<string, FieldValue>>): Event {
  return {
    id: eventId("00000000000000aa" as OriginId, place),
    sequence: sequence(place),
    source: sourceId("00000000000000aa"),
    timestamp: at,
    timeOrigin: "event",
    ingested: at,
    pack: "linux-auth",
    fields: Object.assign(Object.create(null) as Record<string, FieldValue>, fields),
    raw: Buffer.from("x"),
  };
}

const failure = (place: number, user: string, ip: string): Event =>
  event(place, micros(START + place * 1_000_000), {
    "event.outcome": "failure",
    "user.name": user,
    "source.ip": ip,
    "host.name": "db1",
  });
const EVENTS = [
  failure(1, "backup", "192.0.2.1"),
  failure(2, "backup", "192.0.2.1"),
  failure(3, "ana", "192.0.2.2"),
  failure(4, "backup", "192.0.2.2"),
  failure(5, "a*b", "192.0.2.3"),
];

const BODY: ExceptionBody = {
  title: "The backup's own",
  conditions: [{ field: "user.name", how: "equals", value: "backup" }],
  scope: { kind: "rule", rule: "failed" },
  reason: "",
  expiresInDays: 30,
};

describe("exceptions", { timeout: 120_000 }, () => {
  let engine: Awaited<ReturnType<typeof temporaryEngine>>;
  let directory: string;
  let control: ControlStore;
  let now: Micros;
  let ruleSet: LoadedRuleSet;
  let desk: ExceptionDesk;
  const audited: unknown[] = [];

  beforeAll(async () => {
    engine = await temporaryEngine();
    expect(await engine.engine.events.insert(EVENTS)).toEqual([]);
  }, 60_000);
  afterAll(() => engine.remove());

  async function open(): Promise<void> {
    desk = await ExceptionDesk.open({
      control,
      engine: engine.engine,
      audit: {
        append: (entry) => {
          audited.push(entry);
          return Promise.resolve();
        },
      },
      content: () => ({ ruleSet }),
      world: { now: () => now, randomBytes: (size) => new Uint8Array(size).fill(audited.length) },
    });
    const apply = (): Promise<void> => {
      ruleSet = loadRuleSet(RULES, { exceptions: desk.take() });
      return Promise.resolve();
    };
    ruleSet = loadRuleSet(RULES);
    desk.start(apply, () => undefined);
    await apply();
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "tyto-exceptions-"));
    control = await openControlStore({ path: join(directory, "control.db") });
    now = micros(START + MICROS_PER_DAY);
    audited.length = 0;
    await open();
  });
  afterEach(async () => {
    await control.close();
    await rm(directory, { recursive: true, force: true });
  });

  function found(set = ruleSet): readonly Finding[] {
    const running = createDetectionEngine(set);
    const changes = [...running.process(EVENTS, now).changes, ...running.finish(now).changes];
    return changes.flatMap((change) => (change.kind === "upsert" ? [change.finding] : []));
  }
  const titles = (): Readonly<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const { rule } of found()) counts[rule.title] = (counts[rule.title] ?? 0) + 1;
    return counts;
  };

  function alertOf(findings: readonly Finding[], closeReason: Alert["closeReason"] = null): Alert {
    const [first] = findings;
    if (first === undefined) throw new Error("no finding");
    return {
      id: `00000000-0000-4000-8000-00000000000${first.evidence[0]?.id.slice(-1) ?? ""}`,
      title: first.rule.title,
      severity: "low",
      priority: { score: 1, base: "low", reasons: [] },
      assets: [],
      userTags: [],
      status: closeReason === null ? "new" : "closed",
      assignee: null,
      closeReason,
      cause: first.rule.cause,
      findings,
      entities: first.entities,
      count: first.count,
      firstSeen: first.firstSeen,
      lastSeen: first.lastSeen,
      createdAt: now,
      updatedAt: now,
      absorbedInto: null,
      related: [],
      step: 1,
      transitions: [{ step: 1, at: now, actor: "tyto", change: { kind: "opened", finding: first.key } }],
    } as unknown as Alert;
  }

  it("takes what it describes from the rules in its scope, and from what counts them", async () => {
    expect(titles()).toEqual({ "Failed login": 5, "Two failures": 2 });
    await desk.create(BODY, "ana");
    expect(titles()).toEqual({ "Failed login": 2 });
  });

  it.each([
    ["startswith", "back", { "Failed login": 2 }],
    ["contains", "ck", { "Failed login": 2 }],
    ["equals", "a*b", { "Failed login": 4, "Two failures": 2 }],
    ["equals", "b*", { "Failed login": 5, "Two failures": 2 }],
  ] as const)("reads %s %s as it stands, wildcards too", async (how, value, expected) => {
    await desk.create({ ...BODY, conditions: [{ field: "user.name", how, value }] }, "ana");
    expect(titles()).toEqual(expected);
  });

  it("knows networks, and wants all conditions of one event", async () => {
    const network = { field: "source.ip", how: "cidr", value: "192.0.2.2/31" } as const;
    await desk.create({ ...BODY, conditions: [...BODY.conditions, network] }, "ana");
    expect(titles()).toEqual({ "Failed login": 4, "Two failures": 1 });
  });

  it("narrows a correlation by the rules that it counts, a pack by all of its own, and all rules", async () => {
    const narrowed = async (scope: ExceptionBody["scope"]): Promise<readonly string[]> =>
      (await desk.preview({ ...BODY, scope })).rules.map(({ id }) => id);
    expect(await narrowed({ kind: "rule", rule: "two" })).toEqual(["failed"]);
    expect(await narrowed({ kind: "pack", pack: "other" })).toEqual(["root"]);
    expect(await narrowed({ kind: "all" })).toEqual(["failed", "root"]);
  });

  it("ends by itself and by hand, comes back by being renewed, and keeps every version", async () => {
    const made = await desk.create({ ...BODY, expiresInDays: 1 }, "ana");
    now = micros(now + 2 * MICROS_PER_DAY);
    expect(desk.list()[0]?.state).toBe("expired");
    await desk.renew(made.id, 30, "bo");
    expect(titles()).toEqual({ "Failed login": 2 });
    await desk.end(made.id, "ana");
    expect(titles()).toEqual({ "Failed login": 5, "Two failures": 2 });
    const { items } = await desk.versions(made.id);
    expect(items.map(({ version, by, change }) => [version, by, change])).toEqual([
      [3, "ana", "ended"],
      [2, "bo", "renewed"],
      [1, "ana", "made"],
    ]);
    expect(audited).toHaveLength(3);
    await open();
    expect(desk.list()).toMatchObject([{ id: made.id, state: "ended", endedBy: "ana" }]);
  });

  it("is changed only by who has read it as it is", async () => {
    const { id } = await desk.create(BODY, "ana");
    const wider = { ...BODY, conditions: [{ field: "user.name", how: "contains", value: "a" } as const] };
    expect(await desk.change(id, { ...wider, version: 1 }, "bo")).toMatchObject({
      version: 2,
      changedBy: "bo",
    });
    expect(titles()).toEqual({});
    await expect(desk.change(id, { ...BODY, version: 1 }, "ana")).rejects.toMatchObject({ code: "conflict" });
  });

  it.each([
    [{ ...BODY, expiresInDays: null }, /reason/],
    [{ ...BODY, scope: { kind: "rule", rule: "none" } }, /scope/],
    [{ ...BODY, conditions: [{ field: "source.ip", how: "cidr", value: "not a network" }] }, /exception/],
  ] as const)("refuses what cannot be one, %#", async (body, message) => {
    await expect(desk.create(body as ExceptionBody, "ana")).rejects.toMatchObject({
      code: "bad-request",
      message: expect.stringMatching(message) as string,
    });
  });

  it("says what it would have hidden, and that some of it was real", async () => {
    const findings = found();
    const of = (title: string, place: string): Finding =>
      findings.find(({ rule, evidence }) => rule.title === title && evidence[0]?.id.endsWith(`-${place}`)) ??
      ((): never => {
        throw new Error(`no finding ${title} ${place}`);
      })();
    await control.alerts.save(alertOf([of("Failed login", "1")], "true-positive"), 0);
    await control.alerts.save(alertOf([of("Two failures", "3")]), 0);
    await control.alerts.save(alertOf([of("Failed login", "5")]), 0);
    const preview = await desk.preview({ ...BODY, scope: { kind: "all" } });
    expect(preview).toMatchObject({ alerts: 3, hiddenAlerts: 2, truePositives: 1, isExact: true });
    expect(preview.samples.map(({ title, outcome }) => [title, outcome])).toEqual([
      ["Two failures", "hidden"],
      ["Failed login", "hidden"],
    ]);
    expect(preview.yaml).toContain("condition: not (all of selection*)");
  });

  it("proposes what all evidence of an alert has, the most telling first", async () => {
    const finding = found().find(({ rule }) => rule.title === "Two failures");
    const alert = alertOf(finding === undefined ? [] : [finding]);
    await control.alerts.save(alert, 0);
    const proposal = await desk.proposal(alert.id, undefined);
    expect(proposal.pairs.slice(0, 3).map(({ field }) => field)).toEqual([
      "user.name",
      "source.ip",
      "host.name",
    ]);
    expect(proposal).toMatchObject({ suggested: 2, rules: [{ id: "two", pack: "own" }] });
  });

  it("counts what it hid over stored events, and an explanation names it", async () => {
    const { id } = await desk.create(BODY, "ana");
    // Made before the events, as far as the count is concerned.
    now = micros(START - 1);
    const early = await desk.create({ ...BODY, title: "Early" }, "ana");
    now = micros(START + MICROS_PER_DAY);
    const search = { queryId: "hidden", signal: new AbortController().signal };
    expect(await desk.hidden(id, search)).toMatchObject({ matches: 0 });
    const hidden = await desk.hidden(early.id, search);
    expect(hidden).toMatchObject({ matches: 3, isExact: true });
    expect(hidden.samples[0]).toMatchObject({ eventId: EVENTS[3]?.id, rule: { id: "failed" } });
    const [event] = EVENTS;
    const explanation =
      event === undefined
        ? undefined
        : explainRule({
            ruleSet,
            rule: "failed" as Parameters<typeof explainRule>[0]["rule"],
            event,
            stateOf: (rule) => createDetectionEngine(ruleSet).inspect(rule),
          });
    expect(explanation?.reason).toMatch(
      /The filter "Exception: (The backup's own|Early)" leaves the event out/,
    );
  });

  it("applies to backtests, of rules that come with the question too", async () => {
    const backtests = createBacktests({
      content: () => ({ ruleSet, namespaces: [], exceptions: desk.active() }),
      engine: engine.engine,
      now: () => now,
    });
    const run = async (source: { readonly ruleId: string } | { readonly yaml: string }): Promise<number> => {
      const range = { from: START, to: micros(START + MICROS_PER_DAY) };
      const search = { queryId: "backtest", signal: new AbortController().signal };
      return (await backtests.run({ source, ...range }, search)).outcome.total;
    };
    const yaml = RULES[0]?.text.split("---")[0] ?? "";
    expect([await run({ ruleId: "failed" }), await run({ yaml })]).toEqual([5, 5]);
    await desk.create(BODY, "ana");
    expect([await run({ ruleId: "failed" }), await run({ yaml })]).toEqual([2, 2]);
  });

  it("costs no rule its cases", () => {
    const cases = `- name: it matches
  expect: 1
  events: [{fields: {event.outcome: failure, user.name: backup}, pack: linux-auth}]
- name: it does not
  expect: 0
  events: [{fields: {event.outcome: success}, pack: linux-auth}]
`;
    const set = loadRuleSet(
      [
        { path: "own/rules/failed.yml", text: RULES[0]?.text.split("---")[0] ?? "" },
        { path: "own/rules/failed.cases.yml", text: cases },
      ],
      { needsCases: true, exceptions: [{ id: "x", ...BODY }] },
    );
    expect(set.report).toMatchObject([{ status: "runnable", cases: { passed: 2, failed: 0 } }]);
    expect(found(set)).toHaveLength(2);
    expect(found({ ...set, ...set.plain() })).toHaveLength(5);
  });
});
