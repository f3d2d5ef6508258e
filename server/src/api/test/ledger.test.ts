/** The books by hour, through the API and the command. */
import { Readable, Writable } from "node:stream";
import {
  formatMicros,
  hourOf,
  LedgerHoursSchema,
  micros,
  MICROS_PER_HOUR,
  sequence,
  sourceId,
} from "@tyto/domain";
import type { LedgerHours, SourceId } from "@tyto/domain";
import { Compile } from "typebox/compile";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerCommand } from "../../cli/ledger.ts";
import { Books } from "../../storage/index.ts";
import type { LedgerEntry } from "../../storage/index.ts";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

const DOOR = sourceId("00000000000000d1");
const GATE = sourceId("00000000000000d2");
const NOON = Date.UTC(2026, 0, 15, 12) * 1_000;

let fixture: ApiFixture;
const books = new Books([], () => 0);

function entry(source: SourceId, hoursAgo: number, changes: Partial<LedgerEntry>): LedgerEntry {
  const counts = { received: 0, stored: 0, unknown: 0, filtered: {}, quarantined: {}, packs: {} };
  const hour = hourOf(micros(NOON - hoursAgo * MICROS_PER_HOUR));
  return { source, hour, ...counts, lastEventAt: null, ...changes };
}

beforeAll(async () => {
  fixture = await startApi({
    ledger: {
      accounts: () => books.accounts(),
      eventsPerSecond: () => [],
      masked: () => ({}),
      udpDropped: () => Promise.resolve(null),
    },
  });
  for (const [id, name] of [
    [DOOR, "door"],
    [GATE, "gate"],
  ] as const) {
    await fixture.control.registerSource({
      id,
      input: "http",
      name,
      discriminator: name,
      firstSeenAt: micros(0),
    });
  }
  await fixture.control.commit({
    sequence: sequence(10),
    ledger: [
      entry(DOOR, 0, { received: 3, stored: 2, unknown: 1, quarantined: { oversize: 1 } }),
      entry(DOOR, 2, { received: 5, stored: 4, filtered: { duplicate: 1 } }),
      entry(GATE, 2, { received: 1, stored: 1 }),
      entry(GATE, 30, { received: 2, stored: 1 }),
    ],
    alerts: [],
    state: [],
  });
  books.received(GATE, 7);
});

afterAll(() => fixture.close());

async function ask(query: string): Promise<LedgerHours> {
  const url = `/api/v1/sources/ledger${query}`;
  const answer = await fixture.api.inject({ method: "GET", url, headers: bearer(fixture.tokens.read) });
  expect(answer.statusCode).toBe(200);
  const body = answer.json<LedgerHours>();
  expect(Compile(LedgerHoursSchema).Check(body)).toBe(true);
  return body;
}

describe("the books by hour", () => {
  it("are those of the last day: every hour, silent ones too, and what waits in the newest", async () => {
    const list = await ask("");
    expect(list.items).toHaveLength(25);
    expect(list.items.at(-1)).toEqual({
      start: formatMicros(micros(NOON)),
      received: 10,
      stored: 2,
      unknown: 1,
      filtered: 0,
      quarantined: 1,
      queued: 7,
      isBalanced: true,
    });
    expect(list.items.at(-2)).toMatchObject({ received: 0, queued: 0, isBalanced: true });
    expect(list.items.at(-3)).toMatchObject({ received: 6, stored: 5, filtered: 1, queued: 0 });
    expect(list.totals).toEqual({
      received: 16,
      stored: 7,
      unknown: 1,
      filtered: 1,
      quarantined: 1,
      queued: 7,
    });
    expect(list.isBalanced).toBe(true);
  });

  it("are one source's by id or name", async () => {
    expect((await ask(`?source=${DOOR}`)).totals).toMatchObject({ received: 8, queued: 0 });
    expect((await ask("?source=gate")).totals).toMatchObject({ received: 8, stored: 1, queued: 7 });
  });

  it("say which hour does not balance, and fold into days", async () => {
    const days = await ask("?by=day&from=-2d");
    expect(days.items.map(({ received, isBalanced }) => [received, isBalanced])).toEqual([
      [0, true],
      [2, false],
      [16, true],
    ]);
    expect(days.isBalanced).toBe(false);
  });

  it.each([
    ["?from=-40d", 400],
    ["?from=nonsense", 400],
    ["?by=week", 400],
    ["?source=nobody", 404],
  ])("refuse %s", async (query, status) => {
    const url = `/api/v1/sources/ledger${query}`;
    const answer = await fixture.api.inject({ method: "GET", url, headers: bearer(fixture.tokens.read) });
    expect(answer.statusCode).toBe(status);
  });
});

class Collector extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

it("the command shows as many hours as are asked for, and fails when one does not balance", async () => {
  const get = async (path: string): Promise<unknown> => ask(path.replace("/api/v1/sources/ledger", ""));
  const client = { get } as Parameters<typeof ledgerCommand>[0];
  const run = async (options: Parameters<typeof ledgerCommand>[1]) => {
    const io = { stdin: Readable.from([]), stdout: new Collector(), stderr: new Collector() };
    return { status: await ledgerCommand(client, options, io), lines: io.stdout.text.trimEnd().split("\n") };
  };
  const three = await run({ hours: 3, source: "door", json: false });
  expect(three.status).toBe(0);
  expect(three.lines).toEqual([
    "hour (UTC)        received  stored  unknown  filtered  quarantined  queued  balance",
    "2026-01-15 10:00         5       4        0         1            0       0  ok",
    "2026-01-15 11:00         0       0        0         0            0       0  ok",
    "2026-01-15 12:00         3       2        1         0            1       0  ok",
    "total                    8       6        1         1            1       0  ok",
  ]);
  expect((await run({ hours: 48, json: false })).status).toBe(1);
  const json = await run({ hours: 2, json: true });
  expect(JSON.parse(json.lines.join(""))).toMatchObject({ totals: { received: 10, queued: 7 } });
});
