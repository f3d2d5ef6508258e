import { describe, expect, it } from "vitest";
import { isBalanced, micros, sourceId } from "@tyto/domain";
import { Books } from "./books.ts";

const web = sourceId("00000000000000aa");

function booksAt(clock: { now: number }): Books {
  return new Books([], () => clock.now);
}

describe("the books", () => {
  it("balance at every step of a record's way", () => {
    const books = booksAt({ now: 0 });
    books.received(web, 10);
    expect(books.accounts()[0]).toMatchObject({ received: 10, queued: 10, stored: 0 });
    expect(books.accounts().every(isBalanced)).toBe(true);
    books.booked([
      {
        source: web,
        hour: micros(0),
        received: 10,
        stored: 7,
        unknown: 2,
        filtered: { duplicate: 1 },
        quarantined: { oversize: 2 },
        packs: { "linux-auth": 5, unknown: 2 },
        lastEventAt: micros(5),
      },
    ]);
    const account = books.accounts()[0];
    expect(account).toMatchObject({
      received: 10,
      queued: 0,
      stored: 7,
      filtered: 1,
      quarantined: 2,
      unknown: 2,
    });
    expect(account?.packs).toEqual(["linux-auth", "unknown"]);
    expect(books.accounts().every(isBalanced)).toBe(true);
  });

  it("show a leak instead of hiding it", () => {
    const books = booksAt({ now: 0 });
    books.received(web, 3);
    books.booked([
      {
        source: web,
        hour: micros(0),
        received: 3,
        stored: 2,
        unknown: 0,
        filtered: {},
        quarantined: {},
        packs: {},
        lastEventAt: null,
      },
    ]);
    expect(books.accounts().every(isBalanced)).toBe(false);
  });

  it("count the journal's tail after a restart as received and queued", () => {
    const books = booksAt({ now: 0 });
    books.restored(web, 4);
    expect(books.accounts()[0]).toMatchObject({ received: 4, queued: 4 });
  });

  it("know a source's clock by the middle of its last delays", () => {
    const books = booksAt({ now: 0 });
    const entry = {
      source: web,
      hour: micros(0),
      received: 0,
      stored: 0,
      unknown: 0,
      filtered: {},
      quarantined: {},
      packs: {},
      lastEventAt: null,
    };
    books.booked([entry]);
    expect(books.accounts()[0]?.delay).toBeNull();
    books.booked([{ ...entry, delays: [1, 1_000_000, 2] }]);
    expect(books.accounts()[0]?.delay).toBe(2);
    books.booked([{ ...entry, delays: Array<number>(300).fill(-5) }]);
    expect(books.accounts()[0]?.delay).toBe(-5);
  });

  it("know rates by a clock that is never set", () => {
    // Whoever wires them hands in the monotonic one: an hour has no meaning to them, only what passed.
    const clock = { now: 0 };
    const books = booksAt(clock);
    books.received(web, 120);
    clock.now += 60_000;
    expect(books.accounts()[0]?.rate.at(-1)).toBe(2);
  });

  it("forget rates that are older than their stretch", () => {
    const clock = { now: 1_000_000 };
    const books = booksAt(clock);
    books.received(web, 50);
    clock.now += 10_000;
    expect(books.eventsPerSecond().at(-1)).toBe(5);
    clock.now += 1_000_000;
    expect(books.eventsPerSecond().every((rate) => rate === 0)).toBe(true);
  });
});
