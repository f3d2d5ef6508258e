/** Rules that people write: saved, tried, switched and put away through the API, over a real store. */
import { micros, MICROS_PER_DAY } from "@tyto/domain";
import type { OwnRule, RuleCheck, RuleImportReply, RuleRow, RuleVersionList } from "@tyto/domain";
import { Compile } from "typebox/compile";
import { OwnRuleConflictSchema, OwnRuleSchema, RuleCheckSchema, RuleRowListSchema } from "@tyto/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RuleText } from "../../content/index.ts";
import { openControlStore } from "../../storage/index.ts";
import type { ControlStore } from "../../storage/index.ts";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";
import { openRules } from "./rule-fixture.ts";
import type { RuleFixture } from "./rule-fixture.ts";

const PACKED = "aaaaaaaa-0000-4000-8000-000000000001";
const OWN = "bbbbbbbb-0000-4000-8000-000000000001";
const NOW = micros(Date.UTC(2026, 0, 15, 12) * 1_000);
const rule = (id: string, image: string): string => `title: Runs ${image}
id: ${id}
description: Somebody ran it.
logsource: {product: linux, category: process_creation}
detection:
  selection: {Image|endswith: '${image}'}
  condition: selection
falsepositives: [Unknown]
level: low
`;
const CASES = `- name: it runs
  expect: 1
  events:
    - pack: linux-auditd
      fields: {event.category: process, event.type: start, process.executable: /opt/own, host.os.type: linux}
- name: another runs
  expect: 0
  events:
    - pack: linux-auditd
      fields: {event.category: process, event.type: start, process.executable: /opt/other, host.os.type: linux}
`;
const FILES: readonly RuleText[] = [
  { path: "linux-thing/rules/packed.yml", text: rule(PACKED, "/packed") },
  {
    path: "linux-thing/rules/packed.cases.yml",
    text: CASES.replaceAll("/opt/own", "/opt/packed"),
  },
];

let fixture: ApiFixture;
let rules: RuleFixture;
let control: ControlStore;

beforeAll(async () => {
  control = await openControlStore({ path: ":memory:" });
  rules = await openRules({ control, now: () => NOW, files: FILES });
  fixture = await startApi({ ownRules: rules.workshop });
});
afterAll(async () => {
  await fixture.close();
  await control.close();
});

async function ask<T>(
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  payload?: object,
): Promise<readonly [number, T]> {
  const reply = await fixture.api.inject({
    method,
    url: `/api/v1/rules${path}`,
    headers: bearer(fixture.tokens.admin),
    ...(payload === undefined ? {} : { payload }),
  });
  return [reply.statusCode, (reply.body === "" ? null : reply.json()) as T];
}

const rows = async (): Promise<readonly RuleRow[]> =>
  (await ask<{ readonly items: readonly RuleRow[] }>("GET", "?limit=200"))[1].items;
const rowOf = async (id: string): Promise<RuleRow | undefined> => (await rows()).find((row) => row.id === id);
const text = (yaml: string, cases = ""): { yaml: string; cases: string; comment: string } => ({
  yaml,
  cases,
  comment: "because",
});
const running = (): readonly string[] => rules.content().detection.rules.map(({ id }) => id);

describe("own rules", () => {
  it("are saved as drafts that do not run, whatever they say", async () => {
    const [status, made] = await ask<OwnRule>("POST", "/own", text("title: [broken"));
    expect([status, made.running, made.latest.number]).toEqual([200, null, 1]);
    expect(Compile(OwnRuleSchema).Check(made)).toBe(true);
    const row = await rowOf(made.id);
    expect([row?.origin, row?.enabled, row?.status]).toEqual(["own", false, "invalid"]);
    const [refused] = await ask("POST", `/${made.id}/switch`, { enabled: true, comment: "", confirm: true });
    expect(refused).toBe(400);
    expect(running()).toEqual([PACKED]);
    expect((await ask("DELETE", `/own/${made.id}`))[0]).toBe(204);
  });

  it("get an id below their title when they have none", async () => {
    const [, made] = await ask<OwnRule>("POST", "/own", text(rule(OWN, "/x").replace(/^id:.*\n/m, "")));
    expect(made.latest.yaml.split("\n").slice(0, 2)).toEqual(["title: Runs /x", `id: ${made.id}`]);
    await ask("DELETE", `/own/${made.id}`);
  });

  it("are enabled after a question, by version, and run from then on", async () => {
    expect((await ask("POST", "/own", text(rule(OWN, "/own"), CASES)))[0]).toBe(200);
    const [asked, question] = await ask<{ readonly error: { readonly code: string; message: string } }>(
      "POST",
      `/${OWN}/switch`,
      { enabled: true, comment: "" },
    );
    expect([asked, question.error.code]).toEqual([409, "confirmation-needed"]);
    expect(question.error.message).toContain("never backtested");
    const [done, row] = await ask<RuleRow>("POST", `/${OWN}/switch`, {
      enabled: true,
      comment: "tried",
      confirm: true,
    });
    expect([done, row.enabled, row.own?.running, row.switched?.comment]).toEqual([200, true, 1, "tried"]);
    expect(row.cases).toEqual({ passed: 2, failed: 0 });
    expect(running()).toContain(OWN);
  });

  it("ask nothing when a backtest of this very text was quiet, and say how many it would have raised when not", async () => {
    const yaml = (await ask<OwnRule>("GET", `/own/${OWN}`))[1].latest.yaml;
    const range = { from: micros(NOW - 7 * MICROS_PER_DAY), to: NOW };
    await rules.workshop.noteBacktest(yaml, { ...range, total: 900, busiest: 400 }, "ana");
    const [asked, { error }] = await ask<{ readonly error: { readonly message: string } }>(
      "POST",
      `/${OWN}/switch`,
      { enabled: true, comment: "" },
    );
    expect(asked).toBe(409);
    expect(error.message).toContain("900 times, 400 of them on one day");
    await rules.workshop.noteBacktest(yaml, { ...range, total: 3, busiest: 2 }, "ana");
    expect((await ask("POST", `/${OWN}/switch`, { enabled: true, comment: "" }))[0]).toBe(200);
    const [, check] = await ask<RuleCheck>("POST", "/check", { yaml, cases: CASES, id: OWN });
    expect([check.backtest?.total, check.backtest?.by]).toEqual([3, "ana"]);
  });

  it("keep running as they were while a newer version is only saved", async () => {
    const [, saved] = await ask<OwnRule>("PUT", `/own/${OWN}`, {
      ...text(rule(OWN, "/newer")),
      basedOn: 1,
    });
    expect([saved.latest.number, saved.running]).toEqual([2, 1]);
    expect((await rowOf(OWN))?.yaml).toContain("/own");
    const [, row] = await ask<RuleRow>("POST", `/${OWN}/switch`, {
      enabled: true,
      comment: "",
      confirm: true,
    });
    expect([row.own?.running, row.yaml.includes("/newer")]).toEqual([2, true]);
  });

  it("are not overwritten: who saves second is told who was first, with the newer text", async () => {
    const reply = await fixture.api.inject({
      method: "PUT",
      url: `/api/v1/rules/own/${OWN}`,
      headers: bearer(fixture.tokens.admin),
      payload: { ...text(rule(OWN, "/mine")), basedOn: 1 },
    });
    expect(reply.statusCode).toBe(409);
    const body: unknown = reply.json();
    expect(Compile(OwnRuleConflictSchema).Check(body)).toBe(true);
    expect(body).toMatchObject({
      error: { message: expect.stringMatching(/^token:admin saved version 2/) as string },
      newer: { latest: { number: 2, yaml: rule(OWN, "/newer") } },
    });
    const [, versions] = await ask<RuleVersionList>("GET", `/own/${OWN}/versions`);
    expect(versions.items.map(({ number, comment }) => [number, comment])).toEqual([
      [2, "because"],
      [1, "because"],
    ]);
  });

  it("take an earlier version up again as a new one", async () => {
    const [, restored] = await ask<OwnRule>("POST", `/own/${OWN}/versions/1/restore`, { basedOn: 2 });
    expect([restored.latest.number, restored.latest.yaml, restored.latest.cases]).toEqual([
      3,
      rule(OWN, "/own"),
      CASES,
    ]);
    expect((await ask("POST", `/own/${OWN}/versions/1/restore`, { basedOn: 2 }))[0]).toBe(409);
    expect((await ask("GET", `/own/${OWN}/versions/9`))[0]).toBe(404);
  });

  it("are gone when deleted, and come back as they were", async () => {
    expect((await ask("DELETE", `/own/${OWN}`))[0]).toBe(204);
    expect(await rowOf(OWN)).toBeUndefined();
    expect(running()).not.toContain(OWN);
    expect((await ask("GET", `/own/${OWN}`))[0]).toBe(404);
    expect((await ask("POST", "/own", text(rule(OWN, "/again"))))[0]).toBe(409);
    const [, back] = await ask<OwnRule>("POST", `/own/${OWN}/undelete`);
    expect([back.running, running().includes(OWN)]).toEqual([2, true]);
  });

  it("survive a restart with what runs of them", async () => {
    const again = await openRules({ control, now: () => NOW, files: FILES });
    expect(again.content().detection.rules.map(({ id }) => id)).toEqual(running());
    expect(again.workshop.get(OWN).latest.number).toBe(3);
  });

  it("leave the house as files and come in again, each by its id", async () => {
    const [, { items }] = await ask<{ readonly items: readonly { yaml: string }[] }>("GET", "/export");
    const yaml = items.map((one) => one.yaml).join("---\n");
    const other = "cccccccc-0000-4000-8000-000000000001";
    const [, reply] = await ask<RuleImportReply>("POST", "/import", {
      yaml: `${yaml}---\n${rule(other, "/other")}---\n${rule(PACKED, "/taken")}`,
    });
    expect(reply).toEqual({
      created: ["Runs /other"],
      updated: [],
      same: ["Runs /own"],
      refused: [{ title: "Runs /taken", reason: "There is a rule with this id already" }],
    });
  });

  it("put every change on the record", () => {
    // By the workshop, and by nobody once more.
    expect(fixture.audited).toEqual([]);
    const said = rules.audited.map(({ action, actor, detail }) => [action, actor, detail["rule"]]);
    expect(said.filter(([, , id]) => id === OWN).map(([action]) => action)).toEqual([
      "rule-saved",
      "rule-switched",
      "rule-switched",
      "rule-saved",
      "rule-switched",
      "rule-saved",
      "rule-deleted",
      "rule-restored",
    ]);
    expect(new Set(said.map(([, actor]) => actor))).toEqual(new Set(["token:admin"]));
  });
});

describe("packaged rules", () => {
  it("are switched off and on again, with who and why", async () => {
    const [, off] = await ask<RuleRow>("POST", `/${PACKED}/switch`, { enabled: false, comment: "too loud" });
    expect([off.enabled, off.switched?.by, off.switched?.comment]).toEqual([
      false,
      "token:admin",
      "too loud",
    ]);
    expect(running()).not.toContain(PACKED);
    await ask("POST", `/${PACKED}/switch`, { enabled: true, comment: "" });
    expect(running()).toContain(PACKED);
  });

  it("raise alerts of another level when somebody says so, and of their own again", async () => {
    const [, raised] = await ask<RuleRow>("POST", `/${PACKED}/switch`, {
      enabled: true,
      level: "high",
      comment: "",
    });
    expect([raised.level, raised.statedLevel]).toEqual(["high", "low"]);
    expect(rules.content().detection.rules.find(({ id }) => id === PACKED)?.level).toBe("high");
    const [, back] = await ask<RuleRow>("POST", `/${PACKED}/switch`, {
      enabled: true,
      level: null,
      comment: "",
    });
    expect([back.level, back.statedLevel]).toEqual(["low", null]);
  });

  it("show the file that they stand in, with its cases", async () => {
    const [, source] = await ask<{ readonly yaml: string; readonly cases: string }>(
      "GET",
      `/${PACKED}/source`,
    );
    expect([source.yaml, source.cases]).toEqual([FILES[0]?.text, FILES[1]?.text]);
  });

  it("say what is missing when nothing arrives that they could read", async () => {
    const list = await fixture.api.inject({
      url: "/api/v1/rules",
      headers: bearer(fixture.tokens.read),
    });
    expect(Compile(RuleRowListSchema).Check(list.json())).toBe(true);
  });
});

describe("a text that is checked", () => {
  const checked = async (yaml: string, cases = ""): Promise<RuleCheck> => {
    const [status, check] = await ask<RuleCheck>("POST", "/check", { yaml, cases });
    expect(status).toBe(200);
    expect(Compile(RuleCheckSchema).Check(check)).toBe(true);
    return check;
  };

  it("is told its status, its cases and what it reads", async () => {
    const check = await checked(rule("dddddddd-0000-4000-8000-000000000001", "/own"), CASES);
    expect(check.problems).toEqual([]);
    expect(check.cases.map(({ passed }) => passed)).toEqual([true, true]);
    expect(check.reads[0]?.fields[0]).toMatchObject({ field: "Image", isFilled: true });
    expect([check.rules[0]?.status, check.refusal]).toEqual(["runnable", null]);
  });

  it.each([
    ["no YAML", "title: [", "", /./],
    ["a bad modifier", rule(OWN, "/x").replace("endswith", "endwith"), "", /endwith/],
    ["the id of another rule", rule(PACKED, "/x"), "", /the id is also that of "Runs \/packed"/],
    ["no id", rule(OWN, "/x").replace(/^id:.*\n/m, ""), "", /no UUID/],
    [
      "a filter",
      "title: F\nid: eeeeeeee-0000-4000-8000-000000000001\nlogsource: {product: linux}\nfilter:\n  rules: any\n  s: {Image: /x}\n  condition: not s\n",
      "",
      /a filter is no rule/,
    ],
    [
      "a case that fails",
      rule("dddddddd-0000-4000-8000-000000000002", "/nothing"),
      CASES,
      /its case "it runs" fails/,
    ],
    ["cases that are none", rule("dddddddd-0000-4000-8000-000000000003", "/x"), "{}", /its cases are wrong/],
  ])("is refused with %s, and says why", async (_what, yaml, cases, why) => {
    expect((await checked(yaml, cases)).refusal).toMatch(why);
  });

  it("has its problems at their place", async () => {
    const yaml = rule("dddddddd-0000-4000-8000-000000000004", "/x").replace("level: low", "level: lowest");
    const [problem] = (await checked(yaml)).problems;
    expect([problem?.code, problem?.line, problem?.column]).toEqual(["bad-level", 9, 8]);
  });

  it("may be no longer than 64 KB, and its cases hold no more than 20,000 events", async () => {
    expect((await ask("POST", "/check", { yaml: "a".repeat(65_537) }))[0]).toBe(400);
    const many = Array.from(
      { length: 3 },
      (_, i) => `- {name: c${i}, expect: 0, events: [{times: 9000, fields: {a: b}}]}`,
    ).join("\n");
    const check = await checked(rule("dddddddd-0000-4000-8000-000000000005", "/x"), many);
    expect(check.caseProblems[0]?.code).toBe("too-many-events");
  });
});
