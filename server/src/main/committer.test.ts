import { MICROS_PER_DAY, MICROS_PER_HOUR, micros, sequence } from "@tyto/domain";
import { expect, it } from "vitest";
import { StageTimes } from "../pipeline/index.ts";
import { Committer } from "./committer.ts";
import type { CommitterOptions } from "./committer.ts";

const MINUTE_MS = 60_000;

const detection = {
  process: () => ({ changes: [], state: [] }),
} as unknown as CommitterOptions["detection"];

function committing(options: Partial<CommitterOptions> & { readonly clockMs: () => number }) {
  const committed: number[] = [];
  const dropped: number[] = [];
  const committer = new Committer({
    detection,
    alerts: {
      grow: (_changes: unknown, commit: (alerts: readonly []) => Promise<void>) => commit([]),
    } as unknown as CommitterOptions["alerts"],
    control: {
      commit: (commit) => {
        committed.push(commit.sequence);
        return Promise.resolve();
      },
      amend: () => Promise.resolve(),
      jobs: { byId: () => Promise.resolve(undefined) },
      dropHours: (before) => Promise.resolve(dropped.push(before)),
    },
    books: { booked: () => undefined } as unknown as CommitterOptions["books"],
    release: () => undefined,
    times: new StageTimes(() => 0),
    now: () => micros(0),
    onReleaseFailed: () => undefined,
    ...options,
  });
  return { committer, committed, dropped };
}

const batchUpTo = (at: number) => ({
  sequence: sequence(at),
  lanes: [],
  events: [],
  ledger: [],
  content: { detection },
});

it("releases what was committed ten minutes ago, and nothing younger", async () => {
  let nowMs = 0;
  const released: number[] = [];
  const { committer } = committing({
    clockMs: () => nowMs,
    release: (before) => void released.push(before),
  });
  await committer.commit(batchUpTo(5));
  nowMs = 9 * MINUTE_MS;
  await committer.commit(batchUpTo(7));
  expect(released).toEqual([]);
  nowMs = 10 * MINUTE_MS;
  await committer.commit(batchUpTo(9));
  expect(released).toEqual([6]);
});

it("releases by a clock that goes on when the time of day is set back", async () => {
  let nowMs = 0;
  let timeOfDay = 86_400_000_000;
  const released: number[] = [];
  const { committer } = committing({
    clockMs: () => nowMs,
    now: () => micros(timeOfDay),
    release: (before) => void released.push(before),
  });
  await committer.commit(batchUpTo(5));
  timeOfDay = 0;
  for (const [minute, last] of [
    [5, 7],
    [10, 9],
    [15, 11],
  ] as const) {
    nowMs = minute * MINUTE_MS;
    await committer.commit(batchUpTo(last));
  }
  expect(released).toEqual([6, 8]);
});

it("drops hours of the books that are over for 400 days, once a day", async () => {
  let nowMicros = 500 * MICROS_PER_DAY;
  const { committer, dropped } = committing({ clockMs: () => 0, now: () => micros(nowMicros) });
  await committer.commit(batchUpTo(1));
  nowMicros += MICROS_PER_HOUR;
  await committer.commit(batchUpTo(2));
  expect(dropped).toEqual([100 * MICROS_PER_DAY]);
  nowMicros += MICROS_PER_DAY;
  await committer.commit(batchUpTo(3));
  expect(dropped).toEqual([100 * MICROS_PER_DAY, 101 * MICROS_PER_DAY + MICROS_PER_HOUR]);
});
