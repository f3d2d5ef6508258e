import type { ConnectionSettings } from "@tyto/domain";
import { PullFailure } from "../../pull/pull-failure.ts";
import { callApi, isObject, listRecords, requireList, sameOrigin, trimmed } from "../api-call.ts";
import type { ApiAnswer, ApiCall, Asking } from "../api-call.ts";
import type { Collector, Page, PageRequest } from "../collector.ts";
import type { OAuthToken } from "../oauth-token.ts";
import { pollKind } from "../poll-kind.ts";
import { LOGIN_HINTS, microsoftToken } from "./entra.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TYPES = ["Audit.AzureActiveDirectory", "Audit.Exchange", "Audit.SharePoint", "Audit.General"] as const;
const MAX_BLOB_TRIES = 3;
const HINTS = {
  credentials: LOGIN_HINTS.credentials,
  permission:
    "Give the application ActivityFeed.Read (and ActivityFeed.ReadDlp for DLP.All) of the Office 365 Management APIs with administrator consent, and switch auditing on in Purview.",
};

/** The Management Activity API: subscriptions, lists of content, and the blobs that they name. */
export const microsoft365Kind = pollKind<"microsoft-365">({
  kind: "microsoft-365",
  title: "Microsoft 365 Management Activity",
  needs: [
    "Office 365 Management APIs application permission ActivityFeed.Read (ActivityFeed.ReadDlp for DLP.All)",
    "auditing switched on in Microsoft Purview",
  ],
  streams: typesOf,
  collector: (settings, { clientSecret }) => {
    const base = trimmed(settings.baseUrl ?? "https://manage.office.com");
    const { tenantId, clientId, loginUrl } = settings;
    const token = microsoftToken({ loginUrl, tenantId, clientId, clientSecret, scope: `${base}/.default` });
    return new ActivityFeed({ base, token, tenantId, types: typesOf(settings) });
  },
});

function typesOf({ contentTypes = [...TYPES] }: ConnectionSettings<"microsoft-365">): readonly string[] {
  return contentTypes;
}

/** What is still to be done of a range: blobs of the list's page, then its next page. */
interface Place {
  readonly blobs: readonly string[];
  readonly list?: string | undefined;
}

class ActivityFeed implements Collector {
  readonly scope: string;
  readonly streams: readonly string[];
  readonly maxRangeMs = DAY_MS;
  readonly settleMs = 60_000;
  // Content turns up in the list hours after what it tells of; the list itself is by the time that content became available.
  readonly overlapMs = HOUR_MS;
  readonly maxAgeMs = 7 * DAY_MS;
  readonly pollEveryMs = 300_000;
  readonly #base: string;
  readonly #token: OAuthToken;
  readonly #root: string;
  readonly #tries = new Map<string, number>();

  constructor(options: {
    readonly base: string;
    readonly token: OAuthToken;
    readonly tenantId: string;
    readonly types: readonly string[];
  }) {
    this.#base = options.base;
    this.#token = options.token;
    this.scope = `Microsoft 365 ${options.tenantId}`;
    this.streams = options.types;
    this.#root = `${options.base}/api/v1.0/${encodeURIComponent(options.tenantId)}/activity/feed`;
  }

  /** Content is kept for those types only that are subscribed to. */
  async prepare(asking: Asking): Promise<void> {
    for (const type of this.streams) {
      await this.#ask(asking, {
        url: `${this.#root}/subscriptions/start?contentType=${encodeURIComponent(type)}`,
        method: "POST",
        headers: { "content-length": "0" },
        hints: HINTS,
        // AF20024: the subscription is already enabled.
        meaning: (status, body) => (status === 400 && codeOf(body) === "AF20024" ? ALREADY : undefined),
      }).catch((error: unknown) => {
        if (error !== ALREADY) throw error;
      });
    }
  }

  async page(request: PageRequest): Promise<Page> {
    const place =
      request.next === undefined ? { blobs: [], list: this.#listUrl(request) } : placeOf(request.next);
    const [blob, ...others] = place.blobs;
    if (blob !== undefined) return this.#blob(request, blob, { ...place, blobs: others });
    if (place.list === undefined) return { records: [], next: undefined };
    const answer = await this.#ask(request, { url: place.list, hints: HINTS, meaning: listMeaning });
    requireList(answer, undefined, new URL(this.#base).host);
    const blobs = Array.isArray(answer.json) ? answer.json.flatMap((one: unknown) => uriOf(one)) : [];
    const following = answer.headers["nextpageuri"];
    const list =
      typeof following === "string" && following !== "" ? sameOrigin(following, this.#base) : undefined;
    return { records: [], next: nextOf({ blobs, list }) };
  }

  async test(
    asking: Asking,
  ): Promise<readonly { name: string; ok: boolean; message: string; hint: string | null }[]> {
    await this.#token.bearer(asking);
    const { json } = await this.#ask(asking, { url: `${this.#root}/subscriptions/list`, hints: HINTS });
    const enabled = new Set(
      (Array.isArray(json) ? json : []).flatMap((one: unknown) =>
        isObject(one) && one["status"] === "enabled" ? [String(one["contentType"])] : [],
      ),
    );
    return [
      { name: "login", ok: true, message: "the application can log in", hint: null },
      ...this.streams.map((type) => ({
        name: type,
        ok: true,
        message: enabled.has(type) ? "it is subscribed to" : "it will be subscribed to at the start",
        hint: null,
      })),
    ];
  }

  /** A blob that cannot be read again and again is passed over, and kept as it came. */
  async #blob(request: PageRequest, uri: string, rest: Place): Promise<Page> {
    const next = nextOf(rest);
    try {
      const answer = await this.#ask(request, {
        url: sameOrigin(uri, this.#base),
        hints: HINTS,
        meaning: blobMeaning,
      });
      requireList(answer, undefined, new URL(this.#base).host);
      this.#tries.delete(uri);
      const describe = ({
        Id,
        CreationTime,
      }: Readonly<Record<string, unknown>>): { id: unknown; time: unknown } => ({
        id: Id,
        time: CreationTime,
      });
      return { records: listRecords(answer, undefined, describe), next };
    } catch (error) {
      if (!(error instanceof PullFailure) || (error.kind !== "bad-reply" && error !== GONE)) throw error;
      const tries = (this.#tries.get(uri) ?? 0) + 1;
      this.#tries.set(uri, tries);
      if (error !== GONE && tries < MAX_BLOB_TRIES) throw error;
      this.#tries.delete(uri);
      const evidence =
        error.evidence ?? Buffer.from(JSON.stringify({ contentUri: uri, reason: error.message }));
      return { records: [], next, skipped: [{ what: uri, reason: error.message, evidence }] };
    }
  }

  #listUrl({ stream, range }: PageRequest): string {
    const url = new URL(`${this.#root}/subscriptions/content`);
    url.searchParams.set("contentType", stream);
    url.searchParams.set("startTime", secondsOf(range.from));
    url.searchParams.set("endTime", secondsOf(range.to));
    return url.href;
  }

  async #ask(asking: Asking, call: ApiCall): Promise<ApiAnswer> {
    const authorization = await this.#token.bearer(asking);
    try {
      return await callApi(asking, {
        ...call,
        headers: { ...call.headers, authorization, accept: "application/json" },
      });
    } catch (error) {
      if (error instanceof PullFailure && error.kind === "credentials") this.#token.forget();
      throw error;
    }
  }
}

const ALREADY = new PullFailure("settings", "the subscription is there already");
const GONE = new PullFailure("settings", "the content is not there any more");

function listMeaning(status: number, body: unknown): PullFailure | undefined {
  const code = codeOf(body);
  // AF20030/AF20031: the next page's address is wrong or too old.
  if (status === 400 && (code === "AF20031" || code === "AF20055")) {
    return new PullFailure("stale-cursor", "Microsoft 365 does not know the page any more");
  }
  if (code === "AF20022")
    return new PullFailure("settings", "a content type is not subscribed to", { hint: HINTS.permission });
  return undefined;
}

/** AF20051: the content has expired; AF20050: it never was there. */
function blobMeaning(status: number, body: unknown): PullFailure | undefined {
  const code = codeOf(body);
  const isGone = status === 404 || status === 410 || code === "AF20050" || code === "AF20051";
  return isGone ? GONE : undefined;
}

function codeOf(body: unknown): string {
  const error = isObject(body) ? body["error"] : undefined;
  return isObject(error) && typeof error["code"] === "string" ? error["code"] : "";
}

function uriOf(listed: unknown): readonly string[] {
  return isObject(listed) && typeof listed["contentUri"] === "string" ? [listed["contentUri"]] : [];
}

function nextOf(place: Place): string | undefined {
  return place.blobs.length === 0 && place.list === undefined ? undefined : JSON.stringify(place);
}

function placeOf(next: string): Place {
  const value: unknown = JSON.parse(next);
  if (!isObject(value) || !Array.isArray(value["blobs"]))
    throw new PullFailure("stale-cursor", "the place is not readable");
  const { list } = value;
  const blobs = value["blobs"].filter((blob): blob is string => typeof blob === "string");
  return { blobs, list: typeof list === "string" ? list : undefined };
}

/** The API takes whole seconds. */
function secondsOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19);
}
