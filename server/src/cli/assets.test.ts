import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { expect, it } from "vitest";
import type { AssetImportReport } from "@tyto/domain";
import { importAssets, listAssets, undoAssets } from "./assets.ts";
import type { Client } from "./client.ts";

class Collector extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const asset = {
  id: "a",
  kind: "host",
  name: "fs\u001b[2J",
  criticality: "critical",
  labels: ["core"],
  owner: null,
  aliases: ["10.0.0.1"],
  note: "",
  origin: "csv",
  firstSeen: null,
  lastSeen: null,
  updatedAt: "",
  updatedBy: "ana",
};

function serving(report: Partial<AssetImportReport> = {}) {
  const asked: (readonly [string, unknown])[] = [];
  const pages = [
    { items: [asset], nextCursor: "1" },
    { items: [asset], nextCursor: null },
  ];
  const unused = () => Promise.reject(new Error("not called"));
  const client: Client = {
    url: "",
    get: (path) => Promise.resolve((asked.push([path, null]), pages.shift())),
    post: (path, body) =>
      Promise.resolve(
        (asked.push([path, body]),
        path.endsWith("/undo")
          ? { restored: 1, removed: 2, kept: 0 }
          : {
              importId: "i1",
              dryRun: false,
              rows: 2,
              added: 1,
              changed: 0,
              same: 0,
              problems: [],
              ...report,
            }),
      ),
    download: unused,
    stream: unused,
    patch: unused,
    delete: unused,
  };
  const io = { stdin: Readable.from([]), stdout: new Collector(), stderr: new Collector() };
  return { client, asked, io };
}

function file(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "tyto-assets-")), "cmdb.csv");
  writeFileSync(path, text);
  return path;
}

it("lists all pages, names made harmless", async () => {
  const { client, asked, io } = serving();
  expect(await listAssets(client, { json: false, kind: "host" }, io)).toBe(0);
  expect(asked.map(([path]) => path)).toEqual([
    "/api/v1/assets?limit=1000&kind=host",
    "/api/v1/assets?limit=1000&kind=host&cursor=1",
  ]);
  expect(io.stdout.text).not.toContain("\u001b");
  expect(io.stdout.text).toContain("critical");
});

it("imports a file, names what was wrong by line, and says how to take it back", async () => {
  const problem = { severity: "error", code: "x", message: "no kind", line: 3, hint: "Say one" } as const;
  const { client, asked, io } = serving({ problems: [problem] });
  expect(await importAssets(client, { json: false, file: file("name\na") }, io)).toBe(1);
  expect(asked).toEqual([["/api/v1/assets/import", { csv: "name\na", name: "cmdb.csv", dryRun: false }]]);
  expect(io.stdout.text).toContain("tyto assets undo i1");
  expect(io.stderr.text).toContain("cmdb.csv:3: error: no kind (Say one)");
});

it("only looks when asked to", async () => {
  const { client, io } = serving({ dryRun: true, importId: null });
  expect(await importAssets(client, { json: false, file: file("name\na"), dryRun: true }, io)).toBe(0);
  expect(io.stdout.text).toContain("1 would be added");
});

it("says which file cannot be read", async () => {
  const { client, io } = serving();
  await expect(importAssets(client, { json: false, file: "/nowhere.csv" }, io)).rejects.toMatchObject({
    code: "bad-request",
  });
});

it("takes an import back", async () => {
  const { client, io } = serving();
  expect(await undoAssets(client, "i1", io)).toBe(0);
  expect(io.stdout.text).toContain("1 put back, 2 taken out");
});
