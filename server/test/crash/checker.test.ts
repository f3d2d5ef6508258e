/** A judge that never convicts is none: each kind of fault is put before it once, by a server that lies. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { judge } from "./checker.ts";
import type { Asked } from "./checker.ts";
import type { Stream } from "./stream.ts";

interface Told {
  readonly names?: readonly string[];
  readonly account?: Readonly<Record<string, number>>;
}

/** Two blocks of three records; the first is acknowledged whole, of the second one record. */
const STREAM: Stream = {
  name: "s",
  sent: new Map([
    [0, 3],
    [1, 3],
  ]),
  acknowledged: new Map([
    [0, 3],
    [1, 1],
  ]),
  isRepeated: false,
};
const ALL = ["s.0.0", "s.0.1", "s.0.2", "s.1.0", "s.1.1"];

/** A server with one source, which says what it is told to say. */
async function lying({ names = ALL, account = {} }: Told): Promise<Asked> {
  const numbers = { received: names.length, stored: names.length, filtered: 0, quarantined: 0, queued: 0 };
  const sources = { items: [{ id: "1", name: "s", ...numbers, ...account }] };
  const reply = {
    columns: ["source", "block", "rows", "names"].map((name) => ({ name })),
    rows: [["1", "0", names.length, names]],
  };
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(request.url === "/api/v1/sources" ? sources : reply));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, token: "" };
}

describe("the judge of the crash suite", () => {
  it("finds nothing wrong where all that was acknowledged is there once, whatever became of the rest", async () => {
    for (const names of [ALL, ALL.slice(0, 4), [...ALL, "s.1.2"]]) {
      const verdict = await judge(await lying({ names }), [STREAM]);
      expect(verdict).toEqual({
        sent: 6,
        acknowledged: 4,
        lost: [],
        doubled: [],
        foreign: [],
        unbalanced: [],
      });
    }
  });

  it("names an acknowledged record that is not there", async () => {
    const verdict = await judge(await lying({ names: ALL.filter((name) => name !== "s.1.0") }), [STREAM]);
    expect(verdict.lost).toEqual(["s.1.0"]);
  });

  it("names all acknowledged records of a source that the server does not know", async () => {
    const { lost } = await judge(await lying({}), [{ ...STREAM, name: "t" }]);
    expect(lost).toEqual(["t.0.0", "t.0.1", "t.0.2", "t.1.0"]);
  });

  it("names what is there twice, acknowledged or not, and what nobody sent", async () => {
    const verdict = await judge(await lying({ names: [...ALL, "s.1.1", "s.9.0"] }), [STREAM]);
    expect(verdict.doubled).toEqual(["s.1.1"]);
    expect(verdict.foreign).toEqual(["s.9.0"]);
  });

  it.each([
    ["an outcome is missing", { received: 6 }],
    ["the books hold more than the store", { received: 6, stored: 6 }],
    ["less was received than acknowledged", { received: 3, stored: 3 }],
    ["something was filtered that came once", { received: 6, filtered: 1 }],
    ["more was received than sent", { received: 7, quarantined: 2 }],
  ])("sees in the books that %s", async (_, account) => {
    const verdict = await judge(await lying({ account }), [STREAM]);
    expect(verdict.unbalanced.length).toBeGreaterThan(0);
  });
});
