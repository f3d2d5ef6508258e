import { createHash } from "node:crypto";
import { pulledOrigin } from "../origin.ts";
import type { HttpClient } from "../outbound/http-client.ts";
import { PullFailure } from "../pull/pull-failure.ts";
import type { PullContext, PulledRecord } from "../pull/ports.ts";
import type { Collector, Page, PageRequest, PolledRecord } from "./collector.ts";
import { pollCursor, readPollState } from "./poll-state.ts";
import type { Backfill, PollRange, PollState, StreamState } from "./poll-state.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MAX_RECORD_BYTES = 1024 * 1024;
/** A cursor that never ends is cut here, and the range done again in halves. */
const MAX_PAGES = 10_000;
const MAX_SEEN = 5_000;
/** Tries of a page that makes no sense, before the range is halved. */
const MAX_TRIES = 4;
const FIRST_RETRY_MS = 1_000;
/** A range that is no longer than this and cannot be read is passed over. */
const SHORTEST_RANGE_MS = 60_000;
/** A clock that is off by more is worth a remark. */
const WORRYING_SKEW_MS = 5 * 60_000;
/** Less is the way that the answer took. */
const IGNORED_SKEW_MS = 5_000;
const BACKFILL_PART = "back-fill";
const MAX_EVIDENCE_BYTES = 256 * 1024;

export type PollContext = Pick<
  PullContext<"okta">,
  "id" | "world" | "signal" | "cursor" | "deliver" | "commit" | "skipped" | "running" | "waiting"
>;

interface RangeOutcome {
  /** Up to here everything is done with. */
  readonly upTo: number;
  /** Less than was asked for, or something was passed over. */
  readonly isCut: boolean;
  readonly seen: StreamState["seen"];
}

export interface PollOptions {
  readonly collector: Collector;
  readonly http: HttpClient;
  readonly overlapMs: number | undefined;
  readonly pollEveryMs: number | undefined;
  readonly startDaysAgo: number;
}

/**
 * Pulls an API range by range and page by page. A page is durable before its place is kept, so that a crash repeats at most one page;
 * records that the API shows late are found by looking back; what was here before is known by its identity.
 */
export class PollFrame {
  readonly #options: PollOptions;
  readonly #context: PollContext;
  #state: PollState;
  #skewMs = 0;

  constructor(options: PollOptions, context: PollContext) {
    this.#options = options;
    this.#context = context;
    this.#state = readPollState(context.cursor);
  }

  /** Until the signal aborts. @throws PullFailure */
  async run(): Promise<void> {
    const { signal, world } = this.#context;
    const { collector, pollEveryMs } = this.#options;
    await collector.prepare?.(this.#request());
    // Where "now" is, the peer's clock says: without a question it would be ours.
    const isFirst = collector.streams.some((stream) => this.#state.streams[stream] === undefined);
    if (isFirst && this.#options.startDaysAgo === 0) await collector.test(this.#request());
    while (!signal.aborted) {
      this.#context.running(this.#remark());
      for (const stream of collector.streams) await this.#catchUp(stream);
      const isFilling = await this.#fillBack();
      if (isFilling) continue;
      const waitMs = pollEveryMs ?? collector.pollEveryMs;
      this.#context.waiting(this.#remark() ?? "until the next round", this.#nowMs() + waitMs);
      await world.sleep(waitMs, signal);
    }
  }

  // ----------------------------------------------------------------------------------------------------------------- rounds

  async #catchUp(stream: string): Promise<void> {
    // Fixed at the start: a peer that takes longer than what is new would never be left alone.
    const latest = this.#peerNowMs() - this.#options.collector.settleMs;
    while (!this.#context.signal.aborted) {
      // Less, once an answer has said that our clock is ahead.
      const to = Math.min(latest, this.#peerNowMs() - this.#options.collector.settleMs);
      const state = this.#state.streams[stream] ?? this.#first(to);
      const range = state.range ?? this.#nextRange(state, to);
      if (range === undefined) {
        if (this.#state.streams[stream] === undefined) await this.#keep(stream, state);
        return;
      }
      const { upTo, isCut, seen } = await this.#through(stream, range, {
        save: (next, known) => this.#keep(stream, { ...state, range: next, seen: known }),
        seen: state.seen,
        part: undefined,
      });
      const oldest = upTo - this.#overlapMs();
      await this.#keep(stream, {
        // Answers may have said meanwhile that our clock is ahead: what lies in the peer's future is not here.
        watermark: Math.max(
          state.watermark,
          Math.min(upTo, this.#peerNowMs() - this.#options.collector.settleMs),
        ),
        floor: isCut ? upTo : state.floor,
        seen: seen.filter(([, at]) => at >= oldest),
      });
    }
  }

  #first(to: number): StreamState {
    const { collector, startDaysAgo } = this.#options;
    const watermark = Math.max(to - startDaysAgo * DAY_MS, to - collector.maxAgeMs);
    return { watermark, floor: watermark, seen: [] };
  }

  #nextRange({ watermark, floor }: StreamState, to: number): PollRange | undefined {
    if (to - watermark < 1_000) return undefined;
    const { collector } = this.#options;
    const oldest = this.#peerNowMs() - collector.maxAgeMs;
    // After a long time away what the API has forgotten is not asked for.
    if (watermark < oldest) {
      this.#context.skipped(
        collector.scope,
        `records before ${new Date(oldest).toISOString()} are gone at the peer`,
      );
    }
    const from = Math.max(watermark - this.#overlapMs(), oldest, floor);
    return { from, to: Math.min(to, from + collector.maxRangeMs), pages: 0 };
  }

  /** One range of the first back-fill. @returns whether there is more of any. */
  async #fillBack(): Promise<boolean> {
    const [first, ...others] = this.#state.backfills;
    if (first === undefined || this.#context.signal.aborted) return false;
    const { collector } = this.#options;
    const at = Math.max(first.at, this.#peerNowMs() - collector.maxAgeMs);
    if (at >= first.to || !collector.streams.includes(first.stream)) {
      await this.#keepBackfills(others);
      return others.length > 0;
    }
    const range = first.range ?? { from: at, to: Math.min(first.to, at + collector.maxRangeMs), pages: 0 };
    const { upTo } = await this.#through(first.stream, range, {
      save: (next) => this.#keepBackfills([{ ...first, range: next }, ...others]),
      seen: [],
      part: BACKFILL_PART,
    });
    await this.#keepBackfills([{ stream: first.stream, to: first.to, at: upTo }, ...others]);
    return true;
  }

  /** All pages of a range, or of a beginning of it when the whole cannot be read. */
  async #through(
    stream: string,
    range: PollRange,
    how: {
      readonly save: (range: PollRange, seen: StreamState["seen"]) => Promise<void>;
      readonly seen: StreamState["seen"];
      readonly part: string | undefined;
    },
  ): Promise<RangeOutcome> {
    let at = range;
    let isCut = false;
    const seen = new Map(how.seen);
    const cursors = new Set<string>();
    for (let restarts = 0; ;) {
      const outcome = await this.#page(stream, at);
      switch (outcome.kind) {
        case "page":
          await this.#deliver(stream, outcome.page, seen, how.part);
          break;
        case "stale":
          // The peer has forgotten the place: the range from its beginning, what is here already is known.
          restarts += 1;
          if (restarts > 3) throw outcome.failure;
          at = { from: at.from, to: at.to, pages: 0 };
          cursors.clear();
          continue;
        case "unreadable":
          if (at.to - at.from <= SHORTEST_RANGE_MS) {
            await this.#quarantine(stream, at, outcome.failure, how.part);
            return { upTo: at.to, isCut: true, seen: recent(seen) };
          }
          isCut = true;
          at = { from: at.from, to: at.from + Math.ceil((at.to - at.from) / 2), pages: 0 };
          cursors.clear();
          continue;
      }
      const { next } = outcome.page;
      const done = { upTo: at.to, isCut, seen: recent(seen) };
      if (next === undefined) return done;
      if (cursors.has(next) || at.pages >= MAX_PAGES) {
        const reason = "the peer's cursor goes in circles; the rest of the range is passed over";
        this.#context.skipped(`${stream} ${describe(at)}`, reason);
        return done;
      }
      cursors.add(next);
      at = { ...at, next, pages: at.pages + 1 };
      await how.save(at, recent(seen));
    }
  }

  // ------------------------------------------------------------------------------------------------------------------ pages

  async #page(
    stream: string,
    { from, to, next }: PollRange,
  ): Promise<
    | { readonly kind: "page"; readonly page: Page }
    | { readonly kind: "stale" | "unreadable"; readonly failure: PullFailure }
  > {
    const { signal, world } = this.#context;
    const { collector } = this.#options;
    for (let tried = 1; ; tried += 1) {
      try {
        return {
          kind: "page",
          page: await collector.page({ ...this.#request(), stream, range: { from, to }, next }),
        };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof PullFailure)) throw error;
        if (error.kind === "stale-cursor") return { kind: "stale", failure: error };
        if (error.kind === "throttled") {
          await this.#throttled(error);
          tried -= 1;
          continue;
        }
        if (error.kind !== "bad-reply") throw error;
        if (tried >= MAX_TRIES) return { kind: "unreadable", failure: error };
        await world.sleep(FIRST_RETRY_MS * 2 ** tried * (0.5 + world.random() / 2), signal);
      }
    }
  }

  async #throttled({ message, retryAfterMs = 60_000 }: PullFailure): Promise<void> {
    const { world, signal } = this.#context;
    // A little later than told, so that many who were told the same do not come at once.
    const waitMs = Math.min(retryAfterMs, HOUR_MS) * (1 + world.random() / 10);
    this.#context.waiting(message, this.#nowMs() + waitMs);
    await world.sleep(waitMs, signal);
    signal.throwIfAborted();
    this.#context.running(this.#remark());
  }

  async #deliver(
    stream: string,
    page: Page,
    seen: Map<string, number>,
    part: string | undefined,
  ): Promise<void> {
    const groups = new Map<string, PulledRecord[]>();
    for (const record of page.records) {
      const digest = createHash("sha256")
        .update(record.id ?? record.bytes)
        .digest();
      const key = digest.toString("base64url", 0, 9);
      if (seen.has(key)) continue;
      seen.set(key, record.timeMs ?? this.#nowMs());
      groupOf(groups, bucketOf(record)).push(placed(record, digest));
    }
    for (const [bucket, records] of groups) {
      const origin = pulledOrigin("poll", this.#options.collector.scope, stream, bucket);
      records.sort((a, b) => a.ordinal - b.ordinal);
      await this.#context.deliver({ origin, records, ...(part === undefined ? {} : { part }) });
    }
    for (const { what, reason, evidence } of page.skipped ?? []) {
      await this.#passOver(stream, { what, reason, evidence, part });
    }
  }

  async #quarantine(
    stream: string,
    range: PollRange,
    failure: PullFailure,
    part: string | undefined,
  ): Promise<void> {
    const what = `${stream} ${describe(range)}`;
    const evidence = failure.evidence ?? Buffer.from(`${what}: ${failure.message}`);
    await this.#passOver(stream, { what, reason: failure.message, evidence, part });
  }

  /** Kept as a record with a fault, so that it is in the books and can be looked at. */
  async #passOver(
    stream: string,
    poison: {
      readonly what: string;
      readonly reason: string;
      readonly evidence: Uint8Array;
      readonly part: string | undefined;
    },
  ): Promise<void> {
    const bytes = poison.evidence.subarray(0, MAX_EVIDENCE_BYTES);
    const origin = pulledOrigin("poison", this.#options.collector.scope, stream, poison.what);
    const records = [{ bytes, ordinal: 0, fault: "bad-frame" as const }];
    await this.#context.deliver({
      origin,
      records,
      ...(poison.part === undefined ? {} : { part: poison.part }),
    });
    this.#context.skipped(poison.what, poison.reason);
  }

  // ------------------------------------------------------------------------------------------------------------- small parts

  #request(): Omit<PageRequest, "range" | "next" | "stream"> {
    return {
      http: this.#options.http,
      signal: this.#context.signal,
      nowMs: this.#nowMs(),
      heard: (header) => this.#heard(header),
    };
  }

  #heard(header: string | undefined): void {
    const there = header === undefined ? Number.NaN : Date.parse(header);
    if (Number.isNaN(there)) return;
    const skewMs = there - this.#nowMs();
    this.#skewMs = Math.abs(skewMs) < IGNORED_SKEW_MS ? 0 : skewMs;
  }

  #remark(): string | undefined {
    if (Math.abs(this.#skewMs) < WORRYING_SKEW_MS) return undefined;
    const minutes = Math.round(Math.abs(this.#skewMs) / 60_000);
    const way = this.#skewMs > 0 ? "behind" : "ahead of";
    return `this machine's clock is ${minutes} minutes ${way} that of ${this.#options.collector.scope}: set it (NTP)`;
  }

  async #keep(stream: string, state: StreamState): Promise<void> {
    this.#state = { ...this.#state, streams: { ...this.#state.streams, [stream]: state } };
    await this.#context.commit(pollCursor(this.#state));
  }

  async #keepBackfills(backfills: readonly Backfill[]): Promise<void> {
    this.#state = { ...this.#state, backfills };
    await this.#context.commit(pollCursor(this.#state));
  }

  #overlapMs(): number {
    const { overlapMs, collector } = this.#options;
    // Else a range would end where the one before it did.
    return Math.min(overlapMs ?? collector.overlapMs, collector.maxRangeMs / 2);
  }

  #nowMs(): number {
    return this.#context.world.now() / 1_000;
  }

  /** By the peer's clock, when ours is ahead: asking for the future would step over what comes in it. */
  #peerNowMs(): number {
    return this.#nowMs() + this.#skewMs;
  }
}

function describe({ from, to }: PollRange): string {
  return `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;
}

function recent(seen: ReadonlyMap<string, number>): StreamState["seen"] {
  return [...seen].slice(-MAX_SEEN);
}

/**
 * Records of an hour share an origin, so that an id costs little; 52 bits of the hash of the API's own id tell them apart within it. The
 * hour is the record's own, so the same record has the same id whenever it is asked for.
 */
function bucketOf({ timeMs }: PolledRecord): string {
  return timeMs === undefined ? "" : String(Math.floor(timeMs / HOUR_MS));
}

function placed({ bytes }: PolledRecord, digest: Buffer): PulledRecord {
  const ordinal = Number(digest.readBigUInt64BE(16) >> 12n);
  if (bytes.length <= MAX_RECORD_BYTES) return { bytes, ordinal };
  return { bytes: bytes.subarray(0, MAX_RECORD_BYTES), ordinal, fault: "oversize" };
}

function groupOf(groups: Map<string, PulledRecord[]>, key: string): PulledRecord[] {
  const group = groups.get(key) ?? [];
  groups.set(key, group);
  return group;
}
