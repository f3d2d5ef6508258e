import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HttpClient } from "../outbound/http-client.ts";
import { PullFailure } from "../pull/pull-failure.ts";
import { PullHarness } from "../testing/pulling.ts";
import type { Collector, Page, PageRequest } from "./collector.ts";
import { PollFrame } from "./poll-frame.ts";
import { withBackfill } from "./poll-state.ts";

interface FakeEvent {
  readonly id: string;
  readonly atMs: number;
  /** When the API begins to show it. */
  readonly shownMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const http = new HttpClient({ allowPrivate: false, allowHttp: false });

/** An API in memory: pages of a range, in the order of time. */
class FakeApi implements Collector {
  readonly scope = "fake";
  readonly streams = ["all"];
  readonly maxRangeMs = 6 * HOUR;
  readonly settleMs = 10_000;
  readonly overlapMs = 30 * MINUTE;
  readonly maxAgeMs = 90 * 24 * HOUR;
  readonly pollEveryMs = 5 * MINUTE;
  readonly events: FakeEvent[] = [];
  readonly asked: PageRequest[] = [];
  pageSize = 3;
  /** Throws, or answers in its place. */
  trouble: (request: PageRequest) => Page | undefined = () => undefined;

  page(request: PageRequest): Promise<Page> {
    this.asked.push(request);
    const instead = this.trouble(request);
    if (instead !== undefined) return Promise.resolve(instead);
    const { from, to } = request.range;
    const all = this.events
      .filter(({ atMs, shownMs }) => atMs >= from && atMs < to && shownMs <= request.nowMs)
      .sort((a, b) => a.atMs - b.atMs);
    const start = Number(request.next ?? "0");
    const end = start + this.pageSize;
    const records = all
      .slice(start, end)
      .map(({ id, atMs }) => ({ bytes: Buffer.from(id), id, timeMs: atMs }));
    return Promise.resolve({ records, next: end < all.length ? String(end) : undefined });
  }

  /** Says what time it is there. */
  skewMs = 0;

  test(request: Pick<PageRequest, "heard" | "nowMs">): Promise<[]> {
    request.heard(new Date(request.nowMs + this.skewMs).toUTCString());
    return Promise.resolve([]);
  }
}

interface RunOptions {
  readonly rounds?: number;
  readonly startDaysAgo?: number;
}

/** Runs until it has waited so many times for the next round. */
async function run(
  harness: PullHarness,
  api: FakeApi,
  { rounds = 1, startDaysAgo = 0 }: RunOptions = {},
): Promise<void> {
  const stopping = new AbortController();
  let left = rounds;
  const { onSleep } = harness;
  harness.onSleep = async (milliseconds) => {
    await onSleep(milliseconds);
    if (milliseconds !== api.pollEveryMs) return;
    left -= 1;
    if (left === 0) stopping.abort();
  };
  const options = { collector: api, http, overlapMs: undefined, pollEveryMs: undefined, startDaysAgo };
  try {
    await new PollFrame(
      options,
      harness.context<"okta">({ baseUrl: "https://okta.example" }, { apiToken: "t" }, stopping.signal),
    ).run();
  } finally {
    harness.onSleep = onSleep;
  }
}

function eventsBefore(harness: PullHarness, count: number, stepMs: number): FakeEvent[] {
  return Array.from({ length: count }, (_, n) => {
    const atMs = harness.nowMs - MINUTE - n * stepMs;
    return { id: `e${n}`, atMs, shownMs: atMs };
  });
}

describe("a poll", () => {
  it("begins now, or as many days ago as it is told, and goes on where it left off", async () => {
    const harness = new PullHarness();
    const api = new FakeApi();
    api.events.push(...eventsBefore(harness, 50, HOUR));
    await run(harness, api);
    expect(harness.texts).toEqual([]);
    const fresh = new PullHarness();
    await run(fresh, api, { startDaysAgo: 1 });
    expect(fresh.texts).toHaveLength(24);
    await run(fresh, api, { rounds: 2 });
    expect(fresh.delivered).toHaveLength(24);
  });

  it("finds what the API shows late, and hands nothing on twice that it knows", async () => {
    const harness = new PullHarness();
    const api = new FakeApi();
    await run(harness, api);
    const atMs = harness.nowMs + MINUTE;
    api.events.push({ id: "late", atMs, shownMs: atMs + 12 * MINUTE }, { id: "early", atMs, shownMs: atMs });
    await run(harness, api, { rounds: 6 });
    expect(harness.delivered.map(({ text }) => text)).toEqual(["early", "late"]);
  });

  it("commits page by page, and a crash anywhere loses and doubles nothing", async () => {
    const event = fc.record({
      agoMs: fc.integer({ min: 0, max: 20 * HOUR }),
      lateMs: fc.integer({ min: 0, max: 15 * MINUTE }),
    });
    const kills = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { maxLength: 60 }),
        kills,
        fc.integer({ min: 1, max: 7 }),
        async (events, all, pageSize) => {
          const harness = new PullHarness();
          const api = new FakeApi();
          api.pageSize = pageSize;
          const begin = harness.nowMs;
          events.forEach(({ agoMs, lateMs }, n) => {
            const atMs = begin + 10 * HOUR - agoMs;
            api.events.push({ id: `e${n}`, atMs, shownMs: atMs + lateMs });
          });
          for (const kill of all) {
            let left = kill;
            harness.gate = () => {
              left -= 1;
              if (left < 0) throw new Error("killed");
            };
            await run(harness, api, { rounds: 30, startDaysAgo: 1 }).catch((error: unknown) => {
              if (!(error instanceof Error) || error.message !== "killed") throw error;
            });
          }
          harness.gate = () => undefined;
          await run(harness, api, { rounds: 140, startDaysAgo: 1 });
          expect([...harness.texts].sort()).toEqual(events.map((_, n) => `e${n}`).sort());
        },
      ),
      { numRuns: 40 },
    );
  }, 120_000);

  it("tags a back-fill, knows what is there already, and goes on with what is new", async () => {
    const harness = new PullHarness();
    const api = new FakeApi();
    api.events.push(...eventsBefore(harness, 60, HOUR));
    await run(harness, api, { startDaysAgo: 1 });
    const range = { from: harness.nowMs - 2 * 24 * HOUR, to: harness.nowMs };
    harness.cursor = withBackfill(harness.cursor, range, api.streams);
    await run(harness, api);
    const before = harness.events.filter(({ part }) => part === undefined);
    const filled = harness.events.filter(({ part }) => part === "back-fill");
    expect([before.length, filled.length]).toEqual([24, 24]);
    expect(new Set(harness.texts).size).toBe(48);
  });

  it("waits when told to, at least so long, and goes on with the same page", async () => {
    const harness = new PullHarness();
    const api = new FakeApi();
    api.events.push(...eventsBefore(harness, 10, MINUTE));
    let isAsked = false;
    api.trouble = ({ next }) => {
      if (next !== "3" || isAsked) return undefined;
      isAsked = true;
      throw new PullFailure("throttled", "asks to wait", { retryAfterMs: 42_000 });
    };
    const waits: number[] = [];
    harness.onSleep = (milliseconds) => void waits.push(milliseconds);
    await run(harness, api, { startDaysAgo: 1 });
    expect(waits[0]).toBeGreaterThanOrEqual(42_000);
    expect(harness.said).toContain("waiting: asks to wait");
    expect(harness.delivered).toHaveLength(10);
  });
});

describe("a peer that misbehaves", () => {
  it("with a cursor that goes in circles is not followed for ever", async () => {
    const harness = new PullHarness();
    const api = new FakeApi();
    api.trouble = () => ({
      records: [{ bytes: Buffer.from("same"), id: "same", timeMs: harness.nowMs }],
      next: "again",
    });
    await run(harness, api, { startDaysAgo: 1 });
    expect(harness.texts).toEqual(["same"]);
    expect(api.asked.length).toBeLessThan(30);
    expect(harness.skipped[0]?.reason).toContain("circles");
  });

  it("with a page that it forgets is asked from the beginning of the range, a few times", async () => {
    const harness = new PullHarness();
    const api = new FakeApi();
    api.events.push(...eventsBefore(harness, 10, MINUTE));
    let left = 2;
    api.trouble = ({ next }) => {
      if (next === undefined || left === 0) return undefined;
      left -= 1;
      throw new PullFailure("stale-cursor", "forgotten");
    };
    await run(harness, api, { startDaysAgo: 1 });
    expect(harness.delivered).toHaveLength(10);
    left = 1_000;
    api.events.push(...eventsBefore(harness, 10, MINUTE).map((event) => ({ ...event, id: `${event.id}b` })));
    await expect(run(harness, api)).rejects.toMatchObject({ kind: "stale-cursor" });
  });

  it("with a page that makes no sense loses no more than the minute that it is about", async () => {
    const harness = new PullHarness();
    const api = new FakeApi();
    const events = eventsBefore(harness, 100, 7 * MINUTE);
    api.events.push(...events);
    const poison = events[40]?.atMs ?? 0;
    const evidence = Buffer.from("{broken");
    api.trouble = ({ range }) => {
      if (range.from <= poison && poison < range.to)
        throw new PullFailure("bad-reply", "broken", { evidence });
      return undefined;
    };
    await run(harness, api, { startDaysAgo: 1 });
    const kept = harness.events.filter(({ fault }) => fault === undefined);
    expect(kept).toHaveLength(99);
    const faulty = harness.events.filter(({ fault }) => fault === "bad-frame");
    expect(faulty.map(({ text }) => text)).toEqual(faulty.map(() => "{broken"));
    expect(harness.skipped.length).toBeGreaterThan(0);
    expect(harness.skipped).toHaveLength(1);
  });

  it("with another clock is asked by its own, and ours is remarked on", async () => {
    for (const startDaysAgo of [0, 1]) {
      const harness = new PullHarness();
      const api = new FakeApi();
      api.skewMs = -2 * HOUR;
      api.trouble = (request) => {
        request.heard(new Date(request.nowMs + api.skewMs).toUTCString());
        return undefined;
      };
      await run(harness, api, { startDaysAgo });
      expect(harness.said.at(-1)).toContain("120 minutes ahead of that of fake");
      // What happens now there, two hours ago by our clock, must not be stepped over.
      const atMs = harness.nowMs + api.skewMs + MINUTE;
      api.events.push({ id: "now", atMs, shownMs: 0 });
      await run(harness, api, { rounds: 3, startDaysAgo });
      expect(harness.texts).toEqual(["now"]);
      expect(api.asked.at(-1)?.range.to).toBeLessThan(harness.nowMs + api.skewMs + 1_000);
    }
  });

  it("that cannot be reached or refuses the credentials leaves its place untouched", async () => {
    const harness = new PullHarness();
    const api = new FakeApi();
    api.events.push(...eventsBefore(harness, 5, MINUTE));
    api.trouble = () => {
      throw new PullFailure("credentials", "no");
    };
    await expect(run(harness, api, { startDaysAgo: 1 })).rejects.toMatchObject({ kind: "credentials" });
    api.trouble = () => undefined;
    await run(harness, api, { startDaysAgo: 1 });
    expect(harness.delivered).toHaveLength(5);
  });
});
