import { micros, sourceId } from "@tyto/domain";
import type { FieldValue } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import type { SourceRecord } from "../storage/index.ts";
import { SourceFactsBook } from "./source-facts-book.ts";

const web = sourceId("00000000000000aa");
const source: SourceRecord = {
  id: web,
  input: "syslog-udp",
  name: "web-1",
  discriminator: "192.0.2.1|web-1",
  firstSeenAt: micros(0),
};
const said = [{ fields: { "cloud.account.id": "1234" } }];

function control(kept = new Map<string, string>()): Parameters<typeof SourceFactsBook.open>[0] {
  return {
    settings: {
      get: (key) => Promise.resolve(kept.get(key)),
      set: (key, value) => {
        kept.set(key, value);
        return Promise.resolve();
      },
    },
    sources: () => Promise.resolve([source]),
  };
}

describe("facts of sources", () => {
  it("hold for the next record beside the other settings, and after a restart", async () => {
    const store = control();
    const book = await SourceFactsBook.open(store);
    const others = { columns: ["a"] };
    expect(book.settingsOf(web, others)).toBe(others);
    await book.set(web, said);
    expect(book.settingsOf(web, others)).toMatchObject({
      columns: ["a"],
      facts: expect.anything() as object,
    });
    const again = await SourceFactsBook.open(store);
    expect(again.factsOf(web)).toEqual(said);
    const fields = new Map<string, FieldValue>();
    again.settingsOf(web, {}).facts?.addMissing(fields);
    expect(fields).toEqual(new Map([["cloud.account.id", "1234"]]));
    await again.set(web, []);
    expect((await SourceFactsBook.open(store)).factsOf(web)).toEqual([]);
  });

  it("refuse what no event can hold, and sources that do not exist", async () => {
    const book = await SourceFactsBook.open(control());
    await expect(book.set(web, [{ fields: { "host.nam": "x" } }])).rejects.toMatchObject({
      code: "bad-request",
    });
    await expect(book.set(sourceId("00000000000000bb"), said)).rejects.toMatchObject({ code: "not-found" });
    expect(book.factsOf(web)).toEqual([]);
  });

  it("leave out what an older version kept and no event can hold now", async () => {
    const kept = new Map([["sources.facts", JSON.stringify({ [web]: [{ fields: { "gone.field": "x" } }] })]]);
    expect((await SourceFactsBook.open(control(kept))).factsOf(web)).toEqual([]);
  });
});
