import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { isBundlePath } from "./bundle-path.ts";
import { readTar } from "./tar-read.ts";
import { TAR_END, tarHeader, tarPadding } from "./tar-write.ts";

const LONG = `engine/store/abc/${"x".repeat(120)}/data.bin`;

function tarOf(files: Readonly<Record<string, string>>): Buffer {
  const pieces = Object.entries(files).flatMap(([path, content]) => {
    const bytes = Buffer.from(content);
    return [tarHeader(path, bytes.length), bytes, tarPadding(bytes.length)];
  });
  return Buffer.concat([...pieces, TAR_END]);
}

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function filesOf(bytes: Buffer, size = 700): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const { path, content } of readTar(inPieces(bytes, size))) {
    const pieces: Buffer[] = [];
    for await (const piece of content) pieces.push(piece);
    found[path] = Buffer.concat(pieces).toString();
  }
  return found;
}

const FILES = { "a.txt": "one", [LONG]: "two".repeat(1_000), "empty/file": "", "last.bin": "x".repeat(512) };

it.each([1, 511, 512, 700, 100_000])("reads what it wrote, in pieces of %i bytes", async (size) => {
  expect(await filesOf(tarOf(FILES), size)).toEqual(FILES);
});

it("writes what tar reads", () => {
  const folder = mkdtempSync(join(tmpdir(), "tyto-tar-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "x.tar"), tarOf(FILES));
  execFileSync("tar", ["xf", "x.tar"], { cwd: folder });
  for (const [path, content] of Object.entries(FILES))
    expect(readFileSync(join(folder, path), "utf8")).toBe(content);
});

it("skips what nobody read of a file", async () => {
  const paths: string[] = [];
  for await (const { path } of readTar(inPieces(tarOf(FILES), 100))) paths.push(path);
  expect(paths).toEqual(Object.keys(FILES));
});

it.each([
  "../outside",
  "/etc/passwd",
  "a/../../b",
  "a//b",
  "./a",
  "a/.",
  "",
  "a\\b",
  "C:x",
  "a\nb",
  "x".repeat(1_001),
])("takes %j for no path", (path) => {
  expect(isBundlePath(path)).toBe(false);
});

it("reads to the last byte, and takes nothing but padding behind the end", async () => {
  let isOver = false;
  const told = async function* (): AsyncGenerator<Buffer> {
    yield* inPieces(tarOf(FILES), 512);
    isOver = true;
  };
  for await (const { path } of readTar(told())) void path;
  expect(isOver).toBe(true);
  expect(await filesOf(Buffer.concat([tarOf(FILES), Buffer.alloc(9_000)]))).toEqual(FILES);
  await expect(filesOf(Buffer.concat([tarOf(FILES), Buffer.from("x")]))).rejects.toMatchObject({
    code: "bundle-damaged",
  });
});

it("lets its source go when it refuses", async () => {
  let isReleased = false;
  const source = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* inPieces(tarOf({ "../outside": "x", ...FILES }), 512);
    } finally {
      isReleased = true;
    }
  };
  const read = async (): Promise<void> => {
    for await (const { path } of readTar(source())) void path;
  };
  await expect(read()).rejects.toMatchObject({ code: "bundle-damaged" });
  expect(isReleased).toBe(true);
});

it("refuses a path that leads outside", async () => {
  await expect(filesOf(tarOf({ "../outside": "x" }))).rejects.toMatchObject({ code: "bundle-damaged" });
});

it("refuses a link", async () => {
  const header = tarHeader("link", 0);
  header.write("2", 156, "latin1");
  header.write("        ", 148, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  await expect(filesOf(Buffer.concat([header, TAR_END]))).rejects.toMatchObject({ code: "bundle-damaged" });
});

it("refuses a tar that was cut anywhere, and one whose header was changed", async () => {
  const whole = tarOf({ "a.txt": "one", "b.txt": "two" });
  for (const length of [0, 100, 512, 600, 1_024, 1_500, 2_048])
    await expect(filesOf(whole.subarray(0, length))).rejects.toMatchObject({ code: "bundle-damaged" });
  const changed = Buffer.from(whole);
  changed[0] = 0x62;
  await expect(filesOf(changed)).rejects.toMatchObject({ code: "bundle-damaged" });
});
