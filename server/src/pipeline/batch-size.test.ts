import { expect, it } from "vitest";
import { BatchSize } from "./batch-size.ts";

/** The size after so many full batches on a machine of this speed. */
function sizeAfter(size: BatchSize, perSecond: number, batches = 20): number {
  for (let batch = 0; batch < batches; batch += 1)
    size.took(size.records, (size.records * 1_000) / perSecond);
  return size.records;
}

it("makes batches that take a second and a half, and no more than are allowed", () => {
  const size = new BatchSize(10_000);
  expect(size.records).toBe(10_000);
  expect(sizeAfter(size, 2_000)).toBeCloseTo(3_000, -1);
  expect(sizeAfter(size, 50_000)).toBe(10_000);
  expect(sizeAfter(size, 10)).toBe(500);
});

it("learns nothing from a batch that was not full", () => {
  const size = new BatchSize(10_000);
  size.took(10, 60_000);
  expect(size.records).toBe(10_000);
});

it("never asks for more than a small limit", () => {
  expect(sizeAfter(new BatchSize(3), 1)).toBe(3);
});
