import type { HttpClient } from "../outbound/http-client.ts";
import type { Check, TimeRange } from "../pull/ports.ts";

/** One record of an API, as it was sent. */
export interface PolledRecord {
  readonly bytes: Uint8Array;
  /** The API's own, the same each time the record is asked for; undefined where it has none: then its bytes stand for it. */
  readonly id: string | undefined;
  /** Its own time, in milliseconds; undefined where it does not say. */
  readonly timeMs: number | undefined;
}

export interface Page {
  readonly records: readonly PolledRecord[];
  /** Where the range goes on; undefined on its last page. */
  readonly next: string | undefined;
  /** Things of the page that could not be read, and were passed over. */
  readonly skipped?: readonly {
    readonly what: string;
    readonly reason: string;
    readonly evidence: Uint8Array;
  }[];
}

export interface PageRequest {
  readonly stream: string;
  /** Half open: from the first instant, up to and without the last. */
  readonly range: TimeRange;
  /** As the page before gave it; undefined for the first page. */
  readonly next: string | undefined;
  readonly http: HttpClient;
  readonly signal: AbortSignal;
  readonly nowMs: number;
  /** Seconds since an answer said what time it is there, by the peer's clock less ours. */
  readonly heard: (dateHeader: string | undefined) => void;
}

/** An API that answers ranges of time page by page. */
export interface Collector {
  /** Of the API, for messages and for the identity of its records. */
  readonly scope: string;
  /** Lists that are asked for one after the other, each with a place of its own. */
  readonly streams: readonly string[];
  /** The longest range of one question. */
  readonly maxRangeMs: number;
  /** The API shows records so late at the earliest: what is younger is not asked for. */
  readonly settleMs: number;
  /** How far each round looks back for records that come late, when the settings do not say. */
  readonly overlapMs: number;
  /** How far the API looks back at all. */
  readonly maxAgeMs: number;
  readonly pollEveryMs: number;
  /** Once at the start, before the first page. */
  prepare?(request: Omit<PageRequest, "range" | "next" | "stream">): Promise<void>;
  /** @throws PullFailure */
  page(request: PageRequest): Promise<Page>;
  /** Asks for as little as possible. */
  test(request: Omit<PageRequest, "range" | "next" | "stream">): Promise<readonly Check[]>;
}
