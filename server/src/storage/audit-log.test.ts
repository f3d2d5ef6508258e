/** Two files read as one, from the newest entry back, in bounded memory. */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { micros } from "@tyto/domain";
import { ACCESS_AUDIT, AuditFile } from "./audit-file.ts";
import { AuditLog } from "./audit-log.ts";
import { linesBackwards } from "./lines-backwards.ts";

let directory: string;
let clock = 0;
const now = () => micros((clock += 1_000_000));
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tyto-audit-"));
  clock = 0;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = (seal?: { readonly key: Uint8Array; readonly random: typeof randomBytes }) =>
  new AuditLog({
    changes: new AuditFile(directory, now, { seal }),
    looks: new AuditFile(directory, now, { name: ACCESS_AUDIT, seal }),
  });

async function fill(log: AuditLog, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const action = n % 3 === 0 ? "user-changed" : "searched";
    await log.append({ actor: n % 2 === 0 ? "ana" : "bo", action, detail: { n } });
  }
}

const all = async (log: AuditLog, limit: number, matches = () => true) => {
  const found: unknown[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await log.page({ limit, cursor, matches });
    found.push(...page.items.map(({ detail }) => detail["n"]));
    if (page.nextCursor === null) return found;
    cursor = page.nextCursor;
  }
};

describe("the audit log", () => {
  it.each([1, 4, 100])("gives every entry once, newest first, in pages of %d", async (limit) => {
    const log = open();
    await fill(log, 20);
    expect(await all(log, limit)).toEqual(Array.from({ length: 20 }, (_, n) => 19 - n));
  });

  it("goes on where a page ended while new entries come in", async () => {
    const log = open();
    await fill(log, 6);
    const first = await log.page({ limit: 3, matches: () => true });
    await log.append({ actor: "ana", action: "searched", detail: { n: 99 } });
    const second = await log.page({ limit: 10, cursor: first.nextCursor ?? "", matches: () => true });
    expect(second.items.map(({ detail }) => detail["n"])).toEqual([2, 1, 0]);
  });

  it("finds by time and by what the caller asks", async () => {
    const log = open();
    await fill(log, 10);
    const page = await log.page({
      limit: 10,
      from: "1970-01-01T00:00:04.000Z",
      to: "1970-01-01T00:00:08.000Z",
      matches: ({ actor }) => actor === "bo",
    });
    expect(page).toMatchObject({ nextCursor: null });
    expect(page.items.map(({ detail }) => detail["n"])).toEqual([5, 3]);
  });

  it("opens what is sealed and lines of the time before the seal", async () => {
    await fill(open(), 2);
    const sealed = open({ key: randomBytes(32), random: randomBytes });
    await sealed.append({ actor: "ana", action: "searched", detail: { n: "words" } });
    expect(await all(sealed, 10)).toEqual(["words", 1, 0]);
  });

  it("keeps what follows a line that a crash has cut", async () => {
    await fill(open(), 2);
    appendFileSync(join(directory, ACCESS_AUDIT), '{"at":"1970-');
    const log = open();
    await log.append({ actor: "ana", action: "searched", detail: { n: 7 } });
    expect(await all(log, 10)).toEqual([7, 1, 0]);
  });

  it("is empty before anything happened, and refuses a cursor that it has not given", async () => {
    expect(await all(open(), 5)).toEqual([]);
    const log = open();
    await fill(log, 2);
    await expect(log.page({ limit: 5, cursor: "x;y", matches: () => true })).rejects.toMatchObject({
      code: "bad-request",
    });
  });
});

describe("lines from the end of a file", () => {
  it("are the same as from its beginning, whatever blocks they cross", async () => {
    const path = join(directory, "lines");
    const lines = Array.from({ length: 3_000 }, (_, n) => `${n} ${"ä".repeat((n * 37) % 400)}`);
    writeFileSync(path, `${lines.join("\n")}\nnot whole`);
    const found: string[] = [];
    for await (const { text } of linesBackwards(path)) found.push(text);
    expect(found).toEqual([...lines].reverse());
  });

  it("hold no more than a block in memory for a file of 200 MB", async () => {
    const path = join(directory, "large");
    const block = `${"x".repeat(999)}\n`.repeat(10_000);
    for (let n = 0; n < 20; n++) appendFileSync(path, block);
    const before = process.memoryUsage.rss();
    let count = 0;
    for await (const _line of linesBackwards(path)) if ((count += 1) === 100_000) break;
    expect(count).toBe(100_000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(120 * 1024 * 1024);
  });
});
