import { sequence } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { appliedSpans, countStored, encodeOutcomes } from "./applied-outcomes.ts";
import type { AppliedOutcome } from "./applied-outcomes.ts";

/** `5:ssq` are records 5, 6, 7. */
function batch(...stretches: readonly string[]): ReturnType<typeof encodeOutcomes> {
  const records: { readonly sequence: ReturnType<typeof sequence> }[] = [];
  const outcomes: AppliedOutcome[] = [];
  for (const stretch of stretches) {
    const [first = "", letters = ""] = stretch.split(":");
    [...letters].forEach((letter, index) => {
      records.push({ sequence: sequence(Number(first) + index) });
      outcomes.push(letter as AppliedOutcome);
    });
  }
  return encodeOutcomes(records, outcomes);
}

function spansOf(...batches: readonly ReturnType<typeof batch>[]): readonly string[] {
  return appliedSpans(batches.filter((one) => one !== undefined)).map(
    ({ first, last, outcomes }) => `${first}-${last}:${outcomes.join("")}`,
  );
}

describe("outcomes of a batch", () => {
  it.each([
    [["1:ssss"], "4s"],
    [["7:sqqf"], "1s2q1f"],
    [["1:ss", "40:s"], "2s37-1s"],
    [["1:sq", "4:f"], "1s1q1-1f"],
    [["1:s", "3:s", "5:s"], "1s1-1s1-1s"],
  ])("of %j are written %s and read back", (stretches, text) => {
    const range = batch(...stretches);
    expect(range?.outcomes).toBe(text);
    expect(spansOf(range)).toEqual(
      stretches.map((one) => {
        const [first = "", letters = ""] = one.split(":");
        return `${first}-${Number(first) + letters.length - 1}:${letters}`;
      }),
    );
  });

  it("are none without records", () => {
    expect(batch()).toBeUndefined();
  });
});

describe("spans", () => {
  it("join what batches of several lanes took in turns", () => {
    expect(spansOf(batch("1:ss", "5:q"), batch("3:ff", "6:s"))).toEqual(["1-6:ssffqs"]);
  });

  it("leave out what no batch had yet, however far it is", () => {
    expect(spansOf(batch("3:s", "900000000:s"))).toEqual(["3-3:s", "900000000-900000000:s"]);
  });

  it("have an end, so that little is looked through for what is lost", () => {
    const spans = appliedSpans([{ first: sequence(1), last: sequence(50_000), outcomes: "50000s" }]);
    expect(spans.map(({ first, last }) => last - first + 1)).toEqual([20_000, 20_000, 10_000]);
    expect(spans.map(countStored)).toEqual([20_000, 20_000, 10_000]);
  });

  it("count rows, not records", () => {
    const [span] = appliedSpans([{ first: sequence(1), last: sequence(6), outcomes: "3s2f1q" }]);
    expect(span === undefined ? undefined : countStored(span)).toBe(4);
  });
});
