import { micros, MICROS_PER_HOUR, originId, sequence, sourceId } from "@tyto/domain";
import type { RawRecord } from "@tyto/domain";
import { expect, it } from "vitest";
import { LedgerDraft } from "./ledger-draft.ts";

function recordAt(receivedAt: number): RawRecord {
  return {
    sequence: sequence(1),
    origin: originId("00000000000000aa"),
    ordinal: 1,
    source: sourceId("00000000000000bb"),
    receivedAt: micros(receivedAt),
    bytes: new Uint8Array(),
  };
}

it("a batch over the turn of an hour is booked in both hours", () => {
  const draft = new LedgerDraft();
  draft.filtered(recordAt(2 * MICROS_PER_HOUR - 1), "duplicate");
  draft.quarantined(recordAt(2 * MICROS_PER_HOUR), "oversize");
  draft.filtered(recordAt(MICROS_PER_HOUR), "duplicate");
  expect(draft.entries()).toMatchObject([
    { hour: MICROS_PER_HOUR, received: 2, filtered: { duplicate: 2 }, quarantined: {} },
    { hour: 2 * MICROS_PER_HOUR, received: 1, filtered: {}, quarantined: { oversize: 1 } },
  ]);
});
