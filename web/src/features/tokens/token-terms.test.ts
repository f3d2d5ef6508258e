import type { Token } from "@tyto/domain";
import { expect, it } from "vitest";
import { termsInWords } from "./token-terms.ts";

const free: Token = {
  id: "t",
  name: "door",
  scope: "ingest",
  prefix: "tyto_",
  createdAt: "2026-01-15T12:00:00.000Z",
  createdBy: "ana",
  expiresAt: null,
  lastUsedAt: null,
  lastUsedFrom: null,
  isEnabled: true,
  previousUntil: null,
  source: null,
  pack: null,
  inputs: null,
  recordsPerSecond: null,
  bytesPerSecond: null,
};

it("says what limits a token, and nothing of one that nothing limits", () => {
  expect(termsInWords(free)).toBe("");
  expect(
    termsInWords({
      ...free,
      source: "door",
      pack: "acme-door",
      inputs: ["hec", "loki"],
      recordsPerSecond: 50,
    }),
  ).toBe("as door · read by acme-door · over hec, loki · 50 records/s");
});
