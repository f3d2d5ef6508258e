/** The queue as a whole: counted, grouped, remembered, acted on at once, and told as it changes. */
import { micros, sequence } from "@tyto/domain";
import type { AlertFacets, AlertGroups, BulkJob, EventId, SavedView, SimilarAlerts } from "@tyto/domain";
import { afterAll, beforeAll, expect, it } from "vitest";
import { finding, ip, upsert, user } from "../../triage/triage.fixture.ts";
import { AlertBook } from "../../triage/index.ts";
import { ruleNoise } from "../rule-noise.ts";
import { LiveHub } from "../live-hub.ts";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
  const { control, clock } = fixture;
  const book = new AlertBook({
    alerts: control.alerts,
    projections: { append: () => Promise.resolve() },
    now: () => clock.now,
    onProjectionFailed: () => undefined,
  });
  const findings = [
    finding({ key: "a", level: "high", group: [ip("192.0.2.1"), user("ana")] }),
    finding({ key: "b", cause: "scan", group: [user("ana")] }),
    finding({ key: "c", cause: "other", level: "low", group: [user("ben")] }),
  ];
  await book.grow(findings.map(upsert), (alerts) =>
    control.commit({ sequence: sequence(1), ledger: [], alerts, state: [] }),
  );
});
afterAll(() => fixture.close());

const call = (method: "GET" | "POST" | "DELETE", path: string, payload?: object) =>
  fixture.api.inject({
    method,
    url: `/api/v1${path}`,
    headers: bearer(fixture.tokens.admin),
    ...(payload === undefined ? {} : { payload }),
  });
const titles = async (query: string) =>
  (await call("GET", `/alerts?sort=priority&${query}`))
    .json<{ items: readonly { title: string }[] }>()
    .items.map(({ title }) => title);

it("counts what the alerts have, under the same filters as the list", async () => {
  const { items } = (await call("GET", "/alerts/facets?status=open")).json<AlertFacets>();
  const of = (facet: string) =>
    Object.fromEntries(
      items.find((one) => one.facet === facet)?.values.map((one) => [one.value, one.count]) ?? [],
    );
  expect(of("severity")).toEqual({ high: 1, medium: 1, low: 1 });
  expect(of("assignee")).toEqual({ "": 3 });
  expect(of("user")).toEqual({ ana: 2, ben: 1 });
  const narrowed = (await call("GET", "/alerts/facets?entity=ben")).json<AlertFacets>();
  expect(narrowed.items.find(({ facet }) => facet === "severity")?.values).toMatchObject([
    { value: "low", count: 1 },
  ]);
});

it("groups by what alerts share, and by the story that they tell", async () => {
  const groups = async (by: string) =>
    (await call("GET", `/alerts/groups?by=${by}`)).json<AlertGroups>().items;
  expect(await groups("user")).toMatchObject([
    { value: "ana", count: 2, topScore: 60, unassigned: 2, bySeverity: { high: 1, medium: 1 } },
    { value: "ben", count: 1 },
  ]);
  expect(await groups("rule")).toMatchObject([{ count: 3 }]);
  const [story, other] = await groups("story");
  expect(story).toMatchObject({ count: 2, label: "a, and 1 more" });
  expect(other).toMatchObject({ count: 1, label: "c" });
  expect(await titles(`story=${story?.value ?? ""}`)).toEqual(["a", "b"]);
});

it("remembers queues for each person, and for nobody else", async () => {
  const view = (
    await call("POST", "/alerts/views", { name: "Mine", query: "assignee=me" })
  ).json<SavedView>();
  await call("POST", "/alerts/views", { name: "Mine", query: "assignee=me&severity=high" });
  const own = (await call("GET", "/alerts/views")).json<object>();
  expect(own).toEqual({ items: [{ ...view, query: "assignee=me&severity=high" }] });
  const others = await fixture.api.inject({
    url: "/api/v1/alerts/views",
    headers: bearer(fixture.tokens.read),
  });
  expect(others.json()).toEqual({ items: [] });
  expect((await call("DELETE", `/alerts/views/${view.id}`)).statusCode).toBe(204);
  expect((await call("DELETE", `/alerts/views/${view.id}`)).statusCode).toBe(404);
});

async function finished(job: BulkJob): Promise<BulkJob> {
  for (let tries = 0; tries < 500; tries++) {
    const now = (await call("GET", `/alerts/bulk/${job.id}`)).json<BulkJob>();
    if (now.state !== "running") return now;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("the job did not end");
}

it("does one thing to all that match, and takes it back but for what somebody changed since", async () => {
  const body = { filter: { status: "open" }, action: "close", reason: "benign-positive" };
  const job = await finished((await call("POST", "/alerts/bulk", body)).json<BulkJob>());
  expect(job).toMatchObject({ state: "done", total: 3, done: 3, refused: 0, createdBy: "token:admin" });
  expect(await titles("status=open")).toEqual([]);
  const [one] = (await call("GET", "/alerts?text=c")).json<{ items: readonly { id: string }[] }>().items;
  await call("POST", `/alerts/${one?.id ?? ""}/transitions`, { action: "note", text: "looked at it" });
  const undone = await finished((await call("POST", `/alerts/bulk/${job.id}/undo`)).json<BulkJob>());
  expect(undone).toMatchObject({ isUndoing: true, undone: 2, kept: 1, done: 0 });
  expect(await titles("status=open")).toEqual(["a", "b"]);
  expect(
    (await call("POST", "/alerts/bulk", { filter: { text: "nothing" }, action: "acknowledge" })).statusCode,
  ).toBe(400);
  expect((await call("POST", "/alerts/bulk/nope/undo")).statusCode).toBe(404);
});

it("tags alerts, and counts and filters by tag", async () => {
  await finished(
    (
      await call("POST", "/alerts/bulk", { filter: { entity: "ana" }, action: "tag", add: ["Phishing"] })
    ).json<BulkJob>(),
  );
  expect(await titles("tag=phishing")).toEqual(["a", "b"]);
  expect((await call("POST", "/alerts/bulk", { filter: {}, action: "tag" })).statusCode).toBe(400);
});

it("knows which alerts are past their deadline, by the house's settings", async () => {
  const { clock } = fixture;
  const before = clock.now;
  expect(await titles("overdue=true")).toEqual([]);
  clock.now = micros(clock.now + 2 * 3_600_000_000);
  expect(await titles("overdue=true"), "an hour for high").toEqual(["a"]);
  const settings = (await call("GET", "/triage/settings")).json<{ deadlines: Record<string, object> }>();
  settings.deadlines["medium"] = { acknowledgeMinutes: 30, closeMinutes: null };
  expect(
    (await call("POST", "/triage/settings", { ...settings, assignsOnAcknowledge: false })).statusCode,
  ).toBe(200);
  expect(await titles("overdue=true")).toEqual(["a", "b"]);
  const [b] = (await call("GET", "/alerts?text=b&status=open")).json<{
    items: readonly { id: string; deadline: object }[];
  }>().items;
  expect(b?.deadline).toMatchObject({ what: "acknowledge" });
  const taken = await call("POST", `/alerts/${b?.id ?? ""}/transitions`, { action: "acknowledge" });
  expect(taken.json()).toMatchObject({ status: "acknowledged", assignee: null, deadline: null });
  expect(await titles("assignee=none&overdue=true")).toEqual(["a"]);
  const wrong = {
    ...settings,
    assignsOnAcknowledge: true,
    deadlines: { ...settings.deadlines, low: { acknowledgeMinutes: 9, closeMinutes: 3 } },
  };
  expect((await call("POST", "/triage/settings", wrong)).statusCode).toBe(400);
  clock.now = before;
});

it("finds alerts that are like one, and how they were closed", async () => {
  const [a] = (await call("GET", "/alerts?text=a&status=open&sort=priority")).json<{
    items: readonly { id: string }[];
  }>().items;
  const similar = (await call("GET", `/alerts/${a?.id ?? ""}/similar`)).json<SimilarAlerts>();
  expect(similar.items[0]).toMatchObject({
    alert: { title: "b" },
    shared: [{ type: "user", value: "ana" }],
    isSameRule: true,
  });
  expect(similar.outcomes).toEqual([{ reason: "benign-positive", count: 1 }]);
});

it("says why a rule is noisy, and what an exception would have taken away", async () => {
  const { items } = await fixture.control.alerts.list({}, { sort: "lastSeen", limit: 10 });
  const [first, ...others] = items;
  const event = "00000000000000aa-1" as EventId;
  const noise = ruleNoise(
    { id: "r1", title: "R", logsource: "logsource:\n  product: linux" },
    first === undefined ? [] : [first, ...others],
    new Map([[event, { "user.name": 'scan"ner*', "process.pid": 4, "host.name": "a" }]]),
  );
  const value = noise.values.find(({ field }) => field === "user.name");
  expect(value).toMatchObject({ alerts: 3, covers: 3, coversTruePositives: 0 });
  expect(value?.draft).toContain(String.raw`user.name: "scan\"ner\\*"`);
  expect(noise.values.some(({ field }) => field === "process.pid")).toBe(false);
});

it("tells streams what changed and who looks, and cuts off who reads too slowly", () => {
  let now = 0;
  const hub = new LiveHub(() => now);
  const told: string[] = [];
  let isSlow = false;
  let ended = 0;
  const leave = hub.join({ send: (text) => (told.push(text), !isSlow), end: () => ended++ });
  expect(hub.view("a1", { client: "window-1", actor: "ana", isGone: false })).toEqual(["ana"]);
  expect(hub.view("a1", { client: "window-2", actor: "ben", isGone: false })).toEqual(["ana", "ben"]);
  hub.view("a1", { client: "window-2", actor: "ben", isGone: false });
  expect(
    told.filter((text) => text.includes("viewers")),
    "nobody new is no news",
  ).toHaveLength(2);
  now = 60_000_000;
  expect(hub.view("a1", { client: "window-1", actor: "ana", isGone: false })).toEqual(["ana"]);
  isSlow = true;
  hub.view("a1", { client: "window-1", actor: "ana", isGone: true });
  expect(ended).toBe(1);
  leave?.();
});

it("streams changes as they happen", async () => {
  await fixture.api.listen({ host: "127.0.0.1", port: 0 }).then(async ({ address }) => {
    const response = await fetch(`http://${address}/api/v1/alerts/stream`, {
      headers: bearer(fixture.tokens.read),
    });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = response.body?.getReader();
    const [a] = (await call("GET", "/alerts?text=a&status=open&sort=priority")).json<{
      items: readonly { id: string }[];
    }>().items;
    await call("POST", `/alerts/${a?.id ?? ""}/transitions`, { action: "note", text: "live" });
    let text = "";
    while (!text.includes('"change":"note"')) {
      const chunk: unknown = (await reader?.read())?.value;
      if (chunk instanceof Uint8Array) text += new TextDecoder().decode(chunk);
    }
    expect(text).toContain('"kind":"hello"');
    await reader?.cancel();
  });
});
