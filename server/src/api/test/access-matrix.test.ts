/** Every route with every kind of caller: who gets in, and what the others are told. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ErrorBodySchema, isPermission, PERMISSIONS, ROLE_NAMES } from "@tyto/domain";
import type { ErrorBody, Permission } from "@tyto/domain";
import { Compile } from "typebox/compile";
import type { Access } from "../access/guard.ts";
import { bearer, NO_EVENTS, NO_QUERIES, startApi } from "./api-fixture.ts";
import type { ApiFixture, Login } from "./api-fixture.ts";

interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly access: Access;
}

const ROUTES: readonly Route[] = [
  { method: "GET", url: "/api/v1/health", access: "public" },
  { method: "GET", url: "/api/v1/alarms", access: "settings.read" },
  { method: "POST", url: "/api/v1/canary", access: "settings.change" },
  { method: "GET", url: "/metrics", access: "settings.read" },
  { method: "GET", url: "/api/v1/openapi.json", access: "public" },
  { method: "GET", url: "/api/v1/setup", access: "public" },
  { method: "POST", url: "/api/v1/setup", access: "public" },
  { method: "POST", url: "/api/v1/login", access: "public" },
  { method: "POST", url: "/api/v1/logout", access: "session" },
  { method: "GET", url: "/api/v1/session", access: "session" },
  { method: "POST", url: "/api/v1/session/confirm", access: "session" },
  { method: "POST", url: "/api/v1/welcome/check", access: "public" },
  { method: "POST", url: "/api/v1/welcome", access: "public" },
  { method: "GET", url: "/api/v1/users", access: "users.read" },
  { method: "POST", url: "/api/v1/users", access: "users.manage" },
  { method: "PATCH", url: "/api/v1/users/:id", access: "users.manage" },
  { method: "DELETE", url: "/api/v1/users/:id", access: "users.manage" },
  { method: "POST", url: "/api/v1/users/:id/link", access: "users.manage" },
  { method: "GET", url: "/api/v1/roles", access: "users.read" },
  { method: "PUT", url: "/api/v1/roles/:name/limits", access: "users.manage" },
  { method: "POST", url: "/api/v1/profile/password", access: "session" },
  { method: "GET", url: "/api/v1/profile/sessions", access: "session" },
  { method: "DELETE", url: "/api/v1/profile/sessions", access: "session" },
  { method: "DELETE", url: "/api/v1/profile/sessions/:id", access: "session" },
  { method: "GET", url: "/api/v1/system", access: "settings.read" },
  { method: "GET", url: "/api/v1/system/bundle", access: "settings.change" },
  { method: "GET", url: "/api/v1/audit", access: "audit.read" },
  { method: "GET", url: "/api/v1/audit/file", access: "audit.read" },
  { method: "GET", url: "/api/v1/overview", access: "alerts.read" },
  { method: "GET", url: "/api/v1/alerts", access: "alerts.read" },
  { method: "GET", url: "/api/v1/alerts/histogram", access: "alerts.read" },
  { method: "GET", url: "/api/v1/alerts/:id", access: "alerts.read" },
  { method: "GET", url: "/api/v1/alerts/:id/events", access: "alerts.read" },
  { method: "POST", url: "/api/v1/alerts/:id/transitions", access: "alerts.triage" },
  { method: "GET", url: "/api/v1/alerts/facets", access: "alerts.read" },
  { method: "GET", url: "/api/v1/alerts/groups", access: "alerts.read" },
  { method: "GET", url: "/api/v1/alerts/views", access: "alerts.read" },
  { method: "POST", url: "/api/v1/alerts/views", access: "searches.save" },
  { method: "DELETE", url: "/api/v1/alerts/views/:id", access: "searches.save" },
  { method: "POST", url: "/api/v1/alerts/bulk", access: "alerts.triage" },
  { method: "GET", url: "/api/v1/alerts/bulk/:id", access: "alerts.read" },
  { method: "DELETE", url: "/api/v1/alerts/bulk/:id", access: "alerts.triage" },
  { method: "POST", url: "/api/v1/alerts/bulk/:id/undo", access: "alerts.triage" },
  { method: "GET", url: "/api/v1/alerts/stream", access: "alerts.read" },
  { method: "POST", url: "/api/v1/alerts/:id/viewing", access: "alerts.read" },
  { method: "GET", url: "/api/v1/alerts/:id/similar", access: "alerts.read" },
  { method: "GET", url: "/api/v1/triage/settings", access: "settings.read" },
  { method: "POST", url: "/api/v1/triage/settings", access: "settings.change" },
  { method: "GET", url: "/api/v1/rules/:id/noise", access: "alerts.read" },
  { method: "POST", url: "/api/v1/events/find", access: "events.search" },
  { method: "GET", url: "/api/v1/entities/profile", access: "events.search" },
  { method: "GET", url: "/api/v1/assets", access: "assets.read" },
  { method: "GET", url: "/api/v1/assets/card", access: "assets.read" },
  { method: "GET", url: "/api/v1/assets/imports", access: "assets.read" },
  { method: "POST", url: "/api/v1/assets/imports/:id/undo", access: "assets.change" },
  { method: "POST", url: "/api/v1/assets/import", access: "assets.change" },
  { method: "POST", url: "/api/v1/assets/directory", access: "assets.change" },
  { method: "POST", url: "/api/v1/assets", access: "assets.change" },
  { method: "GET", url: "/api/v1/assets/:id", access: "assets.read" },
  { method: "PATCH", url: "/api/v1/assets/:id", access: "assets.change" },
  { method: "DELETE", url: "/api/v1/assets/:id", access: "assets.change" },
  { method: "POST", url: "/api/v1/search", access: "events.search" },
  { method: "DELETE", url: "/api/v1/search/:id", access: "events.search" },
  { method: "POST", url: "/api/v1/search/histogram", access: "events.search" },
  { method: "GET", url: "/api/v1/search/fields", access: "events.search" },
  { method: "POST", url: "/api/v1/query/check", access: "events.search" },
  { method: "POST", url: "/api/v1/query/complete", access: "events.search" },
  { method: "POST", url: "/api/v1/query/hover", access: "events.search" },
  { method: "POST", url: "/api/v1/query/format", access: "events.search" },
  { method: "GET", url: "/api/v1/search/:id", access: "events.search" },
  { method: "POST", url: "/api/v1/search/plan", access: "events.search" },
  { method: "POST", url: "/api/v1/search/facets", access: "events.search" },
  { method: "POST", url: "/api/v1/search/patterns", access: "events.search" },
  { method: "POST", url: "/api/v1/search/rule", access: "events.search" },
  { method: "GET", url: "/api/v1/search/tail", access: "events.search" },
  { method: "GET", url: "/api/v1/search/history", access: "events.search" },
  { method: "DELETE", url: "/api/v1/search/history", access: "events.search" },
  { method: "GET", url: "/api/v1/searches", access: "events.search" },
  { method: "POST", url: "/api/v1/searches", access: "searches.save" },
  { method: "PUT", url: "/api/v1/searches/:id", access: "searches.save" },
  { method: "DELETE", url: "/api/v1/searches/:id", access: "searches.save" },
  { method: "GET", url: "/api/v1/searches/:id/runs", access: "events.search" },
  { method: "POST", url: "/api/v1/searches/:id/run", access: "searches.save" },
  { method: "POST", url: "/api/v1/links", access: "searches.save" },
  { method: "GET", url: "/api/v1/links/:id", access: "events.search" },
  { method: "POST", url: "/api/v1/exports", access: "events.export" },
  { method: "GET", url: "/api/v1/exports", access: "events.export" },
  { method: "GET", url: "/api/v1/exports/:id", access: "events.export" },
  { method: "DELETE", url: "/api/v1/exports/:id", access: "events.export" },
  { method: "GET", url: "/api/v1/exports/:id/file", access: "events.export" },
  { method: "GET", url: "/api/v1/dashboards", access: "events.search" },
  { method: "GET", url: "/api/v1/dashboards/:id", access: "events.search" },
  { method: "GET", url: "/api/v1/dashboards/:id/versions", access: "events.search" },
  { method: "GET", url: "/api/v1/dashboards/:id/versions/:version", access: "events.search" },
  { method: "GET", url: "/api/v1/dashboards/:id/export", access: "events.search" },
  { method: "POST", url: "/api/v1/dashboards/check", access: "events.search" },
  { method: "POST", url: "/api/v1/dashboards", access: "searches.save" },
  { method: "PUT", url: "/api/v1/dashboards/:id", access: "searches.save" },
  { method: "DELETE", url: "/api/v1/dashboards/:id", access: "searches.save" },
  { method: "POST", url: "/api/v1/dashboards/:id/restore", access: "searches.save" },
  { method: "POST", url: "/api/v1/dashboards/drill", access: "events.search" },
  { method: "POST", url: "/api/v1/dashboards/query", access: "events.search" },
  { method: "GET", url: "/api/v1/events/:id", access: "events.read" },
  { method: "GET", url: "/api/v1/sources", access: "sources.read" },
  { method: "GET", url: "/api/v1/sources/ledger", access: "sources.read" },
  { method: "POST", url: "/api/v1/sources/:id/zone", access: "sources.change" },
  { method: "GET", url: "/api/v1/sources/:id/facts", access: "sources.read" },
  { method: "POST", url: "/api/v1/sources/:id/facts", access: "sources.change" },
  { method: "POST", url: "/api/v1/sources/:id/priority", access: "sources.change" },
  { method: "POST", url: "/api/v1/sources/:id/masking", access: "filters.change" },
  { method: "GET", url: "/api/v1/filters", access: "sources.read" },
  { method: "POST", url: "/api/v1/filters", access: "filters.change" },
  { method: "POST", url: "/api/v1/filters/preview", access: "events.search" },
  { method: "POST", url: "/api/v1/filters/:id/switch", access: "filters.change" },
  { method: "DELETE", url: "/api/v1/filters/:id", access: "filters.change" },
  { method: "GET", url: "/api/v1/masking", access: "sources.read" },
  { method: "PATCH", url: "/api/v1/masking", access: "filters.change" },
  { method: "GET", url: "/api/v1/events/:id/earlier", access: "events.read" },
  { method: "GET", url: "/api/v1/connections", access: "sources.read" },
  { method: "GET", url: "/api/v1/connections/kinds", access: "sources.read" },
  { method: "GET", url: "/api/v1/connections/:id", access: "sources.read" },
  { method: "POST", url: "/api/v1/connections", access: "sources.change" },
  { method: "PATCH", url: "/api/v1/connections/:id", access: "sources.change" },
  { method: "DELETE", url: "/api/v1/connections/:id", access: "sources.change" },
  { method: "POST", url: "/api/v1/connections/test", access: "sources.change" },
  { method: "POST", url: "/api/v1/connections/:id/test", access: "sources.change" },
  { method: "POST", url: "/api/v1/connections/:id/backfill", access: "sources.change" },
  { method: "GET", url: "/api/v1/quarantine", access: "events.read" },
  { method: "GET", url: "/api/v1/quarantine/:id/raw", access: "events.read" },
  { method: "POST", url: "/api/v1/quarantine/replay", access: "sources.change" },
  { method: "GET", url: "/api/v1/quarantine/replay/:id", access: "sources.read" },
  { method: "POST", url: "/api/v1/reparse", access: "sources.change" },
  { method: "GET", url: "/api/v1/reparse", access: "sources.read" },
  { method: "GET", url: "/api/v1/reparse/:id", access: "sources.read" },
  { method: "DELETE", url: "/api/v1/reparse/:id", access: "sources.change" },
  { method: "GET", url: "/api/v1/unknown", access: "events.read" },
  { method: "GET", url: "/api/v1/unknown/:id/lines", access: "events.read" },
  { method: "GET", url: "/api/v1/rules", access: "rules.read" },
  { method: "GET", url: "/api/v1/rules/:id", access: "rules.read" },
  { method: "POST", url: "/api/v1/rules/reload", access: "rules.change" },
  { method: "POST", url: "/api/v1/rules/backtest", access: "events.search" },
  { method: "GET", url: "/api/v1/rules/:id/explain", access: "rules.read" },
  { method: "POST", url: "/api/v1/rules/check", access: "rules.read" },
  { method: "GET", url: "/api/v1/rules/:id/source", access: "rules.read" },
  { method: "GET", url: "/api/v1/rules/own/:id", access: "rules.read" },
  { method: "GET", url: "/api/v1/rules/deleted", access: "rules.read" },
  { method: "POST", url: "/api/v1/rules/own", access: "rules.change" },
  { method: "PUT", url: "/api/v1/rules/own/:id", access: "rules.change" },
  { method: "DELETE", url: "/api/v1/rules/own/:id", access: "rules.change" },
  { method: "POST", url: "/api/v1/rules/own/:id/undelete", access: "rules.change" },
  { method: "POST", url: "/api/v1/rules/:id/switch", access: "rules.change" },
  { method: "GET", url: "/api/v1/rules/own/:id/versions", access: "rules.read" },
  { method: "GET", url: "/api/v1/rules/own/:id/versions/:number", access: "rules.read" },
  { method: "POST", url: "/api/v1/rules/own/:id/versions/:number/restore", access: "rules.change" },
  { method: "GET", url: "/api/v1/rules/export", access: "rules.read" },
  { method: "POST", url: "/api/v1/rules/import", access: "rules.change" },
  { method: "GET", url: "/api/v1/coverage", access: "rules.read" },
  { method: "GET", url: "/api/v1/exceptions", access: "rules.read" },
  { method: "GET", url: "/api/v1/exceptions/proposal", access: "rules.read" },
  { method: "GET", url: "/api/v1/exceptions/:id/versions", access: "rules.read" },
  { method: "GET", url: "/api/v1/exceptions/:id/hidden", access: "rules.read" },
  { method: "POST", url: "/api/v1/exceptions/preview", access: "rules.read" },
  { method: "POST", url: "/api/v1/exceptions", access: "rules.change" },
  { method: "PUT", url: "/api/v1/exceptions/:id", access: "rules.change" },
  { method: "POST", url: "/api/v1/exceptions/:id/end", access: "rules.change" },
  { method: "POST", url: "/api/v1/exceptions/:id/renew", access: "rules.change" },
  { method: "POST", url: "/api/v1/rules/explain", access: "rules.read" },
  { method: "POST", url: "/api/v1/rules/:id/test", access: "rules.read" },
  { method: "GET", url: "/api/v1/tokens", access: "tokens.manage" },
  { method: "POST", url: "/api/v1/tokens", access: "tokens.manage" },
  { method: "PATCH", url: "/api/v1/tokens/:id", access: "tokens.manage" },
  { method: "POST", url: "/api/v1/tokens/:id/rotate", access: "tokens.manage" },
  { method: "DELETE", url: "/api/v1/tokens/:id", access: "tokens.manage" },
  { method: "GET", url: "/api/v1/webhooks", access: "sources.change" },
  { method: "POST", url: "/api/v1/webhooks", access: "sources.change" },
  { method: "DELETE", url: "/api/v1/webhooks/:name", access: "sources.change" },
  { method: "GET", url: "/api/v1/retention", access: "settings.read" },
  { method: "PUT", url: "/api/v1/retention", access: "settings.change" },
  { method: "POST", url: "/api/v1/retention/run", access: "settings.change" },
  { method: "POST", url: "/api/v1/backup", access: "data.copy" },
  { method: "GET", url: "/api/v1/archive/days", access: "settings.read" },
  { method: "GET", url: "/api/v1/archive/:day", access: "data.copy" },
  { method: "POST", url: "/api/v1/archive/restore", access: "data.copy" },
  { method: "POST", url: "/api/v1/ingest", access: "ingest" },
];

const CALLERS = [
  "nobody",
  "wrong token",
  "expired token",
  "malformed header",
  "ingest token",
  "read token",
  "admin token",
  "session",
  "analyst's session",
  "viewer's session",
  "auditor's session",
  "session without csrf",
  "session with another's csrf",
  "session from another origin",
  "session from another site",
] as const;
type Caller = (typeof CALLERS)[number];

/** As the decision record says it, and not as the code does. */
const MAY: Readonly<Record<string, readonly Permission[]>> = {
  "analyst's session": [
    ...["alerts.read", "events.search", "events.read", "assets.read", "rules.read", "sources.read"],
    ...["alerts.triage", "events.export", "searches.save", "assets.change", "rules.change", "settings.read"],
  ].filter(isPermission),
  "viewer's session": [
    ...["alerts.read", "events.search", "events.read", "assets.read", "rules.read", "sources.read"],
  ].filter(isPermission),
  "auditor's session": [
    ...["alerts.read", "events.search", "events.read", "assets.read", "rules.read", "sources.read"],
    ...["settings.read", "users.read", "audit.read"],
  ].filter(isPermission),
};

const IN = "in";
/** 401, 403, or in: whatever the route then says about the request itself. */
type Verdict = 401 | 403 | typeof IN;

function expected(caller: Caller, { access, method }: Route): Verdict {
  const isChange = method !== "GET";
  const forSession = access === "ingest" ? 403 : IN;
  const forChange = isChange ? 403 : forSession;
  if (access === "public") return caller.startsWith("session from") && isChange ? 403 : IN;
  switch (caller) {
    case "nobody":
    case "wrong token":
    case "expired token":
    case "malformed header":
      return 401;
    case "ingest token":
      return access === "ingest" ? IN : 403;
    case "read token":
      return isPermission(access) && PERMISSIONS[access].scope === "read" ? IN : 403;
    case "admin token":
      return access === "session" ? 403 : IN;
    case "analyst's session":
    case "viewer's session":
    case "auditor's session":
      return isPermission(access) ? (MAY[caller]?.includes(access) === true ? IN : 403) : forSession;
    case "session":
      return forSession;
    case "session without csrf":
    case "session with another's csrf":
    case "session from another origin":
    case "session from another site":
      return forChange;
  }
}

let fixture: ApiFixture;
beforeAll(async () => {
  const nothing = { columns: [], rows: [], rowsRead: 0, bytesRead: 0, elapsedMs: 0, isPartial: false };
  fixture = await startApi({
    engine: {
      events: NO_EVENTS,
      queries: { ...NO_QUERIES, run: () => Promise.resolve(nothing) },
    },
  });
});
afterAll(() => fixture.close());

/** One login for all routes of a caller: each costs a password hash. */
const logins = new Map<string, Login>();

async function loggedIn(name: string, login: () => Promise<Login>): Promise<Login> {
  const known = logins.get(name) ?? (await login());
  logins.set(name, known);
  return known;
}

async function headersOf(caller: Caller): Promise<Record<string, string>> {
  const { tokens } = fixture;
  const role = ROLE_NAMES.find((name) => caller === `${name}'s session`);
  if (role !== undefined) {
    const { cookie, csrf } = await loggedIn(caller, () => fixture.loginAs(role));
    return { cookie, "x-tyto-csrf": csrf };
  }
  const { cookie, csrf } = caller.startsWith("session")
    ? await loggedIn(caller, () => fixture.login())
    : { cookie: "", csrf: "" };
  switch (caller) {
    case "nobody":
      return {};
    case "wrong token":
      return bearer(`tyto_${"x".repeat(43)}`);
    case "expired token":
      return bearer(tokens.expired);
    case "malformed header":
      return { authorization: `Basic ${tokens.admin}` };
    case "ingest token":
      return bearer(tokens.ingest);
    case "read token":
      return bearer(tokens.read);
    case "admin token":
      return bearer(tokens.admin);
    case "session":
      return { cookie, "x-tyto-csrf": csrf, origin: "http://localhost:80" };
    case "session without csrf":
      return { cookie };
    case "session with another's csrf":
      return { cookie, "x-tyto-csrf": (await loggedIn("another", () => fixture.login())).csrf };
    case "session from another origin":
      return { cookie, "x-tyto-csrf": csrf, origin: "http://evil.example.com" };
    case "session from another site":
      return { cookie, "x-tyto-csrf": csrf, "sec-fetch-site": "cross-site" };
    default:
      throw new Error(`nobody knows how to be ${caller}`);
  }
}

const isErrorBody = Compile(ErrorBodySchema);

describe.each(CALLERS)("%s", (caller) => {
  it.each(ROUTES)("$method $url", async (route) => {
    // Asking often is what this table does; nobody else may.
    fixture.clock.now = (fixture.clock.now + 1_000_000) as typeof fixture.clock.now;
    const headers = await headersOf(caller);
    // The session is over afterwards, or may be.
    if (/\/(?:logout|profile\/\w+)/.test(route.url)) logins.delete(caller);
    const body =
      route.method === "POST" || route.method === "PUT"
        ? { payload: "{}", headers: { "content-type": "application/json" } }
        : {};
    const reply = await fixture.api.inject({
      method: route.method,
      // A stream would stay open: this one ends at once.
      url: route.url
        .replace("roles/:name", "roles/viewer")
        .replace(/:(?:id|name)/, "0123456789abcdef")
        .replace(/stream$/, "stream?seconds=0"),
      ...body,
      headers: { ...body.headers, ...headers },
    });
    const verdict = expected(caller, route);
    if (verdict === IN) {
      // Login, setup and a shipper's own body have more to say than the way in.
      expect([200, 204, 400, 404]).toContain(reply.statusCode);
    } else {
      expect(reply.statusCode).toBe(verdict);
      const answer = reply.json<ErrorBody>();
      expect(isErrorBody.Check(answer)).toBe(true);
      expect(answer.error.code).toBe(verdict === 401 ? "unauthenticated" : "forbidden");
      expect(answer.error.hint).toBeTruthy();
      expect(reply.headers["www-authenticate"] === undefined).toBe(verdict === 403);
    }
    expect(reply.headers["content-security-policy"]).toContain("script-src 'self'");
    expect(reply.headers["cache-control"]).toBe("no-store");
  });
});

describe("the table", () => {
  it("knows every route that the server describes", async () => {
    const reply = await fixture.api.inject({ url: "/api/v1/openapi.json" });
    const { paths } = reply.json<{ paths: Record<string, Record<string, unknown>> }>();
    const described = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
    );
    expect(described.sort()).toEqual(ROUTES.map(({ method, url }) => `${method} ${url}`).sort());
  });

  it("is counted", () => {
    const refused = fixture.telemetry.counters
      .read()
      .filter(({ name }) => name === "api_credentials_refuse_total");
    expect(Object.fromEntries(refused.map(({ reason, value }) => [reason, value > 0]))).toEqual({
      "no-credentials": true,
      "unknown-token": true,
      "expired-token": true,
      // The test of tokens' terms does these.
      "switched-off-token": false,
      "over-rate": false,
      "no-session": false,
      "wrong-scope": true,
      "no-permission": true,
      // The tests of roles and of users do these.
      "limited-role": false,
      "stale-password": false,
      csrf: true,
      "foreign-origin": true,
    });
  });
});
