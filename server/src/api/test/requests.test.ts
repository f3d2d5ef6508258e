/** Requests that make no sense, or mean harm. */
import { connect } from "node:net";
import { TytoError } from "@tyto/domain";
import type { ErrorBody } from "@tyto/domain";
import type { InjectOptions } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";
import { onlyRows } from "./rule-fixture.ts";

let fixture: ApiFixture;
let port: number;
let failure: unknown;

beforeAll(async () => {
  fixture = await startApi({
    ownRules: onlyRows(() => {
      throw failure;
    }),
  });
  port = Number((await fixture.api.listen({ host: "127.0.0.1", port: 0 })).address.split(":")[1]);
});
afterAll(() => fixture.close());

async function refusal(options: InjectOptions) {
  const headers = { ...bearer(fixture.tokens.admin), ...options.headers };
  const reply = await fixture.api.inject({ ...options, headers });
  return { status: reply.statusCode, error: reply.json<ErrorBody>().error, headers: reply.headers };
}

const search = (payload: unknown, headers: object = {}) =>
  refusal({
    method: "POST",
    url: "/api/v1/search",
    payload: typeof payload === "string" ? payload : JSON.stringify(payload),
    headers: { "content-type": "application/json", ...headers },
  });

describe("a request that makes no sense", () => {
  it.each([
    ["/api/v1/alerts?foo=1", "query.foo"],
    ["/api/v1/alerts?__proto__=1", "query.__proto__"],
    ["/api/v1/alerts?constructor=1", "query.constructor"],
    ["/api/v1/alerts?limit=1&limit=2", "query.limit"],
    ["/api/v1/alerts?limit=0", "query.limit"],
    ["/api/v1/alerts?limit=501", "query.limit"],
    ["/api/v1/alerts?limit=5.5", "query.limit"],
    ["/api/v1/alerts?limit=", "query.limit"],
    ["/api/v1/alerts?limit=0x10", "query.limit"],
    ["/api/v1/alerts?status=opened", "query.status"],
    ["/api/v1/alerts?status=", "query.status"],
    ["/api/v1/alerts?severity=high,huge", "query.severity"],
    ["/api/v1/alerts?from=yesterday", "query.from"],
    ["/api/v1/alerts?sort=name", "query.sort"],
    ["/api/v1/alerts/histogram?limit=5", "query.limit"],
    ["/api/v1/health?x", "query.x"],
    ["/api/v1/quarantine?reason=nope", "query.reason"],
    ["/api/v1/quarantine?cursor=abc", "query.cursor"],
    [`/api/v1/alerts/${"a".repeat(65)}`, "path.id"],
  ])("is refused with its place: %s", async (url, field) => {
    const { status, error } = await refusal({ url });
    expect(status).toBe(400);
    expect(error).toMatchObject({ code: "bad-request", field });
    expect(error.message).toBeTruthy();
  });

  it.each([
    [{ kql: "Events", extra: 1 }, "body.extra"],
    [{ kql: 7 }, "body.kql"],
    [{ kql: "Events", text: "x" }, "body.text"],
    [{ limit: "5" }, "body.limit"],
    [{ limit: 10_001 }, "body.limit"],
    [{ kql: "x".repeat(16_385) }, "body.kql"],
    [{ id: "short" }, "body.id"],
    [[], "body"],
    ["null", "body"],
    ['"text"', "body"],
    ['{"constructor": 1}', "body.constructor"],
  ])("is refused with the body's part that is wrong: %j", async (body, field) => {
    const { status, error } = await search(body);
    expect(status).toBe(400);
    expect(error).toMatchObject({ code: "bad-request", field });
  });

  it("names the choices where there are some", async () => {
    const { error } = await refusal({
      method: "POST",
      url: "/api/v1/tokens",
      payload: { name: "x", scope: "root" },
    });
    expect(error.message).toBe("body.scope must be one of ingest, read, admin");
  });

  it("says where a query is wrong", async () => {
    const { status, error } = await search({ kql: "Events\n| where nope == 1" });
    expect(status).toBe(400);
    expect(error).toEqual({
      code: "query-invalid",
      message: "There is no column `nope`",
      hint: "Did you mean `note`?",
      at: { line: 2, column: 9, length: 4 },
    });
  });

  it.each([
    ["{", {}, 400, "bad-request"],
    ["", {}, 400, "bad-request"],
    ['{"__proto__": {"admin": true}}', {}, 400, "bad-request"],
    ['{"constructor": {"prototype": {"admin": true}}}', {}, 400, "bad-request"],
    ['{"kql":"Events"}', { "content-type": "text/plain" }, 415, "unsupported-media-type"],
    ["kql=Events", { "content-type": "application/x-www-form-urlencoded" }, 415, "unsupported-media-type"],
    [`{"kql":"${"x".repeat(300_000)}"}`, {}, 413, "too-large"],
    [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, {}, 400, "bad-request"],
  ])("is refused before a route sees it: %.40s %j", async (payload, headers, status, code) => {
    const answer = await search(payload, headers);
    expect(answer).toMatchObject({ status, error: { code } });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it.each(["/api/v1/nothing", "/api/", "/api/v2/alerts", "/assets/gone.js", "/api/v1/alerts/%E0%A4%A", "/%"])(
    "gets the contract's error for %s",
    async (url) => {
      const { status, error, headers } = await refusal({ url });
      expect([400, 404]).toContain(status);
      expect(error.code).toBe(status === 404 ? "not-found" : "bad-request");
      expect(headers["x-content-type-options"]).toBe("nosniff");
    },
  );
});

describe("a failure", () => {
  it("inside tells the caller an id and the log everything", async () => {
    failure = new Error("canary: /var/lib/tyto/control.db is gone");
    const { status, error } = await refusal({ url: "/api/v1/rules" });
    expect(status).toBe(500);
    expect(error.code).toBe("internal");
    expect(JSON.stringify(error)).not.toContain("canary");
    const id = /error ([0-9a-f]{12})/.exec(error.hint ?? "")?.[1] ?? "none";
    const line = fixture.log.find((one) => one.includes(id));
    expect(line).toContain("canary");
    expect(line?.trim().split("\n")).toHaveLength(1);
  });

  it("of a store keeps its code and not its words", async () => {
    failure = new TytoError("engine-rejected", "canary: SELECT secret FROM system.tables");
    const { status, error } = await refusal({ url: "/api/v1/rules" });
    expect(status).toBe(500);
    expect(error.code).toBe("engine-rejected");
    expect(JSON.stringify(error)).not.toContain("canary");
  });

  it("that passes says when to try again", async () => {
    failure = new TytoError("engine-unavailable", "The engine is restarting", { hint: "Wait." });
    const { status, error, headers } = await refusal({ url: "/api/v1/rules" });
    expect(status).toBe(503);
    expect(error).toEqual({ code: "engine-unavailable", message: "The engine is restarting", hint: "Wait." });
    expect(headers["retry-after"]).toBe("2");
  });

  it("that is no error at all is answered too", async () => {
    failure = "thrown text";
    expect((await refusal({ url: "/api/v1/rules" })).status).toBe(500);
  });
});

describe("a host name", () => {
  it("that an attacker pointed at us gets nothing", async () => {
    for (const url of ["/api/v1/setup", "/api/v1/alerts", "/", "/api/v1/openapi.json"]) {
      const { status, error } = await refusal({ url, headers: { host: "rebound.example.net:8080" } });
      expect(status).toBe(403);
      expect(error.code).toBe("forbidden");
    }
  });

  it("of ours is served, and health and shippers under any", async () => {
    const get = (url: string, host: string) => fixture.api.inject({ url, headers: { host } });
    expect((await get("/api/v1/setup", "tyto.example.com")).statusCode).toBe(200);
    expect((await get("/api/v1/health", "tyto.cluster.internal")).statusCode).toBe(200);
    const sent = await fixture.api.inject({
      method: "POST",
      url: "/api/v1/ingest",
      payload: "line",
      headers: { ...bearer(fixture.tokens.ingest), host: "collector" },
    });
    expect(sent.statusCode).toBe(200);
  });
});

/** What the server answers to bytes that no proper client sends. */
function raw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
    socket.setTimeout(5_000, () => socket.destroy());
  });
}

describe("a smuggled request", () => {
  const head = "POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
  it.each([
    [
      "both lengths",
      `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n`,
    ],
    ["an unknown encoding", `${head}Transfer-Encoding: xchunked\r\n\r\n{}`],
    ["two lengths", `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `],
    ["no host", "GET /api/v1/setup HTTP/1.1\r\n\r\n"],
    ["a header with a line feed", "GET /api/v1/setup HTTP/1.1\r\nHost: localhost\r\nX: a\nb\r\n\r\n"],
    ["endless headers", `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(20_000)}\r\n\r\n`],
  ])("with %s is refused and its connection closed", async (_name, bytes) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});
