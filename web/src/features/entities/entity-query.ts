import type { AlertDetail, AlertSummary } from "@tyto/domain";
import { millisOf } from "../../ui/index.ts";

type Entity = AlertSummary["entities"][number];

/** Where a thing of each kind is found in events. */
const FIELDS_OF: Readonly<Record<Entity["type"], readonly string[]>> = {
  user: ["user.name", "user.target.name", "user.effective.name", "source.user.name", "destination.user.name"],
  host: ["host.name", "host.hostname", "observer.name", "observer.hostname"],
  ip: ["source.ip", "destination.ip", "client.ip", "server.ip"],
  process: ["process.name", "process.executable"],
  file: ["file.path", "file.name"],
  hash: ["file.hash.sha256", "file.hash.sha1", "file.hash.md5", "process.hash.sha256", "process.hash.md5"],
  domain: ["dns.question.name", "url.domain", "destination.domain", "source.domain"],
  url: ["url.full", "url.original"],
  service: ["service.name"],
};

/** A quoted value of the search bar; the text comes out of logs. */
export function quoteValue(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

/** The search bar compares without case. */
export function entityCondition({ type, value }: Entity): string {
  return FIELDS_OF[type].map((field) => `${field}:${quoteValue(value)}`).join(" or ");
}

/** The search page's state that shows exactly these events. */
export interface SearchTarget {
  readonly q: string;
  readonly from: string;
  readonly to: string;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** So many ids still make a URL that every browser and proxy takes. */
const MOST_IDS = 100;

function around(
  first: string,
  last: string,
  marginMs: number,
): { readonly from: string; readonly to: string } {
  return {
    from: new Date(millisOf(first) - marginMs).toISOString(),
    to: new Date(millisOf(last) + marginMs).toISOString(),
  };
}

/** Exactly the events of an alert; with too many to name, those of its groups in its time. */
export function searchForEvidence(alert: AlertDetail): SearchTarget {
  const time = around(alert.firstSeen, alert.lastSeen, SECOND);
  if (alert.eventIds.length > 0 && alert.eventIds.length <= MOST_IDS) {
    return { q: `id:(${alert.eventIds.map(quoteValue).join(" or ")})`, ...time };
  }
  const groups = alert.findings
    .filter((finding) => finding.group.length > 0)
    .map((finding) => finding.group.map((entity) => `(${entityCondition(entity)})`).join(" "));
  return { q: [...new Set(groups)].map((group) => `(${group})`).join(" or "), ...time };
}

/** Everything about a thing, from a quarter of an hour before to a quarter after; without a time, of the last day. */
export function searchForEntity(
  entity: Entity,
  time?: { readonly first: string; readonly last: string },
): SearchTarget {
  const range = time === undefined ? { from: "-24h", to: "now" } : around(time.first, time.last, 15 * MINUTE);
  return { q: entityCondition(entity), ...range };
}

/** What the same source sent in the minutes around an event. */
export function searchAround(event: {
  readonly timestamp: string;
  readonly source: { readonly id: string };
}): SearchTarget {
  return {
    q: `source:${quoteValue(event.source.id)}`,
    ...around(event.timestamp, event.timestamp, 5 * MINUTE),
  };
}
