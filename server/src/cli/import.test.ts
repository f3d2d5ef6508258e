import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { TytoError } from "@tyto/domain";
import { afterEach, describe, expect, it } from "vitest";
import type { ImportTarget } from "../inputs/index.ts";
import { importCommand, progressText } from "./import.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tyto-import-"));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

function captured(isTTY = false) {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const text = (stream: PassThrough): string => String(stream.read() ?? "");
  return { io: { stdin, stdout, stderr }, out: () => text(stdout), err: () => text(stderr) };
}

const taking: ImportTarget = { send: () => Promise.resolve() };

describe("tyto import", () => {
  it("imports file after file and says what each gave; one that cannot be read makes the status 1", async () => {
    const folder = await folderWith({ "a.log": "one\ntwo\n", "b.log": "three\n" });
    const { io, out, err } = captured();
    const files = [join(folder, "a.log"), join(folder, "missing.log"), join(folder, "b.log")];
    expect(await importCommand({ files, target: taking, clockMs: () => 0 }, io)).toBe(1);
    expect(out()).toMatch(
      /a\.log: 2 records, 8 B\n.*missing\.log: 0 records, 0 B\n.*b\.log: 1 records, 6 B\n/s,
    );
    expect(err()).toMatch(/missing\.log: error: cannot be read/);
  });

  it("stops with what to do next when the server takes no more", async () => {
    const folder = await folderWith({ "a.log": "one\n" });
    const { io, err } = captured();
    const target: ImportTarget = {
      send: () =>
        Promise.reject(new TytoError("unauthenticated", "no token", { hint: "name a token with --token" })),
    };
    expect(await importCommand({ files: [join(folder, "a.log")], target, clockMs: () => 0 }, io)).toBe(1);
    expect(err()).toMatch(/no token.*--token.*nothing is added twice/s);
  });

  it("asks for a file", async () => {
    const { io } = captured();
    expect(await importCommand({ files: [], target: taking, clockMs: () => 0 }, io)).toBe(2);
  });

  it("draws over one line on a terminal and clears it", async () => {
    const folder = await folderWith({ "a.log": "one\n".repeat(300_000) });
    const { io, err } = captured(true);
    let clock = 0;
    await importCommand(
      { files: [join(folder, "a.log")], target: taking, clockMs: () => (clock += 200) },
      io,
    );
    const drawn = err();
    expect(drawn).toContain("\r\u001b[K");
    expect(drawn).not.toContain("\n");
    expect(drawn.endsWith("\r\u001b[K")).toBe(true);
  });

  it("shows share, rate and time left over both passes", () => {
    const progress = { file: "a.log", phase: "sending", bytesDone: 50, bytesTotal: 100, records: 7 } as const;
    expect(progressText(progress, 3)).toBe("a.log [###############-----] 75 % 7 records, 50 B/s, 1 s left");
  });
});
