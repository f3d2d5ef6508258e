import { laneOf, LANES, sequence, SOURCE_PRIORITIES, sourceId } from "@tyto/domain";
import type { Lane, RawBatch, RawRecord, Sequence } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import type { Journal } from "../ports.ts";
import { batchOf, openTestJournal, readAll, temporaryDirectory, textOf } from "./journal.fixture.ts";

const LIMITS = { records: 3, bytes: 10_000 };

/** Of twelve senders, in no order, with large and small batches. */
function batches(): readonly RawBatch[] {
  let state = 7;
  const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
  return Array.from({ length: 150 }, (_, at) => {
    const texts = Array.from({ length: 1 + random(6) }, (_, of) => `batch ${at}, record ${of}`);
    const priority = SOURCE_PRIORITIES[random(3)] ?? "normal";
    return {
      ...batchOf(texts),
      source: sourceId(`000000000000000${random(4).toString(16)}`),
      ...(priority === "normal" ? {} : { priority }),
      ...(at % 10 === 0 ? { masked: { password: texts.length } } : {}),
    };
  });
}

async function readLane(journal: Journal, lane: Lane, from = 1): Promise<readonly RawRecord[]> {
  const all: RawRecord[] = [];
  for (let next: Sequence = sequence(from); next <= journal.laneHead(lane);) {
    const found = await journal.readLane(lane, next, LIMITS);
    expect(found.next).toBeGreaterThan(next);
    expect(found.records.length).toBeLessThanOrEqual(LIMITS.records);
    all.push(...found.records);
    next = found.next;
  }
  return all;
}

const laneOfRecord = ({ priority = "normal", source }: RawRecord): Lane => laneOf(priority, source);

describe.each([
  ["memory", 1024 * 1024],
  ["disk", 0],
] as const)("lanes read from %s", (_, recentBytes) => {
  it("hold each record once, in the order of the journal, also after a restart", async () => {
    const directory = await temporaryDirectory();
    const journal = await openTestJournal(directory, { recentBytes });
    for (const batch of batches()) await journal.append(batch);
    await compareLanes(journal);
    await journal.close();
    await compareLanes(await openTestJournal(directory, { recentBytes }));
  });

  it("go on in the middle of a batch", async () => {
    const journal = await openTestJournal(await temporaryDirectory(), { recentBytes });
    await journal.append({ ...batchOf(["a", "b", "c", "d", "e"]), priority: "high" });
    await journal.append(batchOf(["x"]));
    const lane = laneOf("high", batchOf([]).source);
    expect((await readLane(journal, lane, 3)).map(textOf)).toEqual(["c", "d", "e"]);
  });

  it("say once for a batch what was masked in it", async () => {
    const journal = await openTestJournal(await temporaryDirectory(), { recentBytes });
    await journal.append({ ...batchOf(["a", "b", "c"]), masked: { password: 2, "card-number": 1 } });
    const records = await readAll(journal, 1, { records: 2, bytes: 10_000 });
    expect(records.map(({ masked }) => masked)).toEqual([
      { password: 2, "card-number": 1 },
      undefined,
      undefined,
    ]);
  });
});

async function compareLanes(journal: Journal): Promise<void> {
  const all = await readAll(journal);
  let found = 0;
  for (const lane of LANES) {
    const own = await readLane(journal, lane);
    expect(own).toEqual(all.filter((record) => laneOfRecord(record) === lane));
    found += own.length;
  }
  expect(found).toBe(all.length);
  expect(new Set(all.map(laneOfRecord)).size).toBe(LANES.length);
}

it("knows which lanes have nothing new", async () => {
  const journal = await openTestJournal(await temporaryDirectory());
  await journal.append(batchOf(["a"]));
  const { source } = batchOf([]);
  expect(LANES.filter((lane) => journal.laneHead(lane) >= 1)).toEqual([laneOf("normal", source)]);
  await journal.append({ ...batchOf(["b", "c"]), priority: "low" });
  expect(journal.laneHead(laneOf("low", source))).toBe(3);
  expect(journal.laneHead(laneOf("normal", source))).toBe(1);
});
