import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { TABLES } from "../tables.ts";

const REFERENCE = path.resolve(import.meta.dirname, "../../../../docs/reference/kql.md");

test("the reference names every column of ours", async () => {
  const page = await readFile(REFERENCE, "utf8");
  const named = new Set([...page.matchAll(/`([^`]+)`/g)].map((match) => match[1]?.replace(/\(.*/, "")));
  const columns = [TABLES.Findings, TABLES.Alerts].flatMap((table) => [...table.columns.keys()]);
  const missing = columns.filter((name) => !named.has(name));
  expect(missing).toEqual([]);
});
