import { micros, sourceId } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { SourceWatch } from "./source-watch.ts";

const at = (seconds: number) => micros(1_800_000_000_000_000 + seconds * 1_000_000);
const ID = sourceId("00000000000000aa");

/** Looks every 15 seconds while the source receives what `received` says by the second. */
function watched(received: (seconds: number) => number, until: number) {
  const watch = new SourceWatch((packs) => packs.map((pack) => `Rule of ${pack}`));
  const said: {
    readonly second: number;
    readonly kind: string;
    readonly message: string;
    readonly hint: string;
  }[] = [];
  for (let second = 0; second <= until; second += 15) {
    const sources = [{ id: ID, name: "fw01", received: received(second), packs: ["acme"] }];
    for (const { kind, message, hint } of watch.check(sources, at(second)))
      said.push({ second, kind, message, hint });
  }
  return said;
}

describe("the watch over sources", () => {
  it("names a source that is silent for twice its usual gap, and the rules that go blind", () => {
    const said = watched((second) => Math.floor(Math.min(second, 1_800) / 60), 2_400);
    expect(said[0]).toEqual({
      second: 1_920,
      kind: "source-silent",
      message: "fw01 has sent nothing for 2 minutes; until then never longer than 60 seconds",
      hint: 'Look at the sender and at what is between it and Tyto. Blind until it speaks again: "Rule of acme".',
    });
    expect(said.every(({ kind }) => kind === "source-silent")).toBe(true);
  });

  it("says nothing of one that speaks as seldom as ever, or that it hardly knows", () => {
    expect(watched((second) => Math.floor(second / 600), 40_000)).toEqual([]);
    expect(watched((second) => Math.floor(Math.min(second, 200) / 15), 40_000)).toEqual([]);
  });

  it("says when one sends five times as much as usual, or a fifth", () => {
    const more = watched((second) => (second <= 6_000 ? second : 6_000 + (second - 6_000) * 10), 7_200);
    expect(more[0]).toMatchObject({
      kind: "source-rate",
      message: "fw01 sent 6000 records in the last ten minutes; usual are 600",
    });
    const less = watched(
      (second) => (second <= 6_000 ? second : 6_000 + Math.floor((second - 6_000) / 10)),
      7_200,
    );
    expect(less[0]).toMatchObject({
      kind: "source-rate",
      message: "fw01 sent 60 records in the last ten minutes; usual are 600",
    });
  });

  it("takes a few records more for nothing", () => {
    expect(
      watched(
        (second) => (second <= 6_000 ? Math.floor(second / 60) : 100 + Math.floor((second - 6_000) / 10)),
        7_200,
      ),
    ).toEqual([]);
  });
});
