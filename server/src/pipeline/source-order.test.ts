import { describe, expect, it } from "vitest";
import { sourceId } from "@tyto/domain";
import { testRecord } from "./testing/records.ts";
import { inSourceOrder } from "./source-order.ts";

const A = sourceId("000000000000000a");
const B = sourceId("000000000000000b");

describe("the order in which a batch is read", () => {
  it("puts a source's records together, and what became of them back", () => {
    const records = [A, B, A, B, B].map((source, i) => testRecord(`line ${i}`, { source }));
    const order = inSourceOrder(records);
    expect(order.records.map((record) => records.indexOf(record))).toEqual([0, 2, 1, 3, 4]);
    expect(order.restore(order.records)).toEqual(records);
  });

  it("leaves one source's records, and none, as they are", () => {
    const records = [testRecord("a"), testRecord("b")];
    expect(inSourceOrder(records).records).toBe(records);
    expect(inSourceOrder([]).restore([])).toEqual([]);
  });
});
