import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ContentLibrary } from "./content-library.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tyto-content-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const good =
  "recognise: [{ prefix: [x], parser: main }]\nparsers:\n  main: [{ set: { event.kind: event } }]\n";

it("loads what is right, and says what is wrong with the rest", async () => {
  write("one/pack.yml", good);
  write("two/pack.yml", "parsers:\n  main: [{ set: { source.port: http } }]\n");
  write("one/rules/a.yml", "title: a\n");
  write("rules-only/rules/deep/b.yml", "title: b\n");
  const snapshot = await new ContentLibrary([folder]).load();
  expect(snapshot.packs.map((pack) => pack.id)).toEqual(["one"]);
  expect(snapshot.rules).toEqual([
    { path: "one/rules/a.yml", text: "title: a\n" },
    { path: "rules-only/rules/deep/b.yml", text: "title: b\n" },
  ]);
  expect(snapshot.diagnostics).toMatchObject([
    { code: "wrong-type", at: { file: "two/pack.yml", line: 2, column: 32 } },
  ]);
});

it("leaves a pack out that uses a parser which is nowhere, and tells of parsers that nobody uses", async () => {
  write("one/pack.yml", `${good}  spare: [{ set: { event.kind: event } }]\n  shared: [drop]\n`);
  write("two/pack.yml", "types: { two: main }\nparsers:\n  main: [{ use: one/none }]\n");
  write("three/pack.yml", "types: { three: main }\nparsers:\n  main: [{ use: one/shared }]\n");
  const snapshot = await new ContentLibrary([folder]).load();
  expect(snapshot.packs.map((pack) => pack.id)).toEqual(["one", "three"]);
  expect(snapshot.diagnostics).toMatchObject([
    { severity: "error", code: "unknown-parser", at: { file: "two/pack.yml", line: 3 } },
    { severity: "warning", code: "unused-parser", at: { file: "one/pack.yml", line: 4 } },
  ]);
});

it("reads parsers and tables from files of their own", async () => {
  write("one/pack.yml", "namespaces: [acme]\ntypes: { acme: main }\n");
  write("one/parsers/main.yml", "- lookup: { table: codes, key: _a, otherwise: ignore }\n");
  write("one/tables/codes.yml", "1: { event.action: one }\n");
  const snapshot = await new ContentLibrary([folder]).load();
  expect(snapshot.diagnostics).toEqual([]);
  expect([...(snapshot.packs[0]?.tables.get("codes")?.keys() ?? [])]).toEqual(["1"]);
});

it("replaces everything on a good reload and nothing on a bad one", async () => {
  write("one/pack.yml", good);
  const library = new ContentLibrary([folder]);
  const first = await library.load();
  const seen: number[] = [];
  library.subscribe((snapshot) => seen.push(snapshot.version));

  write("one/pack.yml", "parsers: [half a file");
  const refused = await library.reload();
  expect(refused.isReplaced).toBe(false);
  expect(refused.diagnostics.length).toBeGreaterThan(0);
  expect(library.current).toBe(first);

  write("one/pack.yml", good.replace("event.kind: event", "event.kind: alert"));
  expect((await library.reload()).isReplaced).toBe(true);
  expect(library.current.version).toBe(2);
  expect(seen).toEqual([2]);
});

it("lets a later folder's pack replace an earlier one of the same name", async () => {
  write("shipped/one/pack.yml", `title: shipped\n${good}`);
  write("own/one/pack.yml", `title: own\n${good}`);
  const snapshot = await new ContentLibrary([join(folder, "shipped"), join(folder, "own")]).load();
  expect(snapshot.packs.map((pack) => pack.title)).toEqual(["own"]);
});

it("says which folder it cannot read", async () => {
  await expect(new ContentLibrary([join(folder, "absent")]).load()).rejects.toThrow(/cannot read the packs/);
});
