/** What stands around a search: its plan, kept searches, history, links, and that it is written down who looked. */
import { micros, MICROS_PER_DAY, MICROS_PER_HOUR } from "@tyto/domain";
import type { SavedSearch, SavedSearchBody, SavedSearchList, SearchHistory, ShortLink } from "@tyto/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { windowsOf } from "../routes/search-insight-routes.ts";
import { facetOf, sampledFacets } from "../views/facet-view.ts";
import { bearer, NO_EVENTS, NO_QUERIES, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi({
    engine: {
      events: NO_EVENTS,
      queries: {
        ...NO_QUERIES,
        run: () =>
          Promise.resolve({
            columns: [],
            rows: [],
            rowsRead: 0,
            bytesRead: 0,
            elapsedMs: 4,
            isPartial: false,
          }),
      },
    },
    query: {
      ...(await emptyFrontend()),
    },
  });
});
afterAll(() => fixture.close());

/** A frontend that understands everything and asks nothing. */
async function emptyFrontend() {
  const { sql } = await import("../../query/index.ts");
  const base = await startApi();
  await base.close();
  const range = { kql: "Events", from: micros(0), to: micros(1_000_000) };
  return {
    ...base.dependencies.query,
    compileSearch: () =>
      Promise.resolve({
        ok: true as const,
        ...range,
        query: sql`SELECT 1`,
        columns: [],
        shape: () => ({ rows: [], isPartial: false }),
      }),
  };
}

const BODY: SavedSearchBody = {
  name: "Failures",
  shared: false,
  mode: "text",
  query: "event.outcome:failure",
  from: "-1h",
  to: "now",
  columns: ["user.name"],
  schedule: { everyMinutes: 5, threshold: 3, enabled: true },
};

type Method = "GET" | "POST" | "PUT" | "DELETE";
const asToken = (method: Method, url: string, payload?: object) =>
  fixture.api.inject({
    method,
    url: `/api/v1${url}`,
    headers: bearer(fixture.tokens.admin),
    ...(payload === undefined ? {} : { payload }),
  });

async function asPerson(method: Method, url: string, payload?: object) {
  const { cookie, csrf } = await fixture.login();
  return fixture.api.inject({
    method,
    url: `/api/v1${url}`,
    headers: { cookie, "x-tyto-csrf": csrf },
    ...(payload === undefined ? {} : { payload }),
  });
}

describe("windows of a plan", () => {
  it("begin with the newest quarter of an hour, grow, and cover the range once", () => {
    const to = micros(10 * MICROS_PER_DAY);
    const windows = windowsOf(micros(0), to);
    expect(windows[0]).toEqual({ from: to - MICROS_PER_HOUR / 4, to });
    expect(windows.at(-1)?.from).toBe(0);
    windows.slice(1).forEach((window, at) => expect(window.to).toBe(windows[at]?.from));
    expect(windowsOf(micros(0), micros(5))).toEqual([{ from: 0, to: 5 }]);
    expect(windowsOf(micros(0), micros(365 * MICROS_PER_DAY)).length).toBeLessThan(30);
  });
});

describe("facets", () => {
  it("count a list's elements, and leave out fields without values", () => {
    expect(
      sampledFacets(
        ["a", "b"],
        [
          [["x", "y"], ""],
          [["x"], null],
        ],
        5,
      ),
    ).toEqual([
      {
        field: "a",
        rows: 2,
        distinct: 2,
        values: [
          { value: "x", count: 2 },
          { value: "y", count: 1 },
        ],
      },
    ]);
    const counted = {
      values: [
        ['["x","y"]', 3],
        ['["x"]', 2],
        ["[not json", 1],
      ],
      rows: 6,
      distinct: 3,
      limit: 2,
    };
    expect(facetOf("a", counted).values).toEqual([
      { value: "x", count: 5 },
      { value: "y", count: 3 },
    ]);
  });
});

describe("saved searches", () => {
  it("are their owner's until they are shared, and only their owner changes them", async () => {
    const made = (await asPerson("POST", "/searches", BODY)).json<SavedSearch>();
    expect(made).toMatchObject({ ...BODY, owner: "ana.keller", isOwn: true, lastRun: null });
    expect((await asToken("GET", "/searches")).json<SavedSearchList>().items).toEqual([]);
    expect((await asToken("GET", `/searches/${made.id}/runs`)).statusCode).toBe(404);
    await asPerson("PUT", `/searches/${made.id}`, { ...BODY, shared: true });
    expect((await asToken("GET", "/searches")).json<SavedSearchList>().items).toMatchObject([
      { id: made.id, isOwn: false },
    ]);
    expect((await asToken("PUT", `/searches/${made.id}`, BODY)).statusCode).toBe(403);
    expect((await asToken("DELETE", `/searches/${made.id}`)).statusCode).toBe(403);
    expect((await asToken("GET", `/searches/${made.id}/runs`)).statusCode).toBe(200);
    expect(fixture.audited.at(-1)).toMatchObject({ action: "results-read", detail: { owner: "ana.keller" } });
    expect((await asPerson("DELETE", `/searches/${made.id}`)).statusCode).toBe(204);
    expect((await asPerson("GET", "/searches")).json<SavedSearchList>().items).toEqual([]);
  });

  it("refuse what makes no sense by the field's name", async () => {
    const reply = await asPerson("POST", "/searches", { ...BODY, name: "" });
    expect([reply.statusCode, reply.json<{ error: { field: string } }>().error.field]).toEqual([
      400,
      "body.name",
    ]);
  });
});

describe("history", () => {
  it("holds what a person's console asked, once each, and nobody else's", async () => {
    const remember = { from: "-1h", to: "now" };
    for (const text of ["a", "b", "a"]) {
      fixture.clock.now = micros(fixture.clock.now + 1_000_000);
      await asPerson("POST", "/search", { text, remember });
    }
    await asToken("POST", "/search", { text: "token", remember });
    const { items } = (await asPerson("GET", "/search/history")).json<SearchHistory>();
    expect(items.map(({ query, from, rows }) => [query, from, rows])).toEqual([
      ["a", "-1h", 0],
      ["b", "-1h", 0],
    ]);
    await asPerson("DELETE", "/search/history");
    expect((await asPerson("GET", "/search/history")).json<SearchHistory>().items).toEqual([]);
  });

  it("is not what the audit is: that has every search of everyone", async () => {
    const before = fixture.audited.length;
    await asToken("POST", "/search", { text: "x" });
    expect(fixture.audited.slice(before)).toMatchObject([
      { actor: "token:admin", action: "searched", detail: { kql: "Events" } },
    ]);
  });
});

describe("short links", () => {
  it("lead to one place of the console and nowhere else", async () => {
    const path = `/search?q=${"x".repeat(3_000)}`;
    const link = (await asPerson("POST", "/links", { path })).json<ShortLink>();
    expect((await asPerson("POST", "/links", { path })).json<ShortLink>().id).toBe(link.id);
    expect((await asToken("GET", `/links/${link.id}`)).json<ShortLink>()).toEqual(link);
    for (const wrong of ["//evil.example", "https://evil.example", "/\\evil.example", "search"])
      expect((await asPerson("POST", "/links", { path: wrong })).statusCode).toBe(400);
    expect((await asToken("GET", "/links/000000000000")).statusCode).toBe(404);
  });
});
