import { callApi, listRecords, nextLink, requireList, sameOrigin, trimmed } from "../api-call.ts";
import type { Asking, ApiAnswer } from "../api-call.ts";
import type { Collector } from "../collector.ts";
import { pollKind } from "../poll-kind.ts";

const HINTS = {
  credentials: "Make a personal access token with the scope read:audit_log and set the secret token.",
  permission:
    "The token's owner must own the organisation or enterprise, which must be of GitHub Enterprise Cloud, and the token needs read:audit_log (with SSO: authorised for it).",
};
const DAY_MS = 86_400_000;
const LIST = "audit log";

/** GitHub's audit log of an organisation or enterprise, pages by the cursor in the Link header. */
export const githubKind = pollKind<"github">({
  kind: "github",
  title: "GitHub audit log",
  needs: ["a token with read:audit_log of an owner", "GitHub Enterprise Cloud"],
  streams: () => [LIST],
  collector: (
    { baseUrl = "https://api.github.com", account, accountType = "org", include = "all" },
    { token },
  ) => {
    const list = accountType === "org" ? "orgs" : "enterprises";
    const url = `${trimmed(baseUrl)}/${list}/${encodeURIComponent(account)}/audit-log`;
    return githubCollector({ url, include, token });
  },
});

function githubCollector({
  url: list,
  include,
  token,
}: {
  readonly url: string;
  readonly include: string;
  readonly token: string;
}): Collector {
  const { host, pathname } = new URL(list);
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
  };
  const ask = (asking: Asking, url: string): Promise<ApiAnswer> =>
    callApi(asking, { url, headers, hints: HINTS });
  return {
    scope: `${host}${pathname}`,
    streams: [LIST],
    maxRangeMs: 7 * DAY_MS,
    settleMs: 30_000,
    overlapMs: 30 * 60_000,
    maxAgeMs: 180 * DAY_MS,
    pollEveryMs: 120_000,
    page: async (request) => {
      const url = new URL(list);
      const [from, to] = [request.range.from, request.range.to].map((at) => new Date(at).toISOString());
      url.searchParams.set("phrase", `created:${from}..${to}`);
      url.searchParams.set("order", "asc");
      url.searchParams.set("include", include);
      url.searchParams.set("per_page", "100");
      const answer = await ask(request, request.next ?? url.href);
      requireList(answer, undefined, host);
      const next = nextLink(answer.headers);
      const records = listRecords(answer, undefined, (record) => ({
        id: record["_document_id"],
        time: record["@timestamp"] ?? record["created_at"],
      }));
      return { records, next: next === undefined ? undefined : sameOrigin(next, list) };
    },
    test: async (request) => {
      await ask(request, `${list}?per_page=1`);
      return [{ name: LIST, ok: true, message: "the audit log can be read", hint: null }];
    },
  };
}
