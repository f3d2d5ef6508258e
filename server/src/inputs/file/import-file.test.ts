import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { eventId, TytoError } from "@tyto/domain";
import { afterEach, describe, expect, it } from "vitest";
import { element, uint16, writeEvtx } from "../../evtx/evtx-writer.fixture.ts";
import { createIngestHandler } from "../http/ingest-handler.ts";
import type { MemorySink } from "../testing/context.ts";
import { testContext } from "../testing/context.ts";
import { importFile } from "./import-file.ts";
import type { ImportProgress } from "./import-file.ts";
import { httpTarget, sinkTarget } from "./import-target.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function fileOf(name: string, content: Uint8Array | string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tyto-import-"));
  folders.push(folder);
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function fixture() {
  const context = testContext();
  return { context, target: sinkTarget(context) };
}

const idsOf = (sink: MemorySink): readonly string[] =>
  sink.batches.flatMap(({ identity }) =>
    identity.kind === "object" ? identity.ordinals.map((ordinal) => eventId(identity.origin, ordinal)) : [],
  );

describe("importing a file", () => {
  it.each<readonly [string, Uint8Array | string, readonly string[]]>([
    ["lines", "one\r\n\ntwo\nthree", ["one", "two", "three"]],
    ["NDJSON", `{"a":1}\n{"b":2}\n`, [`{"a":1}`, `{"b":2}`]],
    ["a list", `[{"a":1},\n{"b":2}]`, [`{"a":1}`, `{"b":2}`]],
    ["CloudTrail's file, gzip", gzipSync(`{"Records":[{"a":1},{"b":2}]}`), [`{"a":1}`, `{"b":2}`]],
    ["gzip of two members", Buffer.concat([gzipSync("one\nt"), gzipSync("wo\n")]), ["one", "two"]],
    ["UTF-16 little-endian", Buffer.from("\ufeffé one\r\ntwo\r\n", "utf16le"), ["é one", "two"]],
    ["UTF-16 big-endian", Buffer.from("\ufeffé one\ntwo", "utf16le").swap16(), ["é one", "two"]],
    ["nothing", "", []],
  ])("takes %s", async (_name, content, expected) => {
    const { context, target } = fixture();
    const outcome = await importFile(await fileOf("x.log", content), { target, pack: "p" });
    expect(context.sink.texts).toEqual(expected);
    expect(outcome).toMatchObject({ records: expected.length, faulty: 0 });
    expect(outcome.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(context.sink.batches.every(({ pack }) => pack === "p")).toBe(true);
  });

  it("gives the same content the same ids: plain, packed, renamed, in other batches or through a server", async () => {
    const text = Array.from({ length: 500 }, (_, i) => `line ${i}\n`).join("");
    const one = fixture();
    await importFile(await fileOf("a.log", text), one);
    const two = fixture();
    await importFile(await fileOf("b.log.gz", gzipSync(text)), { ...two, limits: { batchRecords: 7 } });
    expect(idsOf(one.context.sink)).toHaveLength(500);
    expect(new Set(idsOf(one.context.sink)).size).toBe(500);
    expect(idsOf(two.context.sink)).toEqual(idsOf(one.context.sink));

    const served = testContext();
    const handler = createIngestHandler({ ...served, knownPack: () => true });
    const target = httpTarget({ url: "http://tyto.test:8080", token: "secret", fetch: through(handler) });
    await importFile(await fileOf("a.log", text), { target, pack: "linux-auth" });
    expect(idsOf(served.sink)).toEqual(idsOf(one.context.sink));
    expect(served.sources.keys[0]).toEqual(one.context.sources.keys[0]);
    expect(served.sink.batches[0]?.pack).toBe("linux-auth");
  });

  it("sends what names the columns along with the records, straight and through a server", async () => {
    const path = await fileOf("ex.log", "#Fields: a b\n1 2\n3 4\n#Fields: b a\n5 6\n");
    const one = fixture();
    await importFile(path, one);
    const served = testContext();
    const handler = createIngestHandler({ ...served, knownPack: () => true });
    const target = httpTarget({ url: "http://tyto.test:8080", token: "secret", fetch: through(handler) });
    await importFile(path, { target });
    for (const { sink } of [one.context, served]) {
      expect(sink.batches.map(({ header, records }) => [header, records.length])).toEqual([
        ["#Fields: a b", 3],
        ["#Fields: b a", 2],
      ]);
    }
    expect(idsOf(served.sink)).toEqual(idsOf(one.context.sink));
  });

  it("imports what is readable of a cut gzip file, marks the half record and reports the break", async () => {
    const { context, target } = fixture();
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${(i * 7919) % 1_000_003}\n`).join("");
    const path = await fileOf("cut.gz", gzipSync(lines).subarray(0, 60_000));
    const outcome = await importFile(path, { target });
    expect(outcome.diagnostics).toMatchObject([{ severity: "error", code: "truncated-stream" }]);
    expect(outcome.diagnostics[0]?.message).toContain("after 60000 compressed bytes");
    expect(outcome.records).toBeGreaterThan(1_000);
    expect(outcome.faulty).toBe(1);
    expect(context.sink.batches.at(-1)).toMatchObject({ fault: "truncated-stream" });
    expect(lines.startsWith(context.sink.texts.slice(0, -1).join("\n"))).toBe(true);
  });

  it("keeps an oversize line as a record that is cut at the limit, with its fault", async () => {
    const { context, target } = fixture();
    const path = await fileOf("big.log", `a\n${"x".repeat(3_000_000)}\nb\n`);
    const outcome = await importFile(path, { target });
    expect(outcome).toMatchObject({ records: 3, faulty: 1 });
    const cut = context.sink.batches.find(({ fault }) => fault === "oversize");
    expect(cut?.records[0]?.length).toBe(1024 * 1024);
  });

  it("says what a file is that it does not read, and what to do", async () => {
    const { target } = fixture();
    for (const [name, content] of [
      ["a.zip", "PK\x03\x04zzzz"],
      ["a.zst.gz", gzipSync("PK\x03\x04zzzz")],
    ] as const) {
      const { diagnostics, records } = await importFile(await fileOf(name, content), { target });
      expect(diagnostics).toMatchObject([{ severity: "error", code: "unsupported-file" }]);
      expect(diagnostics[0]?.hint).toBeTruthy();
      expect(records).toBe(0);
    }
    const missing = await importFile("/nowhere/at/all.log", { target });
    expect(missing.diagnostics).toMatchObject([{ code: "unreadable-file" }]);
  });

  describe("of Windows events", () => {
    const log = writeEvtx(
      Array.from({ length: 50 }, (_, i) => element("Event", {}, element("Data", { Name: "N" }, uint16(i)))),
      { recordsPerChunk: 20 },
    );

    it("takes each event as XML, with its place in the file as its ordinal, plain and packed", async () => {
      const plain = fixture();
      const packed = fixture();
      const outcome = await importFile(await fileOf("a.evtx", log), plain);
      await importFile(await fileOf("a.evtx.gz", gzipSync(log)), { ...packed, limits: { batchRecords: 7 } });
      expect(outcome).toMatchObject({ records: 50, faulty: 0, diagnostics: [] });
      expect(plain.context.sink.texts[3]).toBe("<Event><Data Name='N'>3</Data></Event>");
      expect(new Set(idsOf(plain.context.sink)).size).toBe(50);
      expect(idsOf(packed.context.sink)).toEqual(idsOf(plain.context.sink));
    });

    it("names what is damaged, imports the rest, and cuts what is too long", async () => {
      const { context, target } = fixture();
      const damaged = Buffer.from(log);
      damaged.fill(0xff, 4_096 + 512 + 28, 4_096 + 512 + 32);
      const outcome = await importFile(await fileOf("a.evtx", damaged), {
        target,
        limits: { maxRecordBytes: 37 },
      });
      expect(outcome.records).toBe(49);
      expect(outcome.faulty).toBe(49);
      expect(context.sink.texts.every((text) => text.length === 37)).toBe(true);
      expect(outcome.diagnostics.map(({ code }) => code)).toEqual(["evtx-checksum", "evtx-record"]);
      expect(outcome.diagnostics[1]?.message).toContain("chunk 0, record 1, at byte 4608");
    });
  });

  it("reports progress of both passes to the end", async () => {
    const { target } = fixture();
    const seen: ImportProgress[] = [];
    const path = await fileOf("a.log", "one\n".repeat(200_000));
    await importFile(path, { target, onProgress: (progress) => seen.push(progress) });
    expect(seen[0]?.phase).toBe("identifying");
    expect(seen.at(-1)).toMatchObject({ phase: "sending", bytesDone: 800_000, bytesTotal: 800_000 });
  });

  it("waits for a busy server and fails at once where none answers", async () => {
    const served = testContext();
    let refusals = 1;
    served.sink.gate = () => {
      refusals -= 1;
      if (refusals >= 0) throw new TytoError("back-pressure", "busy");
    };
    const handler = createIngestHandler({ ...served, knownPack: () => true });
    const path = await fileOf("a.log", "one\n");
    const busy = httpTarget({ url: "http://tyto.test", token: undefined, fetch: through(handler) });
    expect((await importFile(path, { target: busy })).records).toBe(1);
    const nobody = httpTarget({
      url: "http://tyto.test",
      token: undefined,
      fetch: () => Promise.reject(new Error("refused")),
    });
    await expect(importFile(path, { target: nobody })).rejects.toMatchObject({ code: "not-found" });
  });
});

/** `fetch` straight into a handler. */
function through(handler: ReturnType<typeof createIngestHandler>): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const bytes = new Uint8Array(await request.arrayBuffer());
    const source = new URL(request.url).searchParams.get("source");
    const reply = await handler.handle({
      body: (async function* () {
        yield await Promise.resolve(bytes);
      })(),
      headers: Object.fromEntries(request.headers),
      query: source === null ? {} : { source },
      token: { id: "t1", name: "import" },
    });
    return new Response(JSON.stringify(reply.body), { status: reply.status });
  };
}
