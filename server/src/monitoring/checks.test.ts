import { micros } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { createChecks } from "./checks.ts";
import type { CheckPorts } from "./checks.ts";

const GIBIBYTE = 1024 ** 3;
const BALANCED = { received: 1_000, stored: 990, filtered: 5, quarantined: 3, queued: 2 };
const WELL: CheckPorts = {
  engine: () => ({ status: "ok", restarts: 0 }),
  isStalled: () => false,
  queued: () => 0,
  disk: () => Promise.resolve({ freeBytes: 50 * GIBIBYTE, totalBytes: 100 * GIBIBYTE }),
  datagramsLost: () => Promise.resolve(0),
  recordsDropped: () => [],
  totals: () => BALANCED,
  setAside: () => Promise.resolve([]),
  restored: () => 0,
  switchedOff: () => [],
};

/** What each look says, the looks half a minute apart. */
async function said(ports: Partial<CheckPorts>, looks = 1): Promise<readonly (readonly string[])[]> {
  const checks = createChecks({ ...WELL, ...ports });
  const all: string[][] = [];
  for (let i = 0; i < looks; i += 1) {
    const conditions = await Promise.all(checks.map(async (check) => check(micros(i * 30_000_000))));
    all.push(conditions.flat().map(({ kind, message }) => `${kind}: ${message}`));
  }
  return all;
}

describe("what is wrong with Tyto", () => {
  it("is nothing when all is well", async () => {
    expect(await said({}, 3)).toEqual([[], [], []]);
  });

  it.each<[string, Partial<CheckPorts>]>([
    [
      "engine-down: The event engine is down: no memory; 3 restarts so far",
      { engine: () => ({ status: "down", reason: "no memory", restarts: 3 }) },
    ],
    [
      "pipeline-stalled: The pipeline waits for its stores; 12 records are in the journal and not searchable yet",
      { isStalled: () => true, queued: () => 12 },
    ],
    [
      "disk-low: 4.0 GiB of 100.0 GiB are free where Tyto keeps its data",
      { disk: () => Promise.resolve({ freeBytes: 4 * GIBIBYTE, totalBytes: 100 * GIBIBYTE }) },
    ],
    [
      "pack-switched-off: The pack acme is switched off: slow",
      { switchedOff: () => [{ pack: "acme", reason: "slow" }] },
    ],
    [
      "books-unbalanced: 1001 records were received and 1000 are accounted for",
      { totals: () => ({ ...BALANCED, received: 1_001 }) },
    ],
    [
      "parts-set-aside: The event engine has set 1 parts aside that it could not read, such as broken-on-start_a_1_1_0 of events (broken-on-start); 99 records were stored again since the start",
      {
        setAside: () =>
          Promise.resolve([{ table: "events", part: "broken-on-start_a_1_1_0", reason: "broken-on-start" }]),
        restored: () => 99,
      },
    ],
  ])("%s", async (expected, ports) => {
    expect(await said(ports)).toEqual([[expected]]);
  });

  it("leaves a small disk that is half empty alone", async () => {
    const disk = () => Promise.resolve({ freeBytes: 5 * GIBIBYTE, totalBytes: 10 * GIBIBYTE });
    expect(await said({ disk })).toEqual([[]]);
  });

  it("tells of datagrams and records that were lost since the last look, and of none that were lost before", async () => {
    const lost = [7, 7, 10];
    const dropped = [0, 4, 4];
    let look = 0;
    const ports: Partial<CheckPorts> = {
      datagramsLost: () => Promise.resolve(lost[look] ?? null),
      recordsDropped: () => [{ input: "syslog-udp", reason: "back_pressure", count: dropped[look++] ?? 0 }],
    };
    expect(await said(ports, 3)).toEqual([
      [],
      ["records-dropped: syslog-udp dropped 4 records just now (back pressure), 4 since the start"],
      [
        "datagrams-lost: The system dropped 3 syslog datagrams just now, 10 since the start: UDP has no way to ask for them again",
      ],
    ]);
  });

  it("tells of a quarantine that grows by more than one in a hundred", async () => {
    const quarantined = [0, 150, 150];
    let look = 0;
    const totals = () => {
      const one = quarantined[look++] ?? 0;
      return {
        received: 1_000 + look * 1_000,
        stored: 1_000 + look * 1_000 - one,
        filtered: 0,
        quarantined: one,
        queued: 0,
      };
    };
    const [first, second] = await said({ totals }, 2);
    expect(first).toEqual([]);
    expect(second).toEqual([
      "quarantine-grows: 150 of 2000 records of the last ten minutes went to quarantine",
    ]);
  });
});
