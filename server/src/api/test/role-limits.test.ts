/** A role's restriction and mask on the real engine: in searches, events by id and in bulk, counts, exports; closed where they cannot be applied. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ErrorBody, EventBody, FoundEvents, Histogram, Role, RoleView, SearchReply } from "@tyto/domain";
import { EVENTS, NOW } from "../../query/cases/events.ts";
import { startQueries } from "../../query/cases/query-fixture.ts";
import type { QueryFixture } from "../../query/cases/query-fixture.ts";
import { temporaryEngine } from "../../storage/engine/engine-fixture.ts";
import { RoleBook } from "../index.ts";
import { startApi } from "./api-fixture.ts";
import type { ApiFixture, Login } from "./api-fixture.ts";

const RANGE = { from: "2026-01-01T00:00:00Z", to: "2027-01-01T00:00:00Z" };
let queries: QueryFixture;
let engine: Awaited<ReturnType<typeof temporaryEngine>>;
let fixture: ApiFixture;
let viewer: Login;
let admin: Login;

const isSshd = (event: (typeof EVENTS)[number]): boolean => event.fields["process.name"] === "sshd";
const idOf = (wanted: (event: (typeof EVENTS)[number]) => boolean): string =>
  EVENTS.find(wanted)?.id ?? "there is none";

beforeAll(async () => {
  queries = await startQueries();
  engine = await temporaryEngine();
  expect(await engine.engine.events.insert(EVENTS)).toEqual([]);
  fixture = await startApi({ engine: engine.engine, query: queries.frontend });
  admin = await fixture.login();
  viewer = await fixture.loginAs("viewer");
  const limits = { restriction: "-process.name:sshd", masked: ["user.name"] };
  const reply = await put("viewer", limits);
  expect(reply.json<RoleView>()).toMatchObject({ name: "viewer", ...limits });
}, 120_000);
afterAll(async () => {
  await fixture.close();
  await engine.remove();
  await queries.close();
});

const headersOf = (login: Login) => ({ cookie: login.cookie, "x-tyto-csrf": login.csrf });
const put = (name: Role["name"], payload: object) =>
  fixture.api.inject({
    method: "PUT",
    url: `/api/v1/roles/${name}/limits`,
    payload,
    headers: headersOf(admin),
  });
const post = (login: Login, url: string, payload: object) =>
  fixture.api.inject({ method: "POST", url: `/api/v1${url}`, payload, headers: headersOf(login) });
const get = (login: Login, url: string) =>
  fixture.api.inject({ method: "GET", url: `/api/v1${url}`, headers: headersOf(login) });

describe("a limited role", () => {
  it.each([
    ["KQL", { kql: "Events | summarize n = count() by process.name, user.name" }],
    [
      "a join",
      { kql: "Events | join kind=inner (Events) on id | summarize count() by process.name, user.name" },
    ],
    ["the search bar", { text: "" }],
  ])("finds neither what is restricted nor what is masked with %s", async (_how, question) => {
    const found = await post(viewer, "/search", { ...question, ...RANGE });
    expect(found.statusCode, found.body).toBe(200);
    const { rows } = found.json<SearchReply>();
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain("sshd");
    const masked = EVENTS.flatMap(({ fields }) => fields["user.name"] ?? []).map(String);
    const all = await post(admin, "/search", { ...question, ...RANGE });
    expect(all.body).toContain("sshd");
    expect(masked.some((name) => all.body.includes(JSON.stringify(name)))).toBe(true);
    expect(masked.filter((name) => found.body.includes(JSON.stringify(name)))).toEqual([]);
  });

  it("counts less", async () => {
    const count = async (login: Login) =>
      (await post(login, "/search/histogram", { text: "", ...RANGE })).json<Histogram>().total;
    expect(await count(viewer)).toBe((await count(admin)) - EVENTS.filter(isSshd).length);
  });

  it("opens no event beyond, and no masked field of the others", async () => {
    const hidden = idOf(isSshd);
    const shown = idOf((event) => !isSshd(event) && event.fields["user.name"] !== undefined);
    expect((await get(admin, `/events/${hidden}`)).statusCode).toBe(200);
    expect((await get(viewer, `/events/${hidden}`)).statusCode).toBe(404);
    const event = (await get(viewer, `/events/${shown}`)).json<EventBody>();
    expect(event.fields).not.toHaveProperty(["user.name"]);
    expect(event.raw).toBe("");
    expect((await get(admin, `/events/${shown}`)).json<EventBody>().fields).toHaveProperty(["user.name"]);
  });

  it("gets whole events without both", async () => {
    const found = await post(viewer, "/events/find", { text: "", ...RANGE });
    const { items } = found.json<FoundEvents>();
    expect(items.length).toBe(EVENTS.filter((event) => !isSshd(event)).length);
    expect(items.flatMap(({ fields }) => Object.keys(fields))).not.toContain("user.name");
  });

  it.each(["/quarantine", "/unknown", `/events/${idOf(isSshd)}/earlier`, "/rules/x/noise"])(
    "is kept out of %s, which shows everything",
    async (url) => {
      const reply = await get(viewer, url);
      expect(reply.statusCode).toBe(403);
      expect(reply.json<ErrorBody>().error.hint).toContain("Search for the events");
    },
  );

  it("says so to the console", async () => {
    expect((await get(viewer, "/session")).json<{ isLimited: boolean }>().isLimited).toBe(true);
  });
});

describe("limits", () => {
  it("are refused where they are no search, and for administrators", async () => {
    expect((await put("viewer", { restriction: "user.name:(", masked: [] })).statusCode).toBe(400);
    expect((await put("admin", { restriction: "x", masked: [] })).statusCode).toBe(409);
    expect((await get(viewer, `/events/${idOf(isSshd)}`)).statusCode).toBe(404);
  });

  it("let nobody in when they can no more be applied", async () => {
    await fixture.control.settings.set(
      "roles.limits",
      JSON.stringify({ viewer: { restriction: "user.name:(", masked: [] } }),
    );
    const book = await RoleBook.open({
      control: fixture.control,
      query: queries.frontend,
      now: () => NOW,
    });
    await expect(book.resolve("viewer")).rejects.toMatchObject({ code: "forbidden" });
    await expect(book.accessOf("viewer.person")).rejects.toMatchObject({ code: "forbidden" });
    await expect(book.accessOf("somebody who left")).rejects.toMatchObject({ code: "forbidden" });
    await expect(book.accessOf("token:shipper")).resolves.toBeUndefined();
  });
});
