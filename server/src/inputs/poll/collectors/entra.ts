import type { ConnectionSettings } from "@tyto/domain";
import type { Check } from "../../pull/ports.ts";
import { PullFailure } from "../../pull/pull-failure.ts";
import { callApi, isObject, listRecords, requireList, sameOrigin, trimmed } from "../api-call.ts";
import type { ApiAnswer, Asking } from "../api-call.ts";
import type { Collector } from "../collector.ts";
import { OAuthToken } from "../oauth-token.ts";
import { pollKind } from "../poll-kind.ts";

const DAY_MS = 86_400_000;
const LISTS = {
  signIns: { path: "signIns", time: "createdDateTime" },
  directoryAudits: { path: "directoryAudits", time: "activityDateTime" },
} as const;
type ListName = keyof typeof LISTS;

export const MICROSOFT_LOGIN = "https://login.microsoftonline.com";
export const LOGIN_HINTS = {
  credentials:
    "The client secret is wrong or has expired: make a new one (App registrations > Certificates & secrets) and set the secret clientSecret.",
  permission: "Check tenantId and clientId, and grant administrator consent to the application.",
};
const HINTS = {
  credentials: LOGIN_HINTS.credentials,
  permission:
    "Give the application the permission AuditLog.Read.All (application) with administrator consent; sign-ins also need Entra ID P1.",
};

/** The login of an application at Microsoft, by client credentials. */
export function microsoftToken(options: {
  readonly loginUrl: string | undefined;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}): OAuthToken {
  const { loginUrl = MICROSOFT_LOGIN, tenantId, clientId, clientSecret, scope } = options;
  const url = `${trimmed(loginUrl)}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`;
  const meaning = (status: number, body: unknown): PullFailure | undefined => {
    const error = isObject(body) ? body["error"] : undefined;
    if (status !== 400 && status !== 401) return undefined;
    if (error === "invalid_client") {
      return new PullFailure("credentials", "Microsoft does not accept the client secret", {
        hint: LOGIN_HINTS.credentials,
      });
    }
    return new PullFailure("settings", "Microsoft does not know this tenant or application", {
      hint: LOGIN_HINTS.permission,
    });
  };
  return new OAuthToken({ url, hints: LOGIN_HINTS, meaning }, () => ({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
    scope,
  }));
}

/** Sign-ins and directory audits of Microsoft Entra, by Microsoft Graph. */
export const entraKind = pollKind<"entra">({
  kind: "entra",
  title: "Microsoft Entra sign-ins and audit",
  needs: ["Microsoft Graph application permission AuditLog.Read.All", "Entra ID P1 for sign-ins"],
  streams: listsOf,
  collector: (settings, { clientSecret }) => {
    const base = trimmed(settings.baseUrl ?? "https://graph.microsoft.com");
    const token = microsoftToken({ ...tenantOf(settings), clientSecret, scope: `${base}/.default` });
    return entraCollector({ base, token, tenant: settings.tenantId, lists: listsOf(settings) });
  },
});

function tenantOf({ loginUrl, tenantId, clientId }: ConnectionSettings<"entra">): {
  readonly loginUrl: string | undefined;
  readonly tenantId: string;
  readonly clientId: string;
} {
  return { loginUrl, tenantId, clientId };
}

function listsOf({
  logs = ["signIns", "directoryAudits"],
}: ConnectionSettings<"entra">): readonly ListName[] {
  return logs;
}

function entraCollector(options: {
  readonly base: string;
  readonly token: OAuthToken;
  readonly tenant: string;
  readonly lists: readonly ListName[];
}): Collector {
  const { base, token, tenant, lists } = options;
  const ask = async (asking: Asking, url: string): Promise<ApiAnswer> => {
    const authorization = await token.bearer(asking);
    try {
      return await callApi(asking, {
        url,
        headers: { authorization, accept: "application/json" },
        hints: HINTS,
        meaning,
      });
    } catch (error) {
      if (error instanceof PullFailure && error.kind === "credentials") token.forget();
      throw error;
    }
  };
  return {
    scope: `Microsoft Entra ${tenant}`,
    streams: lists,
    maxRangeMs: DAY_MS,
    settleMs: 120_000,
    overlapMs: 3_600_000,
    maxAgeMs: 30 * DAY_MS,
    pollEveryMs: 120_000,
    page: async (request) => {
      const { path, time } = LISTS[request.stream === "signIns" ? "signIns" : "directoryAudits"];
      const url = new URL(`${base}/v1.0/auditLogs/${path}`);
      const [from, to] = [request.range.from, request.range.to].map((at) => new Date(at).toISOString());
      url.searchParams.set("$filter", `${time} ge ${from} and ${time} lt ${to}`);
      url.searchParams.set("$orderby", time);
      url.searchParams.set("$top", "1000");
      const answer = await ask(request, request.next ?? url.href);
      requireList(answer, "value", new URL(base).host);
      const next = isObject(answer.json) ? answer.json["@odata.nextLink"] : undefined;
      const records = listRecords(answer, "value", (record) => ({ id: record["id"], time: record[time] }));
      return { records, next: typeof next === "string" ? sameOrigin(next, base) : undefined };
    },
    test: async (request) => {
      const checks: Check[] = [];
      await token.bearer(request);
      checks.push({ name: "login", ok: true, message: "the application can log in", hint: null });
      for (const list of lists) {
        try {
          await ask(request, `${base}/v1.0/auditLogs/${LISTS[list].path}?$top=1`);
          checks.push({ name: list, ok: true, message: "it can be read", hint: null });
        } catch (error) {
          if (!(error instanceof PullFailure)) throw error;
          checks.push({ name: list, ok: false, message: error.message, hint: error.hint ?? null });
        }
      }
      return checks;
    },
  };
}

/** Graph forgets where a list was after a while. */
function meaning(status: number, body: unknown): PullFailure | undefined {
  const error = isObject(body) && isObject(body["error"]) ? body["error"]["code"] : undefined;
  if (status === 400 && typeof error === "string" && /skip.?token|UnknownError|BadRequest/i.test(error)) {
    return new PullFailure("stale-cursor", "Microsoft Graph does not know the page any more");
  }
  return undefined;
}
