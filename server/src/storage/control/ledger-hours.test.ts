import { join } from "node:path";
import fc from "fast-check";
import { hourOf, micros, MICROS_PER_HOUR, sourceId } from "@tyto/domain";
import type { Micros, SourceId } from "@tyto/domain";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../journal/journal.fixture.ts";
import type { ControlStore, HourAccount, LedgerEntry } from "../ports.ts";
import { commitOf, openTestStore } from "./control.fixture.ts";

const SOURCES = [sourceId("00000000000000aa"), sourceId("00000000000000bb")] as const;
const ALWAYS = { from: micros(0), to: micros(Number.MAX_SAFE_INTEGER) };
const hour = (number: number): Micros => micros(number * MICROS_PER_HOUR);

function entryOf(changes: Partial<LedgerEntry>): LedgerEntry {
  const counts = { received: 0, stored: 0, unknown: 0, filtered: {}, quarantined: {}, packs: {} };
  return { source: SOURCES[0], hour: hour(0), ...counts, lastEventAt: null, ...changes };
}

const job = (id: string) => ({
  id,
  kind: "replay" as const,
  state: "running" as const,
  createdAt: micros(1),
  createdBy: "ana",
  body: "{}",
});

function amendment(...ledger: readonly LedgerEntry[]) {
  return { ledger, alerts: [], state: [], job: job("j") };
}

const COLUMNS = ["received", "stored", "unknown", "filtered", "quarantined"] as const;

function sumOf(rows: readonly Readonly<Record<(typeof COLUMNS)[number], number>>[]) {
  return COLUMNS.map((column) => rows.reduce((sum, row) => sum + row[column], 0));
}

async function expectSameSums(store: ControlStore): Promise<void> {
  const accounts = await store.accounts();
  for (const source of SOURCES) {
    const hours = await store.hours({ ...ALWAYS, sources: [source] });
    expect(sumOf(hours)).toEqual(sumOf(accounts.filter((account) => account.source === source)));
    for (const one of hours) expect(isBooked(one)).toBe(true);
  }
  expect(sumOf(await store.hours(ALWAYS))).toEqual(sumOf(accounts));
}

const isBooked = (one: HourAccount): boolean =>
  one.unbalanced === 0 && one.received === one.stored + one.filtered + one.quarantined;

test("an hour holds what was received in it, whatever was booked when", async () => {
  const store = await openTestStore();
  const two = { received: 2, stored: 1, unknown: 1, filtered: { duplicate: 1 } };
  await store.commit(
    commitOf(1, {
      ledger: [entryOf(two), entryOf({ hour: hour(1), received: 1, quarantined: { oversize: 1 } })],
    }),
  );
  await store.commit(
    commitOf(2, {
      ledger: [entryOf(two), entryOf({ source: SOURCES[1], hour: hour(1), received: 1, stored: 1 })],
    }),
  );
  const none = { stored: 0, unknown: 0, filtered: 0, quarantined: 0, unbalanced: 0 };
  expect(await store.hours(ALWAYS)).toEqual([
    { ...none, hour: 0, received: 4, stored: 2, unknown: 2, filtered: 2 },
    { ...none, hour: hour(1), received: 2, stored: 1, quarantined: 1 },
  ]);
  expect(await store.hours({ from: hour(1), to: hour(2), sources: [SOURCES[1]] })).toEqual([
    { ...none, hour: hour(1), received: 1, stored: 1 },
  ]);
  expect(await store.hours({ ...ALWAYS, sources: [] })).toEqual([]);
});

test("two sources whose faults would cancel out are both counted as not balanced", async () => {
  const store = await openTestStore();
  const [a, b] = SOURCES;
  await store.commit(
    commitOf(1, {
      ledger: [
        entryOf({ source: a, received: 2, stored: 1 }),
        entryOf({ source: b, received: 1, stored: 2 }),
      ],
    }),
  );
  expect(await store.hours(ALWAYS)).toMatchObject([{ received: 3, stored: 3, unbalanced: 2 }]);
});

test("a replay moves records in the hour of their receipt, and makes no hour that is not kept any more", async () => {
  const store = await openTestStore();
  const received = (number: number): LedgerEntry =>
    entryOf({ hour: hour(number), received: 2, quarantined: { "pack-rejected": 2 } });
  await store.commit(commitOf(1, { ledger: [received(3), received(9)] }));
  expect(await store.dropHours(hour(9))).toBe(1);
  const moved = { stored: 1, quarantined: { "pack-rejected": -1 } };
  await store.amend(amendment(entryOf({ hour: hour(3), ...moved }), entryOf({ hour: hour(9), ...moved })));
  expect(await store.hours(ALWAYS)).toMatchObject([
    { hour: hour(9), received: 2, stored: 1, quarantined: 1, unbalanced: 0 },
  ]);
  expect(await store.accounts()).toMatchObject([{ received: 4, stored: 2, quarantined: 2 }]);
});

const record = fc.record({
  source: fc.constantFrom(...SOURCES),
  receivedAt: fc.integer({ min: 0, max: 5 * MICROS_PER_HOUR - 1 }),
  became: fc.constantFrom("stored" as const, "unknown" as const, "filtered" as const, "quarantined" as const),
});
type Taken = typeof record extends fc.Arbitrary<infer T> ? T : never;

const entryFor = ({ source, receivedAt, became }: Taken): LedgerEntry =>
  entryOf({
    source,
    hour: hourOf(micros(receivedAt)),
    received: 1,
    stored: Number(became === "stored" || became === "unknown"),
    unknown: Number(became === "unknown"),
    filtered: became === "filtered" ? { duplicate: 1 } : {},
    quarantined: became === "quarantined" ? { "pack-rejected": 1 } : {},
  });

/** What a replay books for records that a pack reads now. */
const replayed = (source: SourceId, receivedAt: number): LedgerEntry =>
  entryOf({ source, hour: hourOf(micros(receivedAt)), stored: 1, quarantined: { "pack-rejected": -1 } });

const step = fc.record({
  records: fc.array(record, { maxLength: 12 }),
  /** What happens to the commit: it goes well; it is sent once more; the process dies before it, or right after it. */
  fate: fc.constantFrom("done" as const, "repeated" as const, "died-before" as const, "died-after" as const),
  replays: fc.boolean(),
});

test(
  "whatever is sent, replayed and broken off, the hours sum up to the accounts",
  { timeout: 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const path = join(await temporaryDirectory(), "control.db");
        let store = await openTestStore(path);
        const restart = async (): Promise<void> => {
          await store.close();
          store = await openTestStore(path);
        };
        let at = 0;
        let sent = 0;
        for (const { records, fate, replays } of steps) {
          at += 1;
          sent += records.length;
          const commit = commitOf(at, { ledger: records.map(entryFor) });
          if (fate === "died-before") {
            const broken = {
              ...commit,
              state: [{ kind: "put", key: "k", value: undefined as unknown as string }],
            };
            await expect(store.commit(broken as typeof commit)).rejects.toThrow();
            await restart();
          }
          await store.commit(commit);
          if (fate === "died-after") await restart();
          if (fate !== "done" && records.length > 0) {
            await expect(store.commit(commit)).rejects.toMatchObject({ code: "conflict" });
          }
          const held = replays ? records.filter(({ became }) => became === "quarantined") : [];
          if (held.length > 0) {
            await store.amend(amendment(...held.map((one) => replayed(one.source, one.receivedAt))));
          }
          await expectSameSums(store);
        }
        expect(sumOf(await store.hours(ALWAYS))[0]).toBe(sent);
        await store.close();
      }),
      { numRuns: 30 },
    );
  },
);
