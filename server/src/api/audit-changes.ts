import { isPermission, PERMISSIONS } from "@tyto/domain";
import type { Permission } from "@tyto/domain";
import type { FastifyRequest } from "fastify";
import type { AuditEntry, ChangeAction } from "../storage/index.ts";
import { actorOf } from "./access/caller.ts";
import type { ApiDependencies } from "./dependencies.ts";
import type { HttpServer } from "./http-server.ts";

/** What the audit log calls a use of each permission that changes something. */
const ACTION_OF = {
  "alerts.triage": "alert-changed",
  "searches.save": "view-changed",
  "assets.change": "asset-changed",
  "rules.change": "rule-changed",
  "sources.change": "source-changed",
  "filters.change": "filter-changed",
  "settings.change": "settings-changed",
  "data.copy": "data-copied",
  "tokens.manage": "token-changed",
  "users.manage": "user-changed",
} as const satisfies Partial<Record<Permission, ChangeAction>>;

const MAX_TEXT = 1_000;
const MAX_ITEMS = 50;
const MAX_DEPTH = 6;
const MAX_ENTRY = 16_384;
const SECRET_NAME = /pass(?:word|phrase)|secret|token|credential|api.?key|private/i;

/**
 * Writes each change down before it is made: who, which route, how it was before where the route can say that, and what was asked.
 * What could not be written down is not done. Routes that write better entries themselves say `audit: "own"`.
 */
export function auditChanges(app: HttpServer, { audit }: Pick<ApiDependencies, "audit">): void {
  app.addHook("preHandler", async (request) => {
    const { access, audit: kind, before } = request.routeOptions.config;
    if (request.method === "GET" || kind !== undefined || request.caller === null) return;
    const action = access === undefined ? undefined : actionOf(access);
    if (action === undefined) return;
    const was: unknown = await before?.(request);
    await audit.append({ actor: actorOf(request.caller), action, detail: detailOf(request, was) });
  });
}

/** A part of the path, by its name in the route. */
export function paramOf({ params }: FastifyRequest, name: string): string {
  if (typeof params !== "object" || params === null) return "";
  const value: unknown = Object.entries(params).find(([key]) => key === name)?.[1];
  return typeof value === "string" ? value : "";
}

function actionOf(access: string): ChangeAction | undefined {
  if (!isPermission(access) || !PERMISSIONS[access].isChange) return undefined;
  return access in ACTION_OF ? ACTION_OF[access as keyof typeof ACTION_OF] : "settings-changed";
}

function detailOf(request: FastifyRequest, before: unknown): AuditEntry["detail"] {
  const { method, routeOptions, params, body } = request;
  const route = `${method} ${routeOptions.url ?? ""}`;
  const detail = {
    route,
    ...(hasKeys(params) ? { params: shown(params) } : {}),
    ...(before === undefined ? {} : { before: shown(before) }),
    // A body that the route reads itself is a file.
    ...(isPlain(body) ? { after: shown(body) } : {}),
  };
  if (JSON.stringify(detail).length <= MAX_ENTRY) return detail;
  return { route, ...(hasKeys(params) ? { params: shown(params) } : {}), isCut: true };
}

/** Without what nobody may read later, and not without end. */
export function shown(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH) return "…";
  if (Array.isArray(value)) {
    const items: unknown[] = value.slice(0, MAX_ITEMS).map((one: unknown) => shown(one, depth + 1));
    return value.length > MAX_ITEMS ? [...items, `… ${value.length - MAX_ITEMS} more`] : items;
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      SECRET_NAME.test(name) && typeof one === "string" ? "(not shown)" : shown(one, depth + 1),
    ]),
  );
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function hasKeys(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}
