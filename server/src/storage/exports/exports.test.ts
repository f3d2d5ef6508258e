import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { param, sql } from "../../query/index.ts";
import { temporaryEngine } from "../engine/engine-fixture.ts";
import { ExportFolder } from "./export-file.ts";
import { ParquetJoiner } from "./parquet-joiner.ts";
import { linesOfRows } from "./row-texts.ts";
import { readThrift, writeThrift } from "./thrift-compact.ts";

describe("rows of texts", () => {
  it("become lines, whatever the texts hold", () => {
    const long = "x".repeat(300);
    const bytes = Buffer.concat([
      Buffer.from([3]),
      Buffer.from("a\nb"),
      Buffer.from([0]),
      Buffer.from([0xac, 2]),
      Buffer.from(long),
    ]);
    expect(linesOfRows(bytes)).toEqual({ lines: Buffer.from(`a\nb\n\n${long}\n`), rows: 3 });
    expect(() => linesOfRows(Buffer.from([5, 1]))).toThrow(/cut/);
  });
});

describe("a Parquet file of several", () => {
  let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
  beforeAll(async () => {
    fixture = await temporaryEngine();
  });
  afterAll(() => fixture.remove());

  const LIMITS = { timeoutMs: 10_000, maxMemoryBytes: 400_000_000, maxResultBytes: 100_000_000 };
  const parquet = (from: number, count: number) =>
    fixture.engine.queries.bytes(
      sql`SELECT number + ${param("UInt64", from)} AS v0, concat('text ', toString(number)) AS v1, CAST(if(number % 2 = 0, NULL, number), 'Nullable(Float64)') AS v2 FROM numbers(${param("UInt64", count)})`,
      { format: "Parquet", limits: LIMITS, queryId: `p${from}` },
    );

  it("is read by the engine with all rows and the real names", async () => {
    const joiner = new ParquetJoiner(["source.port", "a'b", "x"]);
    const pieces: Buffer[] = [];
    let rows = 0;
    for (const [from, count] of [
      [0, 1_000],
      [1_000, 1],
      [1_001, 70_000],
    ] as const) {
      const added = joiner.add(await parquet(from, count));
      pieces.push(added.bytes);
      rows += added.rows;
    }
    const file = Buffer.concat([...pieces, joiner.finish()]);
    expect(rows).toBe(71_001);
    const text = param("String", file.toString("base64"));
    const read = await fixture.engine.queries.run(
      sql`SELECT count(), sum(\`source.port\`), uniqExact(\`a'b\`), countIf(isNull(x)) FROM format(Parquet, base64Decode(${text}))`,
      { limits: { timeoutMs: 20_000, maxRows: 10, maxMemoryBytes: 400_000_000 }, queryId: "read" },
    );
    expect(read.rows[0]).toEqual([71_001, (71_001 * 71_000) / 2, 70_000, 500 + 1 + 35_000]);
  });

  it("keeps a footer as it was when nothing is changed", async () => {
    const file = await parquet(0, 3);
    const length = file.readUInt32LE(file.length - 8);
    const footer = file.subarray(file.length - 8 - length, file.length - 8);
    expect(writeThrift(readThrift(footer))).toEqual(Buffer.from(footer));
    expect(() => readThrift(footer.subarray(0, 20))).toThrow(/ends too early/);
    expect(() => new ParquetJoiner([]).add(Buffer.from("no"))).toThrow(/no Parquet/);
  });
});

describe("the files of exports", () => {
  it("have their name and their digest when they are whole", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tyto-exports-"));
    const folder = new ExportFolder(directory);
    const id = "0123456789abcdef";
    const file = await folder.create(id);
    await file.append(Buffer.from("one\n"));
    expect(await readdir(join(directory, "exports"))).toEqual([`${id}.part`]);
    await file.append(Buffer.from("two\n"));
    expect(await file.finish()).toBe(createHash("sha256").update("one\ntwo\n").digest("hex"));
    expect(await readdir(join(directory, "exports"))).toEqual([id]);
    const other = await folder.create("ffffffffffffffff");
    await other.discard();
    await folder.sweep((name) => name === id);
    expect(await readdir(join(directory, "exports"))).toEqual([id]);
    await folder.sweep(() => false);
    expect(await readdir(join(directory, "exports"))).toEqual([]);
    expect(() => folder.read("../control.db")).toThrow(/no such export/);
    await rm(directory, { recursive: true });
  });

  it("of an encrypted installation hold nothing that can be read, and come back whole", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tyto-exports-"));
    const key = randomBytes(32);
    const folder = new ExportFolder(directory, { key, random: randomBytes });
    const id = "0123456789abcdef";
    const file = await folder.create(id);
    const lines = Array.from({ length: 40_000 }, (_, index) => `needle ${index}\n`);
    for (let at = 0; at < lines.length; at += 1_000)
      await file.append(Buffer.from(lines.slice(at, at + 1_000).join("")));
    expect(await file.finish()).toBe(createHash("sha256").update(lines.join("")).digest("hex"));
    const onDisk = await readFile(join(directory, "exports", id));
    expect(onDisk.includes("needle")).toBe(false);
    const pieces: Buffer[] = [];
    for await (const piece of folder.read(id)) pieces.push(piece as Buffer);
    expect(Buffer.concat(pieces).toString()).toBe(lines.join(""));
    const other = new ExportFolder(directory, { key: randomBytes(32), random: randomBytes });
    await expect(other.read(id).toArray()).rejects.toMatchObject({ code: "bundle-damaged" });
    await (await folder.create("ffffffffffffffff")).discard();
    expect(await readdir(join(directory, "exports"))).toEqual([id]);
    await rm(directory, { recursive: true });
  });
});
