import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import type { Export } from "@tyto/domain";
import { asyncItems } from "@tyto/domain";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Client } from "./client.ts";
import { exportCommand } from "./export.ts";

const CONTENT = "a,b\n1,2\n";
const SHA = createHash("sha256").update(CONTENT).digest("hex");
const DONE: Export = {
  id: "0123456789abcdef",
  state: "done",
  format: "csv",
  kql: "Events",
  columns: null,
  from: "",
  to: "",
  createdAt: "",
  createdBy: "ana",
  rows: 1,
  bytes: CONTENT.length,
  total: 1,
  sha256: SHA,
  expiresAt: null,
  problem: null,
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tyto-export-"));
});
afterEach(() => rm(directory, { recursive: true }));

async function run(end: Partial<Export>) {
  const calls: string[] = [];
  const refuse = () => Promise.reject(new Error("not asked for here"));
  const client: Client = {
    url: "",
    get: (path) => Promise.resolve(calls.push(`get ${path}`) && { ...DONE, ...end }),
    post: (path, body) =>
      Promise.resolve(calls.push(`post ${path} ${JSON.stringify(body)}`) && { ...DONE, state: "running" }),
    delete: (path) => Promise.resolve(calls.push(`delete ${path}`)),
    stream: () => Promise.resolve(asyncItems([Buffer.from("a,b\n"), Buffer.from("1,2\n")])),
    patch: refuse,
    download: refuse,
  };
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const output = join(directory, "out.csv");
  const options = { query: "failed", kql: false, from: "-7d", format: "csv", output, keep: false } as const;
  const outcome = await exportCommand(client, options, { stdin: process.stdin, stdout, stderr }).catch(
    (error: unknown) => error,
  );
  return { outcome, calls, said: String(stdout.read() ?? ""), complained: String(stderr.read() ?? "") };
}

describe("tyto export", () => {
  it("waits for the whole file, checks its digest and removes the server's copy", async () => {
    const { outcome, calls, said } = await run({});
    expect(outcome).toBe(0);
    expect(await readFile(join(directory, "out.csv"), "utf8")).toBe(CONTENT);
    expect(said).toContain(SHA);
    expect(calls).toEqual([
      'post /api/v1/exports {"text":"failed","from":"-7d","format":"csv"}',
      "get /api/v1/exports/0123456789abcdef",
      "delete /api/v1/exports/0123456789abcdef",
    ]);
  });

  it("leaves nothing behind when the file is another than the server wrote", async () => {
    const { outcome } = await run({ sha256: "00" });
    expect(String(outcome)).toContain("did not arrive");
    expect(await readdir(directory)).toEqual([]);
  });

  it("says why an export failed", async () => {
    const { outcome, complained } = await run({ state: "failed", problem: "the disk is nearly full" });
    expect([outcome, complained.trim()]).toEqual([1, "failed: the disk is nearly full"]);
  });
});
