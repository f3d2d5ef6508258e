import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, micros } from "@tyto/domain";
import type { CreatedToken, ErrorBody, Session, Token } from "@tyto/domain";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sha256 } from "../access/secrets.ts";
import { adoptAdminToken } from "../index.ts";
import { bearer, PASSWORD, startApi, USERNAME } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

let fixture: ApiFixture;
beforeEach(async () => {
  fixture = await startApi();
});
afterEach(() => fixture.close());

const post = (url: string, payload: object, headers: Record<string, string> = {}) =>
  fixture.api.inject({ method: "POST", url: `/api/v1${url}`, payload, headers });
const setUp = (more: object = {}) =>
  post("/setup", { token: fixture.setupToken.text, username: USERNAME, password: PASSWORD, ...more });
const wait = (span: number): void => {
  fixture.clock.now = micros(fixture.clock.now + span);
};
const sessionStatus = async (cookie: string): Promise<number> =>
  (await fixture.api.inject({ url: "/api/v1/session", headers: { cookie } })).statusCode;

describe("a fresh install", () => {
  it("has no credential but the setup token", async () => {
    expect((await fixture.api.inject({ url: "/api/v1/setup" })).json()).toEqual({ needed: true });
    for (const [username, password] of [
      ["admin", "admin"],
      ["admin", "changeme"],
      [USERNAME, PASSWORD],
    ]) {
      expect((await post("/login", { username, password })).statusCode).toBe(401);
    }
  });

  it("makes the first account once, logs it in, and is done", async () => {
    const reply = await setUp();
    expect(reply.statusCode).toBe(200);
    expect(reply.json<Session>()).toMatchObject({ username: USERNAME, role: "admin" });
    expect((await fixture.api.inject({ url: "/api/v1/setup" })).json()).toEqual({ needed: false });
    const again = await setUp({ username: "mallory" });
    expect(again.statusCode).toBe(409);
    expect(again.json<ErrorBody>().error.code).toBe("setup-done");
  });

  it("lets one of several win that come at once", async () => {
    const replies = await Promise.all(["a1", "b1", "c1", "d1"].map((username) => setUp({ username })));
    expect(replies.map((reply) => reply.statusCode).sort()).toEqual([200, 409, 409, 409]);
    expect(await fixture.control.access.userCount()).toBe(1);
  });

  it("refuses a wrong, a spent and an old token", async () => {
    expect((await setUp({ token: "wrong" })).statusCode).toBe(401);
    wait(MICROS_PER_DAY);
    expect((await setUp()).statusCode).toBe(401);
    wait(-1);
    expect((await setUp()).statusCode).toBe(200);
    expect(() => fixture.setupToken.check(fixture.setupToken.text)).toThrow(/wrong, used or expired/);
    expect(fixture.setupToken.text.length).toBeGreaterThanOrEqual(22);
  });

  it.each([
    [{ password: "short" }, "body.password"],
    [{ password: "password12345" }, "body.password"],
    [{ username: "detection" }, "body.username"],
    [{ username: "token:admin" }, "body.username"],
    [{ username: "<script>" }, "body.username"],
    [{ username: "" }, "body.username"],
    [{ role: "root" }, "body.role"],
  ])("keeps its token when the account makes no sense: %j", async (wrong, field) => {
    const reply = await setUp(wrong);
    expect(reply.statusCode).toBe(400);
    expect(reply.json<ErrorBody>().error.field).toBe(field);
    expect((await setUp()).statusCode).toBe(200);
  });

  it("takes TYTO_ADMIN_TOKEN only while it is empty", async () => {
    const { control, dependencies } = fixture;
    for (const token of await control.access.tokens()) await control.access.deleteToken(token.id);
    const making = { access: control.access, random: dependencies.random, now: dependencies.now };
    await expect(adoptAdminToken(making, "short")).rejects.toThrow(/no usable token/);
    await expect(adoptAdminToken(making, "a b c d e f g h i")).rejects.toThrow(/no usable token/);
    expect(await adoptAdminToken(making, "my-own-admin-token")).toBe("adopted");
    const list = await fixture.api.inject({ url: "/api/v1/tokens", headers: bearer("my-own-admin-token") });
    expect(list.json<{ items: Token[] }>().items).toMatchObject([
      { name: "TYTO_ADMIN_TOKEN", scope: "admin" },
    ]);
    expect(list.json<{ items: Token[] }>().items[0]?.prefix.length).toBeLessThan(6);
    expect(await adoptAdminToken(making, "another-admin-token")).toBe("ignored");
  });
});

describe("a login", () => {
  it("answers a wrong password and an unknown name alike", async () => {
    await setUp();
    const wrong = await post("/login", { username: USERNAME, password: "wrong" });
    const unknown = await post("/login", { username: "nobody", password: "wrong" });
    expect(wrong.statusCode).toBe(401);
    expect(unknown.statusCode).toBe(401);
    expect(unknown.body).toBe(wrong.body);
    expect(unknown.headers["set-cookie"]).toBeUndefined();
  });

  it("takes about as long for an unknown name as for a wrong password", async () => {
    await setUp();
    const times: Record<string, number[]> = { known: [], unknown: [] };
    const attempt = async (kind: "known" | "unknown", username: string): Promise<void> => {
      wait(MICROS_PER_HOUR);
      const before = process.hrtime.bigint();
      await post("/login", { username, password: "wrong password" });
      times[kind]?.push(Number(process.hrtime.bigint() - before) / 1e6);
    };
    await attempt("unknown", "warm-up");
    times["unknown"] = [];
    for (let i = 0; i < 15; i++) {
      await attempt("known", USERNAME);
      await attempt("unknown", `nobody${i}`);
    }
    const median = (values: number[] = []): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;
    const ratio = median(times["known"]) / median(times["unknown"]);
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  it("is throttled per account, whatever the address, and the right password waits too", async () => {
    await setUp();
    for (let i = 0; i < 10; i++) {
      const reply = await fixture.api.inject({
        method: "POST",
        url: "/api/v1/login",
        remoteAddress: `192.0.2.${i}`,
        payload: { username: i % 2 === 0 ? USERNAME : USERNAME.toUpperCase(), password: "wrong" },
      });
      expect(reply.statusCode).toBe(401);
    }
    const throttled = await post("/login", { username: USERNAME, password: PASSWORD });
    expect(throttled.statusCode).toBe(429);
    expect(Number(throttled.headers["retry-after"])).toBeGreaterThan(0);
    expect(throttled.json<ErrorBody>().error.code).toBe("rate-limited");
    wait(MICROS_PER_MINUTE);
    expect((await post("/login", { username: USERNAME, password: PASSWORD })).statusCode).toBe(200);
  });

  it("is throttled per address, whatever the account", async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 32; i++) {
      statuses.push((await post("/login", { username: `guess${i}`, password: "wrong" })).statusCode);
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(30);
    expect(statuses.slice(30)).toEqual([429, 429]);
    const counted = fixture.telemetry.counters
      .read()
      .filter(({ name }) => name === "api_logins_refuse_total");
    expect(counted.map(({ reason, value }) => [reason, value])).toEqual([
      ["wrong", 30],
      ["throttled", 2],
    ]);
  });

  it("never runs out for one who knows the password", async () => {
    await setUp();
    for (let i = 0; i < 35; i++) {
      expect((await post("/login", { username: USERNAME, password: PASSWORD })).statusCode).toBe(200);
    }
  });

  it("stores the password as argon2id and the session as a hash alone", async () => {
    const { cookie } = await fixture.login();
    const user = await fixture.control.access.userByName(USERNAME);
    expect(user?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    const secret = cookie.split("=")[1] ?? "";
    expect(Buffer.from(secret, "base64url").length).toBe(32);
    expect(await fixture.control.access.sessionByHash(sha256(secret))).toBeDefined();
    expect(await fixture.control.access.sessionByHash(secret)).toBeUndefined();
  });
});

describe("a session", () => {
  it("sits in a cookie that scripts and other sites cannot use", async () => {
    const reply = await setUp();
    expect(reply.headers["set-cookie"]).toMatch(
      /^tyto=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/,
    );
  });

  it("gets a new secret at each login, and the one before it ends", async () => {
    const { cookie } = await fixture.login();
    const reply = await post("/login", { username: USERNAME, password: PASSWORD }, { cookie });
    const next = String(reply.headers["set-cookie"]).split(";")[0] ?? "";
    expect(next).not.toBe(cookie);
    expect(await sessionStatus(cookie)).toBe(401);
    expect(await sessionStatus(next)).toBe(200);
  });

  it("ends at once at logout", async () => {
    const { cookie, csrf } = await fixture.login();
    const reply = await post("/logout", {}, { cookie, "x-tyto-csrf": csrf });
    expect(reply.statusCode).toBe(204);
    expect(reply.headers["set-cookie"]).toMatch(/^tyto=; Path=\/; Max-Age=0;/);
    expect(await sessionStatus(cookie)).toBe(401);
  });

  it("ends after twelve idle hours", async () => {
    const { cookie } = await fixture.login();
    for (let i = 0; i < 3; i++) {
      wait(12 * MICROS_PER_HOUR - 1);
      expect(await sessionStatus(cookie)).toBe(200);
    }
    wait(12 * MICROS_PER_HOUR);
    expect(await sessionStatus(cookie)).toBe(401);
    wait(-MICROS_PER_HOUR);
    expect(await sessionStatus(cookie)).toBe(401);
  });

  it("ends after seven days however busy it is", async () => {
    const { cookie } = await fixture.login();
    for (let hour = 0; hour < 7 * 24 - 1; hour++) {
      wait(MICROS_PER_HOUR);
      expect(await sessionStatus(cookie)).toBe(200);
    }
    wait(MICROS_PER_HOUR);
    expect(await sessionStatus(cookie)).toBe(401);
  });

  it("is not the first of two cookies of its name", async () => {
    const { cookie } = await fixture.login();
    expect(await sessionStatus(`${cookie}; tyto=${"x".repeat(43)}`)).toBe(401);
    expect(await sessionStatus(`other=1; ${cookie}`)).toBe(200);
    expect(await sessionStatus(cookie.replace("tyto=", "__Host-tyto="))).toBe(401);
  });
});

describe("an API token", () => {
  const make = async (payload: object) => {
    const reply = await post("/tokens", payload, bearer(fixture.tokens.admin));
    expect(reply.statusCode).toBe(201);
    return reply.json<CreatedToken>();
  };

  it("is shown once, stored as a hash, and works until it is taken back", async () => {
    const { secret, token } = await make({ name: "firewall", scope: "read" });
    expect(secret).toMatch(/^tyto_[\w-]{43}$/);
    expect(secret.startsWith(token.prefix)).toBe(true);
    const list = await fixture.api.inject({ url: "/api/v1/tokens", headers: bearer(fixture.tokens.admin) });
    expect(list.body).not.toContain(secret);
    expect(list.body).not.toContain(sha256(secret));
    const read = () => fixture.api.inject({ url: "/api/v1/alerts", headers: bearer(secret) });
    expect((await read()).statusCode).toBe(200);
    const url = `/api/v1/tokens/${token.id}`;
    const headers = bearer(fixture.tokens.admin);
    expect((await fixture.api.inject({ method: "DELETE", url, headers })).statusCode).toBe(204);
    expect((await read()).statusCode).toBe(401);
    expect((await fixture.api.inject({ method: "DELETE", url, headers })).statusCode).toBe(404);
  });

  it("expires on its day", async () => {
    const { secret, token } = await make({ name: "short", scope: "read", expiresInDays: 1 });
    expect(token.expiresAt).toBe("2026-01-16T12:00:00.000Z");
    const read = () => fixture.api.inject({ url: "/api/v1/alerts", headers: bearer(secret) });
    wait(MICROS_PER_DAY - 1);
    expect((await read()).statusCode).toBe(200);
    wait(1);
    expect((await read()).json<ErrorBody>().error.message).toMatch(/expired/);
  });

  it("says when it was last used, writing it at most once a minute", async () => {
    const { secret, token } = await make({ name: "busy", scope: "read" });
    const lastUse = async () =>
      (await fixture.control.access.tokens()).find((one) => one.id === token.id)?.lastUsedAt ?? 0;
    const read = () => fixture.api.inject({ url: "/api/v1/alerts", headers: bearer(secret) });
    await Promise.all(Array.from({ length: 10 }, read));
    const first = await lastUse();
    expect(first).toBe(fixture.clock.now);
    wait(MICROS_PER_MINUTE - 1);
    await read();
    expect(await lastUse()).toBe(first);
    wait(1);
    await read();
    expect(await lastUse()).toBe(first + MICROS_PER_MINUTE);
  });
});

describe("secrets", () => {
  it("are in no log line", async () => {
    const { cookie, csrf } = await fixture.login();
    await post("/login", { username: USERNAME, password: "canary-password" });
    await post("/tokens", { name: "x", scope: "nope" }, { cookie, "x-tyto-csrf": csrf });
    expect(fixture.log.join("")).not.toMatch(/canary|tyto=|tyto_/);
  });
});
