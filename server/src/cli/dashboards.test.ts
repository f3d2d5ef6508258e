import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable, Writable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { micros } from "@tyto/domain";
import { createQueryFrontend } from "../query/index.ts";
import type { QueryFrontend } from "../query/index.ts";
import { buildKqlWorker } from "../query/kql/worker-fixture.ts";
import type { WritingClient } from "./client.ts";
import { checkDashboards, exportDashboards, importDashboards, listDashboards } from "./dashboards.ts";

class Collector extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

let query: QueryFrontend;
beforeAll(async () => {
  query = createQueryFrontend({ kqlWorkerPath: await buildKqlWorker() });
}, 60_000);
afterAll(() => query.close());

const TEXT = `version: 1
title: Logons
time: { from: -24h, to: now }
variables: [{ name: hosts, kind: choice, options: [a, b], multi: true }]
panels:
  - id: all
    kind: stat
    title: All
    place: { x: 0, y: 0, w: 3, h: 2 }
    query: Events | where host.name in (_hosts) | count
`;
const KEPT = {
  id: "0123456789abcdef",
  title: "Logons",
  panels: 1,
  owner: "ana\u001b[2J",
  shared: true,
  version: 3,
};
const LINE = { ...KEPT, isOwn: true, isIncluded: false, updatedAt: "2026-01-02T03:04:05Z", description: "" };

function serving() {
  const asked: (readonly [string, string, unknown?])[] = [];
  const unused = () => Promise.reject(new Error("not called"));
  const client: WritingClient = {
    url: "",
    get: (path) => {
      asked.push(["GET", path]);
      return Promise.resolve(path.includes("export") ? { text: TEXT } : { items: [LINE], nextCursor: null });
    },
    post: (path, body) => Promise.resolve((asked.push(["POST", path, body]), { id: "new", version: 1 })),
    put: (path, body) => Promise.resolve((asked.push(["PUT", path, body]), { id: KEPT.id, version: 4 })),
    download: unused,
    stream: unused,
    patch: unused,
    delete: unused,
  };
  return {
    client,
    asked,
    io: { stdin: Readable.from([]), stdout: new Collector(), stderr: new Collector() },
  };
}

function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), "tyto-dashboards-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}

it("lists them, names made harmless", async () => {
  const { client, io } = serving();
  expect(await listDashboards(client, { json: false }, io)).toBe(0);
  expect(io.stdout.text).toContain("Logons");
  expect(io.stdout.text).not.toContain("\u001b");
});

it("exports one to the terminal, and all into a folder", async () => {
  const { client, io } = serving();
  expect(await exportDashboards(client, { id: KEPT.id, format: "yaml" }, io)).toBe(0);
  expect(io.stdout.text).toBe(TEXT);
  const to = join(folder({}), "deep", "er");
  expect(await exportDashboards(client, { to, format: "yaml" }, io)).toBe(0);
  expect(readdirSync(to)).toEqual([`${KEPT.id}.yml`]);
  expect(readFileSync(join(to, `${KEPT.id}.yml`), "utf8")).toBe(TEXT);
});

it("imports a folder: a known title gets a new version, another becomes a dashboard", async () => {
  const { client, asked, io } = serving();
  const path = folder({ "a.yml": TEXT, "b.yaml": TEXT.replace("Logons", "Others"), "notes.txt": "no" });
  expect(await importDashboards(client, { paths: [path], shared: true }, io)).toBe(0);
  expect(asked.map(([method, at]) => `${method} ${at}`)).toEqual([
    "GET /api/v1/dashboards",
    `PUT /api/v1/dashboards/${KEPT.id}`,
    "POST /api/v1/dashboards",
  ]);
  expect(asked[1]?.[2]).toMatchObject({ version: 3, shared: true });
});

it("imports nothing when one of them is wrong, and says where", async () => {
  const { client, asked, io } = serving();
  const path = folder({ "a.yml": TEXT, "b.yml": TEXT.replace("kind: stat", "kind: pie") });
  expect(await importDashboards(client, { paths: [path], shared: true }, io)).toBe(1);
  expect(asked).toEqual([]);
  expect(io.stderr.text).toContain('b.yml:7:11: error: no panel is of kind "pie"');
});

it("checks every query without a server, with the variables as values", async () => {
  const { io } = serving();
  const parts = { query, now: micros(1_000_000_000_000_000) };
  const good = folder({ "a.yml": TEXT });
  expect(
    await checkDashboards([good, resolve(import.meta.dirname, "../../../packs/tyto/dashboards")], parts, io),
  ).toBe(0);
  expect(io.stderr.text).toBe("");
  const bad = folder({ "a.yml": TEXT.replace("_hosts) | count", "_host) | count") });
  expect(await checkDashboards([bad, join(bad, "absent.yml")], parts, io)).toBe(1);
  expect(io.stderr.text).toContain("panel all, line 1, column 30 of its query: The name '_host'");
  expect(io.stderr.text).toContain("absent.yml: error: cannot be read");
}, 60_000);
