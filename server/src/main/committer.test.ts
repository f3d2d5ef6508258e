import {
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  micros,
  sequence,
  TytoError,
} from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { expect, it } from "vitest";
import { StageTimes } from "../pipeline/index.ts";
import { Committer } from "./committer.ts";
import type { CommitterOptions } from "./committer.ts";

const detection = {
  process: () => ({ changes: [], state: [] }),
} as unknown as CommitterOptions["detection"];

function committing(options: Partial<CommitterOptions> & { readonly now: () => Micros }) {
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
      dropHours: (before) => Promise.resolve(dropped.push(before)),
    },
    books: { booked: () => undefined } as unknown as CommitterOptions["books"],
    journal: { release: () => Promise.resolve() },
    times: new StageTimes(() => 0),
    onReleaseFailed: () => undefined,
    ...options,
  });
  return { committer, committed, dropped };
}

const batchUpTo = (at: number) => ({
  sequence: sequence(at),
  events: [],
  ledger: [],
  content: { detection },
});

it("counts a batch as committed although old segments could not be deleted", async () => {
  let nowMicros = 0;
  const failure = new TytoError("journal-failed", "not permitted");
  const said: unknown[] = [];
  const { committer, committed } = committing({
    now: () => micros(nowMicros),
    journal: { release: () => Promise.reject(failure) },
    onReleaseFailed: (error) => said.push(error),
  });
  await committer.commit(batchUpTo(5));
  nowMicros = 11 * MICROS_PER_MINUTE;
  await committer.commit(batchUpTo(9));
  expect(committed).toEqual([5, 9]);
  expect(said).toEqual([failure]);
});

it("releases what was committed ten minutes ago, and nothing younger", async () => {
  let nowMicros = 0;
  const released: number[] = [];
  const { committer } = committing({
    now: () => micros(nowMicros),
    journal: { release: (before) => Promise.resolve(void released.push(before)) },
  });
  await committer.commit(batchUpTo(5));
  nowMicros = 9 * MICROS_PER_MINUTE;
  await committer.commit(batchUpTo(7));
  expect(released).toEqual([]);
  nowMicros = 10 * MICROS_PER_MINUTE;
  await committer.commit(batchUpTo(9));
  expect(released).toEqual([6]);
});

it("drops hours of the books that are over for 400 days, once a day", async () => {
  let nowMicros = 500 * MICROS_PER_DAY;
  const { committer, dropped } = committing({ now: () => micros(nowMicros) });
  await committer.commit(batchUpTo(1));
  nowMicros += MICROS_PER_HOUR;
  await committer.commit(batchUpTo(2));
  expect(dropped).toEqual([100 * MICROS_PER_DAY]);
  nowMicros += MICROS_PER_DAY;
  await committer.commit(batchUpTo(3));
  expect(dropped).toEqual([100 * MICROS_PER_DAY, 101 * MICROS_PER_DAY + MICROS_PER_HOUR]);
});
