/** People beside the first: invited by a link, limited by a role, switched off, and never without an administrator. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ErrorBody, OwnSession, Session, User, UserLink, Welcome } from "@tyto/domain";
import { MICROS_PER_DAY, MICROS_PER_MINUTE } from "@tyto/domain";
import { bearer, PASSWORD, startApi, USERNAME } from "./api-fixture.ts";
import type { ApiFixture, Login } from "./api-fixture.ts";

const OTHER_PASSWORD = "quiet-lantern-vb83";
let fixture: ApiFixture;
let admin: Login;
beforeEach(async () => {
  fixture = await startApi();
  admin = await fixture.login();
});
afterEach(() => fixture.close());

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
const later = (micros: number): void => {
  fixture.clock.now = (fixture.clock.now + micros) as typeof fixture.clock.now;
};
const call = (login: Login | null, method: Method, url: string, payload?: object) =>
  fixture.api.inject({
    method,
    url: `/api/v1${url}`,
    ...(payload === undefined ? {} : { payload }),
    headers: login === null ? {} : { cookie: login.cookie, "x-tyto-csrf": login.csrf },
  });
const invite = async (username: string, role = "viewer"): Promise<UserLink> => {
  const reply = await call(admin, "POST", "/users", { username, role });
  expect(reply.statusCode, reply.body).toBe(201);
  return reply.json<UserLink>();
};
const secretOf = ({ path }: UserLink): string => path.split("#")[1] ?? "";
const users = async (): Promise<readonly User[]> =>
  (await call(admin, "GET", "/users")).json<{ items: User[] }>().items;
const me = async (): Promise<User> => {
  const found = (await users()).find(({ username }) => username === USERNAME);
  if (found === undefined) throw new Error("the first user is gone");
  return found;
};
const error = (reply: { json: <T>() => T }) => reply.json<ErrorBody>().error;

describe("an invitation", () => {
  it("sets one password, once, and logs in", async () => {
    const link = await invite("bo");
    expect(link.user).toMatchObject({ username: "bo", role: "viewer", state: "invited", lastLoginAt: null });
    const asked = await call(null, "POST", "/welcome/check", { secret: secretOf(link) });
    expect(asked.json<Welcome>()).toMatchObject({ username: "bo" });
    const body = { secret: secretOf(link), password: OTHER_PASSWORD };
    const reply = await call(null, "POST", "/welcome", body);
    expect(reply.json<Session>()).toMatchObject({ username: "bo", role: "viewer", isLimited: false });
    expect(reply.json<Session>().permissions).not.toContain("alerts.triage");
    expect((await call(null, "POST", "/welcome", body)).statusCode).toBe(404);
    expect((await users()).find(({ username }) => username === "bo")).toMatchObject({
      state: "active",
      linkExpiresAt: null,
    });
  });

  it("is over after three days, and replaced by a newer one", async () => {
    const first = await invite("bo");
    const second = await call(admin, "POST", `/users/${first.user.id}/link`);
    expect((await call(null, "POST", "/welcome/check", { secret: secretOf(first) })).statusCode).toBe(404);
    const secret = secretOf(second.json<UserLink>());
    expect((await call(null, "POST", "/welcome/check", { secret })).statusCode).toBe(200);
    later(3 * MICROS_PER_DAY);
    expect((await call(null, "POST", "/welcome/check", { secret })).statusCode).toBe(404);
  });

  it("takes no weak password, no name that is taken, and no name of ours", async () => {
    const link = await invite("bo");
    const weak = { secret: secretOf(link), password: "password12345" };
    expect(error(await call(null, "POST", "/welcome", weak))).toMatchObject({ field: "body.password" });
    expect((await call(admin, "POST", "/users", { username: "BO", role: "viewer" })).statusCode).toBe(409);
    expect((await call(admin, "POST", "/users", { username: "tyto", role: "viewer" })).statusCode).toBe(400);
  });

  it("can be taken back until it is used", async () => {
    const link = await invite("bo");
    expect((await call(admin, "DELETE", `/users/${link.user.id}`)).statusCode).toBe(204);
    expect((await call(null, "POST", "/welcome/check", { secret: secretOf(link) })).statusCode).toBe(404);
    expect((await call(admin, "DELETE", `/users/${(await me()).id}`)).statusCode).toBe(409);
  });
});

describe("a user", () => {
  it("who is switched off is out at once and stays out", async () => {
    const viewer = await fixture.loginAs("viewer");
    const { id } = (await users()).find(({ role }) => role === "viewer") ?? { id: "" };
    expect((await call(viewer, "GET", "/alerts")).statusCode).toBe(200);
    await call(admin, "PATCH", `/users/${id}`, { enabled: false });
    expect((await call(viewer, "GET", "/alerts")).statusCode).toBe(401);
    const login = { username: "viewer.person", password: PASSWORD };
    expect((await call(null, "POST", "/login", login)).statusCode).toBe(401);
  });

  it("may do what the new role may, with the next request", async () => {
    const viewer = await fixture.loginAs("viewer");
    const { id } = (await users()).find(({ role }) => role === "viewer") ?? { id: "" };
    const refused = await call(viewer, "GET", "/audit");
    expect(refused.statusCode).toBe(403);
    expect(error(refused).message).toBe("Your role viewer may not read the audit log");
    expect(error(refused).hint).toContain("audit.read");
    expect(error(refused).hint).toContain("admin or auditor");
    await call(admin, "PATCH", `/users/${id}`, { role: "auditor" });
    expect((await call(viewer, "GET", "/audit")).statusCode).toBe(200);
  });

  it("whose password is reset is out until the link is used", async () => {
    const viewer = await fixture.loginAs("viewer");
    const { id } = (await users()).find(({ role }) => role === "viewer") ?? { id: "" };
    const link = (await call(admin, "POST", `/users/${id}/link`)).json<UserLink>();
    expect(link.user.state).toBe("reset");
    expect((await call(viewer, "GET", "/alerts")).statusCode).toBe(401);
    const body = { secret: secretOf(link), password: OTHER_PASSWORD };
    expect((await call(null, "POST", "/welcome", body)).statusCode).toBe(200);
  });
});

describe("the last administrator", () => {
  it.each([{ role: "viewer" }, { enabled: false }])("keeps the role and the account: %j", async (change) => {
    const { id } = await me();
    const reply = await call(admin, "PATCH", `/users/${id}`, change);
    expect(reply.statusCode).toBe(409);
    expect(await me()).toMatchObject({ role: "admin", state: "active" });
    await fixture.loginAs("admin");
    expect((await call(admin, "PATCH", `/users/${id}`, change)).statusCode).toBe(200);
  });

  it("is not relieved by somebody who was only invited", async () => {
    await invite("bo", "admin");
    const reply = await call(admin, "PATCH", `/users/${(await me()).id}`, { role: "viewer" });
    expect(reply.statusCode).toBe(409);
  });
});

describe("a dangerous change", () => {
  it("asks for the password when it was given more than five minutes ago", async () => {
    later(5 * MICROS_PER_MINUTE);
    const body = { username: "bo", role: "viewer" };
    const refused = await call(admin, "POST", "/users", body);
    expect(refused.statusCode).toBe(403);
    expect(error(refused).code).toBe("password-needed");
    expect((await call(admin, "POST", "/session/confirm", { password: "not this one" })).statusCode).toBe(
      400,
    );
    expect((await call(admin, "POST", "/session/confirm", { password: PASSWORD })).statusCode).toBe(200);
    expect((await call(admin, "POST", "/users", body)).statusCode).toBe(201);
  });
});

describe("one's own account", () => {
  it("changes its password with the old one, which ends all other sessions", async () => {
    const elsewhere = await fixture.login();
    const wrong = { old: "not the old one", password: OTHER_PASSWORD };
    expect((await call(admin, "POST", "/profile/password", wrong)).statusCode).toBe(400);
    const right = { old: PASSWORD, password: OTHER_PASSWORD };
    const reply = await call(admin, "POST", "/profile/password", right);
    expect(reply.statusCode).toBe(200);
    expect(String(reply.headers["set-cookie"])).toContain("tyto=");
    expect((await call(elsewhere, "GET", "/session")).statusCode).toBe(401);
  });

  it("lists its sessions and signs the others out", async () => {
    const elsewhere = await fixture.login();
    const list = async () =>
      (await call(admin, "GET", "/profile/sessions")).json<{ items: OwnSession[] }>().items;
    // The one that made the account is the third.
    expect((await list()).map(({ isThis }) => isThis).sort()).toEqual([false, false, true]);
    expect((await call(admin, "DELETE", "/profile/sessions")).statusCode).toBe(204);
    expect((await list()).map(({ isThis }) => isThis)).toEqual([true]);
    expect((await call(elsewhere, "GET", "/session")).statusCode).toBe(401);
  });
});

describe("the audit log", () => {
  it("is told of each change before it is made, with what was and what is asked, and without secrets", async () => {
    await fixture.loginAs("viewer");
    const { id } = (await users()).find(({ role }) => role === "viewer") ?? { id: "" };
    await call(admin, "PATCH", `/users/${id}`, { role: "analyst" });
    expect(fixture.audited.at(-1)).toEqual({
      actor: USERNAME,
      action: "user-changed",
      detail: {
        route: "PATCH /api/v1/users/:id",
        params: { id },
        before: { username: "viewer.person", role: "viewer", enabled: true },
        after: { role: "analyst" },
      },
    });
    await call(admin, "POST", "/profile/password", { old: PASSWORD, password: OTHER_PASSWORD });
    expect(JSON.stringify(fixture.audited)).not.toContain(OTHER_PASSWORD);
  });

  it("is told who comes in, who does not, and who opens what", async () => {
    const viewer = await fixture.loginAs("viewer");
    await call(null, "POST", "/login", { username: "nobody", password: "a wrong password" });
    await call(viewer, "GET", "/events/0123456789abcdef-1");
    await call(viewer, "GET", "/events/0123456789abcdef-1");
    const said = fixture.audited.map(({ actor, action }) => `${actor} ${action}`);
    expect(said).toContain("viewer.person logged-in");
    expect(said).toContain("nobody login-failed");
    expect(said.filter((one) => one === "viewer.person event-opened")).toHaveLength(1);
  });

  it("also names tokens", async () => {
    const headers = bearer(fixture.tokens.admin);
    const payload = { username: "cy", role: "viewer" };
    await fixture.api.inject({ method: "POST", url: "/api/v1/users", payload, headers });
    expect(fixture.audited.at(-1)).toMatchObject({ actor: "token:admin", action: "user-changed" });
  });
});
