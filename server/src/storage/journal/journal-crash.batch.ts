import type { RawBatch } from "@tyto/domain";
import { micros, sourceId } from "@tyto/domain";

/** The batch that a text stands for, in the child that sends it and in the test that looks for it: one to three records. */
export function batchOf(text: string): RawBatch {
  const count = 1 + (text.length % 3);
  return {
    source: sourceId("00000000000000cd"),
    receivedAt: micros(1_700_000_000_000_000),
    identity: { kind: "journal" },
    records: Array.from({ length: count }, (_, index) => Buffer.from(`${text}#${index} `.repeat(40))),
  };
}
