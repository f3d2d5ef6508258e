import { describe, expect, it } from "vitest";
import { createNormaliser } from "./normaliser.ts";
import { PackGuard } from "./pack-guard.ts";
import type { SwitchedOffPack } from "./pack-guard.ts";
import { testPack, testRecord, testSnapshot } from "./testing/records.ts";

const slow = testPack(
  "slow",
  "recognise: [{ prefix: [x], parser: main }]\nparsers: { main: [{ set: { event.action: read } }] }\n",
);

/** A clock by which every line of `x` takes as long as it says: `x 200`. */
function fixture() {
  let now = 0;
  let step = 0;
  const told: SwitchedOffPack[] = [];
  const normaliser = createNormaliser({
    snapshot: testSnapshot(slow),
    guard: { clockMs: () => (now += step), onSwitchedOff: (pack) => told.push(pack) },
  });
  const read = (milliseconds: number): Readonly<Record<string, unknown>> => {
    step = milliseconds;
    const [outcome] = normaliser.normalise([testRecord("x y")]);
    return outcome?.kind === "event" ? { pack: outcome.event.pack, ...outcome.event.fields } : {};
  };
  return { normaliser, read, told };
}

describe("a pack that is slow again and again", () => {
  it("is switched off with a reason, and its lines are stored as they came, under its name", () => {
    const { normaliser, read, told } = fixture();
    for (let i = 0; i < 9; i += 1)
      expect(read(200)).toMatchObject({ pack: "slow/main", "event.action": "read" });
    expect(normaliser.switchedOff).toEqual([]);
    read(200);
    const off = [{ pack: "slow", reason: "it took 200 ms for one line, and not for the first time" }];
    expect(normaliser.switchedOff).toEqual(off);
    expect(told).toEqual(off);
    const after = read(0);
    expect(after).toMatchObject({ pack: "unknown", message: "x y", "tyto.switched_off": "slow" });
    expect(after["event.action"]).toBeUndefined();
  });

  it("is forgiven one slow line in a thousand", () => {
    const { normaliser, read } = fixture();
    for (let i = 0; i < 30; i += 1) {
      read(200);
      for (let line = 0; line < 1_000; line += 1) read(0);
    }
    expect(normaliser.switchedOff).toEqual([]);
  });
});

it("switches a pack off that fails again and again, and nobody for what no pack did", () => {
  const guard = new PackGuard({});
  for (let i = 0; i < 20; i += 1) guard.failed("", "TypeError");
  for (let i = 0; i < 9; i += 1) guard.failed("acme", "TypeError");
  expect(guard.switchedOff).toEqual([]);
  guard.failed("acme", "TypeError");
  expect(guard.switchedOff).toEqual([
    { pack: "acme", reason: "it failed with TypeError, and not for the first time" },
  ]);
});
