import { micros, MICROS_PER_SECOND } from "@tyto/domain";
import type { TokenId } from "@tyto/domain";
import { expect, it } from "vitest";
import type { TokenRecord, TokenTerms } from "../../storage/index.ts";
import { TokenRates } from "./token-rates.ts";

function tokenWith(terms: Partial<TokenTerms>): TokenRecord {
  const none = { source: null, pack: null, inputs: null, recordsPerSecond: null, bytesPerSecond: null };
  return {
    id: "t1" as TokenId,
    name: "shipper",
    scope: "ingest",
    prefix: "tyto_",
    hash: "h",
    createdAt: micros(0),
    createdBy: "ana",
    expiresAt: null,
    lastUsedAt: null,
    lastUsedFrom: null,
    isEnabled: true,
    terms: { ...none, ...terms },
    previous: null,
  };
}

it("lets a burst of ten seconds through, and then no more than the rate on average", () => {
  const clock = { now: 0 };
  const rates = new TokenRates(() => micros(clock.now));
  const token = tokenWith({ recordsPerSecond: 100 });
  let taken = 0;
  for (let second = 0; second < 60; second += 1) {
    while (rates.waitOf(token) === 0) {
      rates.charge(token, 50, 5_000);
      taken += 50;
    }
    clock.now += MICROS_PER_SECOND;
  }
  expect(taken).toBe(1_000 + 59 * 100);
});

it("takes a body that is larger than the burst whole, and says how long its debt lasts", () => {
  const clock = { now: 0 };
  const rates = new TokenRates(() => micros(clock.now));
  const token = tokenWith({ bytesPerSecond: 1_000 });
  rates.charge(token, 1, 30_000);
  expect(rates.waitOf(token)).toBe(21);
  clock.now += 20 * MICROS_PER_SECOND;
  expect(rates.waitOf(token)).toBe(1);
  clock.now += MICROS_PER_SECOND;
  expect(rates.waitOf(token)).toBe(0);
});

it("gives nothing for a clock that goes back, and has no limit where none is set", () => {
  const clock = { now: 100 * MICROS_PER_SECOND };
  const rates = new TokenRates(() => micros(clock.now));
  const token = tokenWith({ recordsPerSecond: 1 });
  rates.charge(token, 10, 10);
  clock.now = 0;
  expect(rates.waitOf(token)).toBe(1);
  const free = tokenWith({});
  rates.charge(free, 1_000_000, 1_000_000);
  expect(rates.waitOf(free)).toBe(0);
});
