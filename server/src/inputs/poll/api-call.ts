import type { IncomingHttpHeaders } from "node:http";
import type { OutboundRequest, WholeResponse } from "../outbound/http-client.ts";
import { PullFailure } from "../pull/pull-failure.ts";
import type { PageRequest, PolledRecord } from "./collector.ts";
import { jsonElements } from "./json-elements.ts";

export type Asking = Pick<PageRequest, "http" | "signal" | "heard" | "nowMs">;

export interface ApiCall extends Omit<OutboundRequest, "signal"> {
  /** What a person does about a 401, and about a 403. */
  readonly hints: { readonly credentials: string; readonly permission: string };
  /** What a 400 (or another status) means, where it means something of its own. */
  readonly meaning?: (status: number, body: unknown) => PullFailure | undefined;
  readonly maxBytes?: number;
}

export interface ApiAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly json: unknown;
  readonly bytes: Uint8Array;
}

const MAX_WAIT_MS = 3_600_000;
const MAX_EVIDENCE_BYTES = 256 * 1024;

/** Asks an API and gives its JSON, or says in words what its status means. @throws PullFailure */
export async function callApi(asking: Asking, call: ApiCall): Promise<ApiAnswer> {
  const response = await asking.http.whole({ ...call, signal: asking.signal });
  asking.heard(response.headers.date);
  const host = new URL(call.url).host;
  const json = parsed(response.bytes);
  if (response.status === 200 || response.status === 201) {
    if (json !== undefined) return { headers: response.headers, json, bytes: response.bytes };
    throw malformed(host, response);
  }
  throw call.meaning?.(response.status, json) ?? statusFailure(host, response, call, asking.nowMs);
}

/** Another than the API may stand in the way (a proxy's page): that passes. What calls itself JSON and is none is the peer's fault. */
function malformed(host: string, { headers, bytes }: WholeResponse): PullFailure {
  if (!String(headers["content-type"] ?? "").includes("json")) {
    return new PullFailure("unreachable", `${host} does not answer as the API does`, {
      hint: "Check the address, and whether a proxy answers in its place.",
    });
  }
  return new PullFailure("bad-reply", `${host} sent JSON that is broken`, {
    evidence: bytes.subarray(0, MAX_EVIDENCE_BYTES),
  });
}

function statusFailure(host: string, response: WholeResponse, call: ApiCall, nowMs: number): PullFailure {
  const { status, headers } = response;
  const retryAfterMs = retryAfter(headers, nowMs);
  if (status === 401) {
    return new PullFailure("credentials", `${host} does not accept the credentials (401)`, {
      hint: call.hints.credentials,
    });
  }
  const isQuota = headers["x-ratelimit-remaining"] === "0" || headers["retry-after"] !== undefined;
  if (status === 429 || ((status === 403 || status === 503) && isQuota)) {
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    return new PullFailure("throttled", `${host} asks to wait (${status})`, wait);
  }
  if (status === 403) {
    return new PullFailure("permission", `${host} does not allow this (403)`, {
      hint: call.hints.permission,
    });
  }
  if (status === 404) {
    return new PullFailure("settings", `${host} does not know what is asked for (404)`, {
      hint: call.hints.permission,
    });
  }
  if (status >= 300 && status < 400) {
    return new PullFailure("refused", `${host} leads elsewhere (${status}), which is not followed`, {
      hint: "Set the address that it leads to as baseUrl, when it is the right one.",
    });
  }
  if (status >= 500) return new PullFailure("unreachable", `${host} fails (${status})`);
  return new PullFailure("settings", `${host} refuses the question (${status})`, {
    hint: call.hints.permission,
  });
}

/** `Retry-After` (seconds or a date), else the reset of a quota (seconds since 1970), in milliseconds from now. */
export function retryAfter(headers: IncomingHttpHeaders, nowMs: number): number | undefined {
  const asked = headers["retry-after"];
  const date = typeof headers.date === "string" ? Date.parse(headers.date) : Number.NaN;
  const there = Number.isNaN(date) ? nowMs : date;
  if (asked !== undefined) {
    const waitMs = /^\d+$/.test(asked) ? Number(asked) * 1_000 : Date.parse(asked) - there;
    if (Number.isFinite(waitMs)) return Math.min(Math.max(waitMs, 1_000), MAX_WAIT_MS);
  }
  const reset = headers["x-rate-limit-reset"] ?? headers["x-ratelimit-reset"];
  if (typeof reset !== "string" || !/^\d{9,11}$/.test(reset)) return undefined;
  return Math.min(Math.max(Number(reset) * 1_000 - there, 1_000), MAX_WAIT_MS);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** The records of a list, each with what tells it from others. What is no object has no id and is handed on all the same. */
export function listRecords(
  answer: Pick<ApiAnswer, "bytes">,
  key: string | undefined,
  describe: (record: Readonly<Record<string, unknown>>) => { readonly id: unknown; readonly time: unknown },
): readonly PolledRecord[] {
  return jsonElements(answer.bytes, key).map((bytes) => {
    const value = parsed(bytes);
    const { id, time } = isObject(value) ? describe(value) : { id: undefined, time: undefined };
    return { bytes, id: typeof id === "string" && id !== "" ? id : undefined, timeMs: instantOf(time) };
  });
}

/** RFC 3339 text, or milliseconds (seconds, when that makes no sense) since 1970. */
export function instantOf(time: unknown): number | undefined {
  if (typeof time === "number")
    return Number.isFinite(time) ? (time < 1e11 ? time * 1_000 : time) : undefined;
  if (typeof time !== "string") return undefined;
  const instant = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(time) ? time : `${time}Z`);
  return Number.isNaN(instant) ? undefined : instant;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws PullFailure `bad-reply` when the answer has no such list. */
export function requireList(answer: ApiAnswer, key: string | undefined, host: string): void {
  const { json } = answer;
  const list = key === undefined ? json : isObject(json) ? json[key] : undefined;
  if (Array.isArray(list)) return;
  throw new PullFailure("bad-reply", `${host} sent no list of records`, {
    evidence: answer.bytes.subarray(0, MAX_EVIDENCE_BYTES),
  });
}

/** The address of the next page (RFC 8288). */
export function nextLink(headers: IncomingHttpHeaders): string | undefined {
  const link = headers["link"];
  const text = Array.isArray(link) ? link.join(", ") : (link ?? "");
  for (const m of text.matchAll(/<([^>]{1,4000})>\s*;([^<]*)/g)) {
    if (/\brel="?next"?/.test(m[2] ?? "")) return m[1];
  }
  return undefined;
}

/** A page's address that the peer has sent: our credentials go nowhere but to where they belong. @throws PullFailure `refused` */
export function sameOrigin(next: string, base: string): string {
  const url = URL.canParse(next) ? new URL(next) : undefined;
  if (url !== undefined && url.origin === new URL(base).origin) return url.href;
  throw new PullFailure("refused", `${new URL(base).host} sent an address of another host for the next page`);
}

export const trimmed = (url: string): string => url.replace(/\/+$/, "");
