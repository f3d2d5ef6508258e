import { callApi, listRecords, nextLink, requireList, sameOrigin, trimmed } from "../api-call.ts";
import type { Asking, ApiAnswer } from "../api-call.ts";
import type { Collector } from "../collector.ts";
import { pollKind } from "../poll-kind.ts";

const HINTS = {
  credentials:
    "Make an API token as a read-only administrator (Security > API > Tokens) and set the secret apiToken.",
  permission: "The token's administrator must be allowed to read the System Log (Read-Only Administrator).",
};
const DAY_MS = 86_400_000;
const LIST = "system log";

/** Okta's System Log: `since` and `until`, pages by the Link header. */
export const oktaKind = pollKind<"okta">({
  kind: "okta",
  title: "Okta System Log",
  needs: ["an API token of a Read-Only Administrator"],
  streams: () => [LIST],
  collector: ({ baseUrl }, { apiToken }) => oktaCollector(trimmed(baseUrl), apiToken),
});

function oktaCollector(base: string, apiToken: string): Collector {
  const scope = new URL(base).host;
  const ask = (asking: Asking, url: string): Promise<ApiAnswer> =>
    callApi(asking, {
      url,
      headers: { authorization: `SSWS ${apiToken}`, accept: "application/json" },
      hints: HINTS,
    });
  return {
    scope,
    streams: [LIST],
    maxRangeMs: 7 * DAY_MS,
    settleMs: 10_000,
    overlapMs: 10 * 60_000,
    maxAgeMs: 90 * DAY_MS,
    pollEveryMs: 60_000,
    page: async (request) => {
      const url = new URL(`${base}/api/v1/logs`);
      url.searchParams.set("since", new Date(request.range.from).toISOString());
      url.searchParams.set("until", new Date(request.range.to).toISOString());
      url.searchParams.set("sortOrder", "ASCENDING");
      url.searchParams.set("limit", "1000");
      const answer = await ask(request, request.next ?? url.href);
      requireList(answer, undefined, scope);
      const next = nextLink(answer.headers);
      const records = listRecords(answer, undefined, ({ uuid, published }) => ({
        id: uuid,
        time: published,
      }));
      return {
        records,
        next: next === undefined || records.length === 0 ? undefined : sameOrigin(next, base),
      };
    },
    test: async (request) => {
      await ask(request, `${base}/api/v1/logs?limit=1`);
      return [{ name: LIST, ok: true, message: "the System Log can be read", hint: null }];
    },
  };
}
