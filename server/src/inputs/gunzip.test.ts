import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { BrokenGzip, GzipBomb, gunzip, isGzip } from "./gunzip.ts";

const LIMITS = { maxInflatedBytes: 100_000_000, maxRatio: 200 };
const TEXT = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7919 + (i >> 3) * 31) % 251));
const ZIPPED = gzipSync(TEXT);

async function inflate(
  chunks: readonly Uint8Array[],
): Promise<{ readonly bytes: Buffer; readonly error: unknown }> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of gunzip(streamOf(chunks), LIMITS)) parts.push(part);
    return { bytes: Buffer.concat(parts), error: undefined };
  } catch (error) {
    return { bytes: Buffer.concat(parts), error };
  }
}

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

describe("gunzip", () => {
  it("inflates one member, whole or byte by byte", async () => {
    expect((await inflate([ZIPPED])).bytes.equals(TEXT)).toBe(true);
    const small = gzipSync("one line\n");
    const bytes = [...small].map((byte) => Uint8Array.of(byte));
    expect((await inflate(bytes)).bytes.toString()).toBe("one line\n");
  });

  it("inflates several members, wherever the chunks are cut", async () => {
    for (const chunks of [
      [ZIPPED, ZIPPED],
      [Buffer.concat([ZIPPED, ZIPPED])],
      [Buffer.concat([ZIPPED, ZIPPED.subarray(0, 7)]), ZIPPED.subarray(7)],
    ]) {
      const { bytes, error } = await inflate(chunks);
      expect(error).toBeUndefined();
      expect(bytes.equals(Buffer.concat([TEXT, TEXT]))).toBe(true);
    }
  });

  it("takes padding with zeros for no data, and other bytes behind the end for a break", async () => {
    for (const padded of [
      [Buffer.concat([ZIPPED, Buffer.alloc(512)])],
      [ZIPPED, Buffer.alloc(512), Buffer.alloc(9)],
    ]) {
      const { bytes, error } = await inflate(padded);
      expect(error).toBeUndefined();
      expect(bytes.length).toBe(TEXT.length);
    }
    for (const followed of [
      [Buffer.concat([ZIPPED, Buffer.from("hello")])],
      [ZIPPED, Buffer.from("hello")],
    ]) {
      const { bytes, error } = await inflate(followed);
      expect(error).toBeInstanceOf(BrokenGzip);
      expect(bytes.length).toBeGreaterThanOrEqual(TEXT.length - 16_384);
    }
  });

  it("hands out everything before the place where the stream was cut off", async () => {
    const { bytes, error } = await inflate([ZIPPED.subarray(0, ZIPPED.length - 3)]);
    expect(error).toBeInstanceOf(BrokenGzip);
    expect((error as BrokenGzip).offset).toBe(ZIPPED.length - 3);
    expect(bytes.equals(TEXT)).toBe(true);
    const half = await inflate([ZIPPED.subarray(0, 1_000)]);
    expect(half.error).toBeInstanceOf(BrokenGzip);
    expect(TEXT.subarray(0, half.bytes.length).equals(half.bytes)).toBe(true);
  });

  it("stops at the ratio and at the size, long before a bomb is inflated", async () => {
    const { bytes, error } = await inflate([gzipSync(Buffer.alloc(60_000_000))]);
    expect(error).toBeInstanceOf(GzipBomb);
    expect(bytes.length).toBeLessThan(20_000_000);
  });

  it("calls nothing at all and junk broken, and never hangs", async () => {
    expect((await inflate([])).error).toBeInstanceOf(BrokenGzip);
    expect((await inflate([Buffer.from("plain text")])).error).toBeInstanceOf(BrokenGzip);
  });

  it("knows gzip by its first two bytes", () => {
    expect(isGzip(ZIPPED)).toBe(true);
    expect(isGzip(Buffer.from("{}"))).toBe(false);
  });
});
