/** Dashboards over HTTP: kept with versions, private or shared, saved by two people, deleted and taken back. */
import type {
  Dashboard,
  DashboardCheck,
  DashboardList,
  DashboardVersionList,
  DashboardView,
  ErrorBody,
} from "@tyto/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture, Login } from "./api-fixture.ts";

let fixture: ApiFixture;
let ana: Login;
beforeAll(async () => {
  fixture = await startApi();
  ana = await fixture.login();
});
afterAll(() => fixture.close());

const DASHBOARD: Dashboard = {
  version: 1,
  title: "Logons",
  time: { from: "-24h", to: "now" },
  variables: [{ name: "user", kind: "text" }],
  panels: [
    {
      id: "all",
      kind: "stat",
      title: "All",
      place: { x: 0, y: 0, w: 3, h: 3 },
      query: "Events | where isempty(_user) or user.name == _user | count",
    },
  ],
};

type Method = "GET" | "POST" | "PUT" | "DELETE";
const send = async <T>(method: Method, url: string, headers: Record<string, string>, payload?: object) => {
  const path = `/api/v1/dashboards${url}`;
  const reply = await fixture.api.inject({
    method,
    url: path,
    headers,
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: reply.statusCode, body: (reply.body === "" ? undefined : JSON.parse(reply.body)) as T };
};
const asAna = <T>(method: Method, url: string, payload?: object) =>
  send<T>(method, url, { cookie: ana.cookie, "x-tyto-csrf": ana.csrf }, payload);
const asToken = <T>(method: Method, url: string, payload?: object) =>
  send<T>(method, url, { ...bearer(fixture.tokens.admin) }, payload);

const make = async (shared: boolean, title = "Logons"): Promise<DashboardView> =>
  (await asAna<DashboardView>("POST", "", { dashboard: { ...DASHBOARD, title }, shared })).body;

describe("a dashboard", () => {
  it("is its owner's alone until it is shared", async () => {
    const { id } = await make(false);
    expect((await asAna("GET", `/${id}`)).status).toBe(200);
    expect((await asToken("GET", `/${id}`)).status).toBe(404);
    await asAna("PUT", `/${id}`, { dashboard: DASHBOARD, shared: true, version: 1 });
    const { body } = await asToken<DashboardView>("GET", `/${id}`);
    expect(body).toMatchObject({ isOwn: false, shared: true, version: 2, dashboard: DASHBOARD });
  });

  it("that two change at once is saved once, and the other is told who was first", async () => {
    const { id } = await make(true);
    const change = (title: string) => ({ dashboard: { ...DASHBOARD, title }, shared: true, version: 1 });
    expect((await asToken("PUT", `/${id}`, change("Theirs"))).status).toBe(200);
    const refused = await asAna<ErrorBody>("PUT", `/${id}`, change("Mine"));
    expect(refused.status).toBe(409);
    expect(refused.body.error.message).toMatch(
      /^token:\S+ saved version 2 at 2026-01-15 12:00:00 UTC; yours/,
    );
    expect((await asAna<DashboardView>("GET", `/${id}`)).body.dashboard.title).toBe("Theirs");
  });

  it("saved by two in the same moment keeps one of them, and no version twice", async () => {
    const { id } = await make(true);
    const change = { dashboard: DASHBOARD, shared: true, version: 1 };
    const replies = await Promise.all(Array.from({ length: 6 }, () => asAna("PUT", `/${id}`, change)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
  });

  it("keeps what it was before", async () => {
    const { id } = await make(true, "First");
    await asAna("PUT", `/${id}`, { dashboard: { ...DASHBOARD, title: "Second" }, shared: true, version: 1 });
    const { body } = await asAna<DashboardVersionList>("GET", `/${id}/versions`);
    expect(body.items.map(({ version, title, by }) => [version, title, by])).toEqual([
      [2, "Second", "ana.keller"],
      [1, "First", "ana.keller"],
    ]);
    const first = await asAna<DashboardView>("GET", `/${id}/versions/1`);
    expect(first.body.dashboard.title).toBe("First");
    expect((await asAna("GET", `/${id}/versions/7`)).status).toBe(404);
  });

  it("is deleted by its owner only, and comes back with all of it", async () => {
    const { id } = await make(true);
    expect((await asToken("DELETE", `/${id}`)).status).toBe(403);
    expect((await asAna("DELETE", `/${id}`)).status).toBe(204);
    expect((await asAna("GET", `/${id}`)).status).toBe(404);
    expect((await asToken("POST", `/${id}/restore`)).status).toBe(404);
    expect((await asAna("POST", `/${id}/restore`)).status).toBe(200);
    expect((await asAna<DashboardVersionList>("GET", `/${id}/versions`)).body.items).toHaveLength(1);
    expect((await asAna("POST", `/${id}/restore`)).status).toBe(404);
  });

  it("that makes no sense is refused, with the place in it", async () => {
    const [panel] = DASHBOARD.panels;
    const twice = { ...DASHBOARD, panels: [panel, panel] };
    const { status, body } = await asAna<ErrorBody>("POST", "", { dashboard: twice, shared: false });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      field: "body.dashboard.panels.1.id",
      message: 'two panels have the id "all"',
    });
  });

  it("comes out as a text that says the same when it is read", async () => {
    const { id } = await make(false);
    for (const format of ["yaml", "json"]) {
      const { body } = await asAna<{ readonly text: string }>("GET", `/${id}/export?format=${format}`);
      const read = await asAna<DashboardCheck>("POST", "/check", { text: body.text });
      expect(read.body).toEqual({ dashboard: DASHBOARD, problems: [] });
    }
    const { body } = await asAna<DashboardCheck>("POST", "/check", {
      text: "version: 1\ntitle: x\npanels: 5",
    });
    expect(body.dashboard).toBeNull();
    expect(body.problems.map(({ line, message }) => [line, message])).toContainEqual([3, "panels is a list"]);
  });

  it("is listed by title, with those that are shared", async () => {
    const { body } = await asToken<DashboardList>("GET", "");
    expect(body.items.length).toBeGreaterThan(0);
    expect(body.items.every(({ shared, isOwn }) => shared && !isOwn)).toBe(true);
    // Whoever changes one is written down, by the rule that holds for every route.
    const routes = fixture.audited.map(({ detail }) => detail["route"]);
    expect(routes).toContain("DELETE /api/v1/dashboards/:id");
  });
});

describe("a panel's question", () => {
  it("says what is wrong with its query, with the place", async () => {
    const { status, body } = await asAna<ErrorBody>("POST", "/query", {
      kql: "Events | nope",
      from: "-1h",
      to: "now",
    });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: "query-invalid", at: { line: 2, column: 9 } });
  });

  it.each([
    [{ from: "-1h", to: "now" }],
    [{ kql: "Events", savedSearch: "0123456789abcdef", from: "-1h", to: "now" }],
    [{ kql: "Events", from: "-1h", to: "now", variables: { "a b": "x" } }],
    [{ kql: "Events", from: "-1h", to: "now", variables: { user: 5 } }],
    [{ kql: "Events", from: "-1h", to: "now", filters: [{ field: "user.name", values: [] }] }],
  ])("that is no question is refused: %j", async (question) => {
    expect((await asAna("POST", "/query", question)).status).toBe(400);
  });

  it("about a saved search of somebody else finds none", async () => {
    const question = { savedSearch: "0123456789abcdef", from: "-1h", to: "now" };
    expect((await asAna("POST", "/query", question)).status).toBe(404);
  });
});
