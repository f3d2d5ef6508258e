import { afterAll, beforeAll, expect, it } from "vitest";
import { micros, sequence } from "@tyto/domain";
import { temporaryEngine } from "../engine/engine-fixture.ts";
import { eventAt, INSTANT } from "./event-fixture.ts";

let one: Awaited<ReturnType<typeof temporaryEngine>>;
let other: Awaited<ReturnType<typeof temporaryEngine>>;
beforeAll(async () => {
  one = await temporaryEngine();
  other = await temporaryEngine();
}, 60_000);
afterAll(async () => {
  await one.remove();
  await other.remove();
});

const WEEK = 7 * 86_400_000_000;
const event = (place: number) => eventAt(place, { timestamp: micros(INSTANT - (place % 5) * WEEK) });
const census = ({ engine }: typeof one, upTo = 1_000) => engine.keeping.census("events", sequence(upTo));

it("does not depend on order or parts, and notices a row more, a row twice and a changed byte", async () => {
  const places = Array.from({ length: 50 }, (_, i) => i + 1);
  await one.engine.events.insert(places.map(event));
  for (const place of places.toReversed()) if (place > 40) await other.engine.events.insert([event(place)]);
  await other.engine.events.insert(places.filter((place) => place <= 40).map(event));
  const whole = await census(one);
  expect(whole.rows).toBe(50);
  expect(await census(other)).toEqual(whole);
  expect((await census(one, 40)).rows).toBe(40);
  await other.engine.events.insert([event(50)]);
  expect((await census(other)).hash).not.toBe(whole.hash);
  await one.engine.events.insert([{ ...event(51), raw: Buffer.from("a") }]);
  const before = await census(one);
  await other.engine.events.insert([{ ...event(51), raw: Buffer.from("b") }]);
  expect((await census(other)).hash).not.toBe(before.hash);
});

it("of nothing is nothing", async () => {
  expect(await one.engine.keeping.census("quarantined", sequence(10))).toEqual({ rows: 0, hash: "0-0" });
});
