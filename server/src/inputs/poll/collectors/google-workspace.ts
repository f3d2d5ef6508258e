import { createSign } from "node:crypto";
import type { ConnectionSettings } from "@tyto/domain";
import type { Check } from "../../pull/ports.ts";
import { PullFailure } from "../../pull/pull-failure.ts";
import { callApi, isObject, listRecords, trimmed } from "../api-call.ts";
import type { ApiAnswer, Asking } from "../api-call.ts";
import type { Collector } from "../collector.ts";
import { OAuthToken } from "../oauth-token.ts";
import { pollKind } from "../poll-kind.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SCOPE = "https://www.googleapis.com/auth/admin.reports.audit.readonly";
const TOKEN_URL = "https://oauth2.googleapis.com/token";
const APPLICATIONS = ["login", "admin", "drive", "token", "user_accounts"];
const HINTS = {
  credentials: "Make a new key of the service account and set the secret serviceAccountKey.",
  permission: `Switch the Admin SDK API on, delegate the scope ${SCOPE} to the service account's client ID (Security > API controls > Domain-wide delegation), and check adminEmail.`,
};

interface ServiceAccount {
  readonly email: string;
  readonly privateKey: string;
  readonly tokenUrl: string;
}

/** Activity reports of Google Workspace, asked for by a service account on behalf of an administrator. */
export const googleWorkspaceKind = pollKind<"google-workspace">({
  kind: "google-workspace",
  title: "Google Workspace activity reports",
  needs: [
    `domain-wide delegation of ${SCOPE}`,
    "the Admin SDK API switched on",
    "an administrator who may see reports",
  ],
  streams: applicationsOf,
  collector: (settings, { serviceAccountKey }) => {
    const { baseUrl, adminEmail, customerId = "my_customer" } = settings;
    const base = trimmed(baseUrl ?? "https://admin.googleapis.com");
    // Only with another API may a key name another place for its login: the assertion is worth an hour of access.
    const account = accountOf(serviceAccountKey, baseUrl !== undefined);
    return reportsCollector({
      base,
      customerId,
      token: tokenOf(account, adminEmail),
      applications: applicationsOf(settings),
    });
  },
});

function applicationsOf({
  applications = APPLICATIONS,
}: ConnectionSettings<"google-workspace">): readonly string[] {
  return applications;
}

function accountOf(key: string, mayNameLogin: boolean): ServiceAccount {
  let value: unknown;
  try {
    value = JSON.parse(key);
  } catch {
    value = undefined;
  }
  const { client_email: email, private_key: privateKey, token_uri: login } = isObject(value) ? value : {};
  if (typeof email !== "string" || typeof privateKey !== "string") {
    throw new PullFailure("settings", "the secret serviceAccountKey is no key file of a service account", {
      hint: "Give the JSON file that Google made, whole.",
    });
  }
  return { email, privateKey, tokenUrl: mayNameLogin && typeof login === "string" ? login : TOKEN_URL };
}

function tokenOf({ email, privateKey, tokenUrl }: ServiceAccount, adminEmail: string): OAuthToken {
  const meaning = (status: number, body: unknown): PullFailure | undefined => {
    const error = isObject(body) ? body["error"] : undefined;
    if (status !== 400 && status !== 401) return undefined;
    if (error === "unauthorized_client" || error === "access_denied") {
      return new PullFailure(
        "permission",
        "Google does not let the service account act for the administrator",
        { hint: HINTS.permission },
      );
    }
    const hint = `${HINTS.credentials} Google also refuses when this machine's clock is wrong.`;
    return new PullFailure("credentials", "Google does not accept the service account's key", { hint });
  };
  return new OAuthToken({ url: tokenUrl, hints: HINTS, meaning }, (nowMs) => {
    const issuedAt = Math.floor(nowMs / 1_000);
    const claims = {
      iss: email,
      sub: adminEmail,
      scope: SCOPE,
      aud: tokenUrl,
      iat: issuedAt,
      exp: issuedAt + 3_600,
    };
    const unsigned = `${encoded({ alg: "RS256", typ: "JWT" })}.${encoded(claims)}`;
    return {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: `${unsigned}.${signed(unsigned, privateKey)}`,
    };
  });
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function signed(text: string, privateKey: string): string {
  try {
    return createSign("RSA-SHA256").update(text).sign(privateKey).toString("base64url");
  } catch (cause) {
    throw new PullFailure("settings", "the private key in serviceAccountKey cannot be used", {
      cause,
      hint: HINTS.credentials,
    });
  }
}

function reportsCollector(options: {
  readonly base: string;
  readonly customerId: string;
  readonly token: OAuthToken;
  readonly applications: readonly string[];
}): Collector {
  const { base, customerId, token, applications } = options;
  const urlOf = (application: string): URL => {
    const url = new URL(
      `${base}/admin/reports/v1/activity/users/all/applications/${encodeURIComponent(application)}`,
    );
    url.searchParams.set("customerId", customerId);
    return url;
  };
  const ask = async (asking: Asking, url: URL): Promise<ApiAnswer> => {
    const authorization = await token.bearer(asking);
    const headers = { authorization, accept: "application/json" };
    return callApi(asking, { url, headers, hints: HINTS, meaning });
  };
  return {
    scope: `Google Workspace ${customerId === "my_customer" ? new URL(base).host : customerId}`,
    streams: applications,
    maxRangeMs: 7 * DAY_MS,
    settleMs: 60_000,
    // Google names lag of up to hours for some reports.
    overlapMs: 6 * HOUR_MS,
    maxAgeMs: 180 * DAY_MS,
    pollEveryMs: 300_000,
    page: async (request) => {
      const url = urlOf(request.stream);
      url.searchParams.set("startTime", new Date(request.range.from).toISOString());
      url.searchParams.set("endTime", new Date(request.range.to).toISOString());
      url.searchParams.set("maxResults", "1000");
      if (request.next !== undefined) url.searchParams.set("pageToken", request.next);
      const answer = await ask(request, url);
      // Without activities there is no `items`.
      const next = isObject(answer.json) ? answer.json["nextPageToken"] : undefined;
      const records = listRecords(answer, "items", ({ id, etag }) => ({
        id: identityOf(id, etag),
        time: isObject(id) ? id["time"] : undefined,
      }));
      return { records, next: typeof next === "string" && next !== "" ? next : undefined };
    },
    test: async (request) => {
      await token.bearer(request);
      const checks: Check[] = [
        { name: "login", ok: true, message: "the service account can log in", hint: null },
      ];
      for (const application of applications) {
        const url = urlOf(application);
        url.searchParams.set("maxResults", "1");
        try {
          await ask(request, url);
          checks.push({ name: application, ok: true, message: "its report can be read", hint: null });
        } catch (error) {
          if (!(error instanceof PullFailure)) throw error;
          checks.push({ name: application, ok: false, message: error.message, hint: error.hint ?? null });
        }
      }
      return checks;
    },
  };
}

/** `uniqueQualifier` tells activities of one instant and application apart. */
function identityOf(id: unknown, etag: unknown): unknown {
  if (!isObject(id) || id["uniqueQualifier"] === undefined) return etag;
  return [id["time"], id["uniqueQualifier"], id["applicationName"]].map(String).join(" ");
}

function meaning(status: number, body: unknown): PullFailure | undefined {
  const error = isObject(body) && isObject(body["error"]) ? body["error"] : {};
  const { message } = error;
  const details = Array.isArray(error["errors"]) ? error["errors"] : [];
  const reasons = details.map((one: unknown) => (isObject(one) ? String(one["reason"]) : ""));
  if (status === 403 && reasons.some((reason) => /rateLimitExceeded|quotaExceeded/i.test(reason))) {
    return new PullFailure("throttled", "Google asks to wait (403)", { retryAfterMs: 60_000 });
  }
  if (status === 400 && typeof message === "string" && /page.?token/i.test(message)) {
    return new PullFailure("stale-cursor", "Google does not know the page any more");
  }
  return undefined;
}
