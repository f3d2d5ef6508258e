/** What the server says of itself, its books, its rules and its console. */
import { brotliDecompressSync } from "node:zlib";
import { micros, RuleRowListSchema, SourceListSchema, QuarantineListSchema, sourceId } from "@tyto/domain";
import type { Health, Micros, Quarantined, RuleRow, SourceList } from "@tyto/domain";
import { Compile } from "typebox/compile";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LiveAccount } from "../../storage/index.ts";
import { onlyRows, UNTOUCHED } from "./rule-fixture.ts";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

const SOURCE = sourceId("00000000000000bb");
const SILENT = sourceId("00000000000000cc");
const RULES: readonly RuleRow[] = Array.from({ length: 5 }, (_, index) => ({
  id: `path:rules/rule-${index}.yml`,
  title: `Rule ${index}`,
  level: "high",
  kind: "event",
  status: "runnable",
  reason: null,
  path: `rules/rule-${index}.yml`,
  description: "",
  tags: [],
  response: [],
  yaml: `title: Rule ${index}`,
  cases: { passed: index, failed: 0 },
  ...UNTOUCHED,
}));
const ACCOUNT: LiveAccount = {
  source: SOURCE,
  received: 10,
  stored: 6,
  filtered: 1,
  quarantined: 1,
  queued: 2,
  unknown: 1,
  lastEventAt: micros(1_500_000),
  filteredBy: { duplicate: 1 },
  quarantinedBy: { oversize: 1 },
  packs: ["linux-auth", "unknown"],
  rate: Array<number>(30).fill(0.5),
  delay: -90_000_000,
};

let fixture: ApiFixture;
let health: Pick<Health, "status" | "reasons"> = { status: "ok", reasons: [] };

beforeAll(async () => {
  const base = await startApi();
  await base.close();
  fixture = await startApi({
    health: () => health,
    ownRules: onlyRows(() => RULES),
    ledger: {
      accounts: () => [ACCOUNT],
      eventsPerSecond: () => [1, 2],
      udpDropped: () => Promise.resolve(3),
      masked: () => ({ password: 2 }),
    },
    listening: () => [{ input: "syslog-udp", address: "127.0.0.1:5514", isTls: false }],
    engine: {
      ...base.dependencies.engine,
      events: {
        ...base.dependencies.engine.events,
        quarantined: ({ before = Infinity, limit }) =>
          Promise.resolve(
            [9, 7, 4]
              .filter((sequence) => sequence < before)
              .slice(0, limit)
              .map((sequence) => ({
                id: `00000000000000aa-${sequence}` as never,
                sequence: sequence as never,
                source: SOURCE,
                ingested: micros(0),
                reason: "oversize" as const,
                detail: "longer than a megabyte",
                raw: Buffer.concat([Buffer.from([0xff]), Buffer.alloc(3_000, 0x61)]),
              })),
          ),
      },
    },
  });
  const source = (id: typeof SOURCE, name: string, firstSeenAt: Micros) =>
    fixture.control.registerSource({ id, input: "syslog-udp", name, discriminator: name, firstSeenAt });
  await source(SOURCE, "web-1", micros(1));
  await source(SILENT, "web-2", micros(2));
});
afterAll(() => fixture.close());

const get = (url: string, headers: object = bearer(fixture.tokens.read)) =>
  fixture.api.inject({ url, headers: { ...headers } });

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
}
interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Record<string, unknown> };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Record<string, unknown> }
  >;
}

describe("the description", () => {
  it("is OpenAPI 3.1 and complete: every call has a summary, a way in and its errors", async () => {
    const document = (await get("/api/v1/openapi.json", {})).json<OpenApi>();
    expect(document.openapi).toBe("3.1.0");
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
    );
    expect(operations.length).toBeGreaterThanOrEqual(130);
    for (const { name, operation } of operations) {
      expect(operation.summary, name).toBeTruthy();
      expect(operation.tags, name).toHaveLength(1);
      expect(operation.security, name).toBeDefined();
      const statuses = Object.keys(operation.responses);
      expect(statuses, name).toEqual(expect.arrayContaining(["400", "500", "503"]));
      if ((operation.security ?? []).length > 0)
        expect(statuses, name).toEqual(expect.arrayContaining(["401", "403"]));
      expect(
        statuses.some((status) => status.startsWith("2")),
        name,
      ).toBe(true);
      for (const [status, { description, content }] of Object.entries(operation.responses)) {
        expect(description, `${name} ${status}`).not.toBe("See the error");
        if (status !== "204") expect(content?.["application/json"], `${name} ${status}`).toBeDefined();
      }
      if (
        name.startsWith("post") &&
        !/\/(logout|link|reload|canary|undelete|\{id\}\/(test|run|undo|restore|end))$/.test(name)
      )
        expect(operation.requestBody, name).toBeDefined();
    }
    const ingest = document.paths["/api/v1/ingest"]?.["post"];
    expect(Object.keys(ingest?.requestBody?.content ?? {})).toEqual([
      "application/x-ndjson",
      "application/json",
      "text/plain",
    ]);
  });
});

describe("health", () => {
  it.each([
    ["ok", 200],
    ["starting", 503],
    ["degraded", 503],
  ] as const)("when %s answers %i", async (status, code) => {
    health = { status, reasons: status === "ok" ? [] : ["the engine is down"] };
    const reply = await get("/api/v1/health", {});
    expect(reply.statusCode).toBe(code);
    expect(reply.json()).toEqual({ status, version: "0.0.0-test", reasons: health.reasons });
  });
});

describe("the books", () => {
  it("show every source with its account, and one that never sent with zeros", async () => {
    const list = (await get("/api/v1/sources")).json<SourceList>();
    expect([...Compile(SourceListSchema).Errors(list)]).toEqual([]);
    expect(list.items).toMatchObject([
      {
        id: SOURCE,
        name: "web-1",
        pack: "linux-auth",
        received: 10,
        queued: 2,
        isBalanced: true,
        lastEventAt: "1970-01-01T00:00:01.500Z",
      },
      { id: SILENT, name: "web-2", pack: null, received: 0, isBalanced: true, lastEventAt: null },
    ]);
    expect(list).toMatchObject({
      totals: { received: 10, stored: 6, filtered: 1, quarantined: 1, queued: 2 },
      udpDropped: 3,
      listening: [{ input: "syslog-udp", address: "127.0.0.1:5514", isTls: false }],
      nextCursor: null,
    });
    expect(list.items.every((source) => source.rate.length === 30)).toBe(true);
  });

  it("page", async () => {
    const first = (await get("/api/v1/sources?limit=1")).json<SourceList>();
    const second = (await get(`/api/v1/sources?limit=1&cursor=${first.nextCursor ?? ""}`)).json<SourceList>();
    expect([...first.items, ...second.items].map((source) => source.name)).toEqual(["web-1", "web-2"]);
    expect(second.nextCursor).toBeNull();
  });

  it("show what is in quarantine, page by page, with the start of its bytes", async () => {
    const first = (await get("/api/v1/quarantine?limit=2")).json<{
      items: Quarantined[];
      nextCursor: string;
    }>();
    expect([...Compile(QuarantineListSchema).Errors(first)]).toEqual([]);
    expect(first.items[0]).toMatchObject({ source: "web-1", reason: "oversize", bytes: 3_001 });
    expect(first.items[0]?.excerpt).toBe(`\ufffd${"a".repeat(1_999)}`);
    const second = (await get(`/api/v1/quarantine?limit=2&cursor=${first.nextCursor}`)).json<typeof first>();
    expect(second.items.map((record) => record.id)).toEqual(["00000000000000aa-4"]);
    expect(second.nextCursor).toBeNull();
  });
});

describe("the rules", () => {
  it("are listed and found by an id with slashes", async () => {
    const list = (await get("/api/v1/rules")).json<{ items: RuleRow[] }>();
    expect([...Compile(RuleRowListSchema).Errors(list)]).toEqual([]);
    expect(list.items).toHaveLength(5);
    const one = await get(`/api/v1/rules/${encodeURIComponent("path:rules/rule-3.yml")}`);
    expect(one.json<RuleRow>().title).toBe("Rule 3");
    expect((await get("/api/v1/rules/none")).statusCode).toBe(404);
  });
});

describe("the console", () => {
  it("is served with its files kept for as long as they cannot change", async () => {
    const page = await get("/", {});
    expect([page.statusCode, page.headers["cache-control"]]).toEqual([200, "no-cache"]);
    expect(page.headers["content-type"]).toContain("text/html");
    const script = await get("/assets/index-3f2a.js", {});
    expect(script.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(script.headers["content-type"]).toContain("javascript");
  });

  it("comes compressed to who can take it, and says that it differs", async () => {
    const plain = await get("/assets/index-3f2a.js", {});
    expect([plain.headers["content-encoding"], plain.headers.vary]).toEqual([undefined, "accept-encoding"]);
    const { headers, rawPayload } = await get("/assets/index-3f2a.js", { "accept-encoding": "gzip, br" });
    expect([headers["content-encoding"], headers["content-type"]]).toEqual([
      "br",
      plain.headers["content-type"],
    ]);
    expect(headers.vary).toContain("accept-encoding");
    expect(headers["cache-control"]).toBe(plain.headers["cache-control"]);
    expect(brotliDecompressSync(rawPayload).toString()).toBe(plain.body);
  });

  it("answers every page of its own with the one file", async () => {
    for (const url of ["/alerts", "/alerts/abc.def", "/search?q=1", "/setup"]) {
      const page = await get(url, { accept: "text/html,*/*" });
      expect([page.statusCode, page.body]).toEqual([200, "<!doctype html><title>Tyto</title>"]);
    }
    expect((await get("/login", { accept: "*/*" })).statusCode).toBe(200);
    expect((await get("/alerts", { accept: "application/json" })).statusCode).toBe(404);
    expect((await get("/robots.txt", { accept: "*/*" })).statusCode).toBe(404);
    expect((await get("/assets/gone.js", { accept: "text/html" })).statusCode).toBe(404);
    expect((await get("/api/v1/gone", { accept: "text/html" })).statusCode).toBe(404);
  });

  it.each([
    "/../control.db",
    "/..%2fcontrol.db",
    "/%2e%2e/control.db",
    "/assets/..%5c..%5ccontrol.db",
    "/.secret",
    "/%00",
  ])("gives nothing from outside its folder: %s", async (url) => {
    const reply = await get(url, {});
    expect([400, 403, 404]).toContain(reply.statusCode);
    expect(reply.body).not.toContain("canary");
  });

  it("forbids whatever is not its own", async () => {
    const { headers } = await get("/", {});
    expect(headers["content-security-policy"]).toBe(
      "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
    );
    expect(headers).toMatchObject({
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
  });
});
