import { gzipSync } from "node:zlib";
import { TytoError } from "@tyto/domain";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IngestLimits } from "../ingest-handler.ts";
import { GOOD, testShipper } from "../testing/shipper-fixture.ts";
import { BrokenExport, ExportReader } from "./export-reader.ts";
import { createJournaldProtocol } from "./journald-protocol.ts";

const fixture = (limits: Partial<IngestLimits> = {}) =>
  testShipper("journald", createJournaldProtocol, limits);
const HEADERS = {
  authorization: `Basic ${Buffer.from(`x:${GOOD}`).toString("base64")}`,
  "content-type": "application/vnd.fdo.journal",
};
const JOURNAL = "0639c7f4f15c49bdaa2f13eb8ca8e2a1";
const cursor = (n: number): string =>
  `__CURSOR=s=${JOURNAL};i=${n.toString(16)};b=37f1b5e2dce54c3ba16e5a4b8f1d7c90;m=1;t=2;x=3\n`;

function binary(name: string, value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from("\n")]);
}

const ENTRIES = Buffer.concat([
  Buffer.from(`${cursor(10)}__REALTIME_TIMESTAMP=1772186400000000\nMESSAGE=a=b\nTAG=x\nTAG=y\n\n`),
  Buffer.from(cursor(11)),
  binary("MESSAGE", "one\n\ntwo=é"),
  binary("DATA", Uint8Array.from([0, 0xff])),
  Buffer.from("\n\n"),
  Buffer.from(`${cursor(300)}MESSAGE=last\n`),
]);
const TEXTS = [
  `"__REALTIME_TIMESTAMP":"1772186400000000","MESSAGE":"a=b","TAG":["x","y"]}`,
  `"MESSAGE":"one\\n\\ntwo=é","DATA":[0,255]}`,
  `"MESSAGE":"last"}`,
];

describe("the upload of a journal", () => {
  it("keeps entries as journalctl writes them, with their places in the journal", async () => {
    const { call, context } = fixture();
    const reply = await call("POST", "/upload", [ENTRIES.subarray(0, 150), ENTRIES.subarray(150)], HEADERS);
    expect([reply.status, reply.text]).toEqual([202, "OK.\n"]);
    expect(context.sink.texts.map((text, n) => text.endsWith(TEXTS[n] ?? "-"))).toEqual([true, true, true]);
    expect(context.sink.batches.map(({ identity }) => identity)).toMatchObject([
      { kind: "object", ordinals: [10, 11, 300] },
    ]);
    await call("POST", "/upload", ENTRIES, { ...HEADERS, authorization: "Bearer other" });
    const [mine, others] = context.sink.batches.map(({ identity }) =>
      identity.kind === "object" ? identity.origin : "",
    );
    expect(mine).not.toBe(others);
  });

  it("starts another batch where numbers do not ascend, and takes entries without a place too", async () => {
    const { call, context } = fixture();
    const body = `${cursor(5)}MESSAGE=a\n\n${cursor(5)}MESSAGE=b\n\nMESSAGE=c\n\nMESSAGE=d\n\n${cursor(4)}MESSAGE=e\n\n`;
    await call("POST", "/upload", body, HEADERS);
    expect(context.sink.batches.map(({ identity, records }) => [identity.kind, records.length])).toEqual([
      ["object", 1],
      ["object", 1],
      ["journal", 2],
      ["object", 1],
    ]);
  });

  it("keeps a journal while it comes, without holding all of it", async () => {
    const { call, context, memory } = fixture({ maxBytesInFlight: 1_000_000, maxInflatedBytes: 1_000 });
    const chunk = Array.from({ length: 500 }, () => `MESSAGE=${"x".repeat(80)}\n\n`).join("");
    const reply = await call(
      "POST",
      "/upload",
      Array.from({ length: 100 }, () => chunk),
      HEADERS,
    );
    expect(reply.status).toBe(202);
    expect(context.sink.texts).toHaveLength(50_000);
    expect(context.sink.batches.length).toBeGreaterThan(40);
    expect(() => memory.take(1_000_000)).not.toThrow();
  });

  it.each<[string, Uint8Array | string, Record<string, string>, number]>([
    ["no token", ENTRIES, { "content-type": HEADERS["content-type"] }, 401],
    ["a wrong token", ENTRIES, { ...HEADERS, authorization: "Bearer nope" }, 401],
    ["a token that may only read", ENTRIES, { ...HEADERS, authorization: "Bearer reader" }, 403],
    ["another content type", ENTRIES, { ...HEADERS, "content-type": "text/plain" }, 415],
    ["brotli", ENTRIES, { ...HEADERS, "content-encoding": "br" }, 415],
    ["text", "hello world\n", HEADERS, 400],
    ["a field that is cut off", "MESSAGE=abc", HEADERS, 400],
    ["a binary field that is cut off", binary("MESSAGE", "abc").subarray(0, -2), HEADERS, 400],
    [
      "a binary field of another length",
      Buffer.concat([binary("MESSAGE", "abc"), binary("M", "abc").subarray(0, 8), Buffer.from("\n")]),
      HEADERS,
      400,
    ],
    [
      "a length beyond all limits",
      Buffer.concat([Buffer.from("MESSAGE\n"), Buffer.alloc(8, 0xff)]),
      HEADERS,
      400,
    ],
    ["a line without an end", `MESSAGE=${"x".repeat(5_000_000)}`, HEADERS, 400],
    ["an entry of too many fields", "A=1\n".repeat(2_000), HEADERS, 400],
    ["a gzip stream that is cut off", gzipSync(ENTRIES).subarray(0, -6), HEADERS, 400],
    ["a bomb", gzipSync(Buffer.alloc(50_000_000, "A=\n\n")), HEADERS, 413],
  ])("refuses %s", async (_what, body, headers, status) => {
    const { call } = fixture();
    expect((await call("POST", "/upload", body, headers)).status).toBe(status);
  });

  it("takes gzip, and cuts an entry that is too long, to quarantine", async () => {
    const { call, context } = fixture({ maxRecordBytes: 100 });
    const body = gzipSync(`MESSAGE=${"x".repeat(200)}\n\nMESSAGE=b\n\n`);
    expect((await call("POST", "/upload", body, { ...HEADERS, "content-encoding": "gzip" })).status).toBe(
      202,
    );
    expect(context.sink.batches.map(({ fault }) => fault)).toEqual(["oversize", undefined]);
  });

  it("answers 503 while the journal of Tyto takes nothing", async () => {
    const { call, context } = fixture();
    context.sink.gate = () => {
      throw new TytoError("disk-full", "not now");
    };
    const reply = await call("POST", "/upload", ENTRIES, HEADERS);
    expect([reply.status, reply.headers["retry-after"]]).toEqual([503, "2"]);
  });
});

describe("the reader of exports", () => {
  const limits = { maxEntryBytes: 200, maxFields: 10 };
  const read = (stream: Uint8Array, cuts: readonly number[]) => {
    const reader = new ExportReader(limits);
    const entries: unknown[] = [];
    const take = (list: readonly (readonly (readonly [string, Uint8Array])[])[]) =>
      entries.push(
        ...list.map((entry) => entry.map(([name, value]) => [name, Buffer.from(value).toString("latin1")])),
      );
    try {
      let from = 0;
      for (const to of [...new Set(cuts)].filter((cut) => cut <= stream.length).sort((a, b) => a - b)) {
        take(reader.push(stream.slice(from, to)));
        from = to;
      }
      take(reader.push(stream.slice(from)));
      take(reader.end());
      return { entries, isBroken: false };
    } catch (error) {
      if (error instanceof BrokenExport) return { entries: [], isBroken: true };
      throw error;
    }
  };

  it("gives the same entries however any stream is cut", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => binary("DATA", bytes)),
      fc.constantFrom("MESSAGE=a\n", "A=1\n", "\n", "B=\n").map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.array(fc.nat(200), { maxLength: 20 }),
        (pieces, cuts) => {
          const stream = Buffer.concat(pieces);
          expect(read(stream, cuts)).toEqual(read(stream, []));
          expect(read(stream, Array.from(stream.keys()))).toEqual(read(stream, []));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
