import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { linesOf } from "./log-lines.ts";

async function lines(...chunks: readonly Buffer[]): Promise<readonly Buffer[]> {
  const found: Buffer[] = [];
  for await (const line of linesOf(Readable.from(chunks))) found.push(line);
  return found;
}

const cut = (bytes: Buffer, size: number): readonly Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );

describe("log lines", () => {
  const text = Buffer.concat([
    Buffer.from("one\r\n\ntwo \u2192\n"),
    Buffer.from([0xff, 0x00]),
    Buffer.from("\nlast"),
  ]);
  const expected = ["one", "", "two \u2192", "\xff\0", "last"];

  it.each([1, 2, 3, 7, 1_000])("are the same however the stream is cut (%i)", async (size) => {
    const found = await lines(...cut(text, size));
    expect(found.map((line) => (line[0] === 0xff ? line.toString("latin1") : line.toString()))).toEqual(
      expected,
    );
  });

  it("are inflated where the bytes begin like gzip, in several members too", async () => {
    const zipped = Buffer.concat([gzipSync("one\ntw"), gzipSync("o\n")]);
    expect((await lines(...cut(zipped, 5).slice(0))).map(String)).toEqual(["one", "two"]);
  });

  it("say when a gzip stream ends too early", async () => {
    const zipped = gzipSync(Buffer.alloc(100_000, "line\n"));
    await expect(lines(zipped.subarray(0, zipped.length - 20))).rejects.toThrow(/unexpected end/);
  });

  it("come in pieces where there is no end in sight", async () => {
    const megabyte = Buffer.alloc(1024 * 1024, "x");
    const found = await lines(...Array.from({ length: 40 }, () => megabyte));
    expect(found.map((line) => line.length / megabyte.length)).toEqual([16, 16, 8]);
  });
});
