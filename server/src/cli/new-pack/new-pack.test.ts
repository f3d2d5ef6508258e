import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PassThrough } from "node:stream";
import { micros } from "@tyto/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newPackCommand } from "./new-pack.ts";

const PACKS = resolve(import.meta.dirname, "../../../../packs");
const DAYS = [1, 2, 3, 4, 5, 6];
const now = () => micros(1_772_366_400_000_000);

const FILES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    "json",
    DAYS.map(
      (day) =>
        `{"ts":"2026-02-0${day}T10:00:00Z","action":"open","badge":${day},"user":"u${day}","client_ip":"192.0.2.${day}"}`,
    ),
    [
      "test.door.client_ip: source.ip",
      "test.door.user: user.name",
      'json: ["ts", "action", "badge", "user"]',
    ],
  ],
  [
    "kv",
    DAYS.map(
      (day) => `<134>Feb  ${day} 10:00:00 gw1 doorlock[12]: src=192.0.2.${day} user=u${day} action=open`,
    ),
    ["test.door.src: source.ip", 'program: ["doorlock"]'],
  ],
  [
    "cef",
    DAYS.map(
      (day) =>
        `<134>Feb  ${day} 10:00:00 gw1 CEF:0|Acme|Door|1.0|100|Opened|3|src=192.0.2.${day} suser=u${day}`,
    ),
    ["generic-cef/map", 'cef: ["Acme|Door"]'],
  ],
  [
    "leef",
    DAYS.map((day) => `LEEF:1.0|Acme|Door|1.0|100|src=192.0.2.${day}\tusrName=u${day}`),
    ["generic-leef/map", 'leef: ["Acme|Door"]'],
  ],
  [
    "text",
    DAYS.flatMap((day) => [
      `2026-02-0${day} 10:00:00 WARN doors: badge ${day} refused at "North (${day})" from 192.0.2.${day}`,
      `2026-02-0${day} 10:00:00 INFO doors: badge ${day} opened`,
    ]),
    ["%{IP:test.door.ip}", "6 of 12 lines"],
  ],
];

describe("a pack drafted from a file", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tyto-new-pack-"));
    for (const pack of ["generic-cef", "generic-leef", "generic-json", "generic-kv"])
      cpSync(join(PACKS, pack), join(folder, "packs", pack), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function draft(name: string, lines: readonly string[]): Promise<readonly [number, string]> {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const from = join(folder, `${name}.log`);
    writeFileSync(from, `${lines.join("\n")}\n`);
    const status = await newPackCommand(
      { name, from, packs: join(folder, "packs"), now },
      { stdin: new PassThrough(), stdout, stderr },
    );
    return [status, String(stdout.read() ?? "")];
  }

  it.each(FILES)("of %s knows every line of it", async (format, lines, parts) => {
    const [status, said] = await draft("test-door", lines);
    expect([status, said.split("\n")[0]]).toEqual([
      0,
      expect.stringContaining(
        `drafted from ${lines.length} lines (${format}); it knows ${lines.length} of them`,
      ),
    ]);
    const manifest = readFileSync(join(folder, "packs/test-door/pack.yml"), "utf8");
    for (const part of parts) expect(manifest).toContain(part);
    expect(readFileSync(join(folder, "packs/test-door/cases/sample.raw"), "utf8")).toContain(lines[0]);
    rmSync(join(folder, "packs/test-door"), { recursive: true });
  });

  it.each([
    ["json", DAYS.map((day) => `{"k${day}":${day}}`)],
    ["kv", DAYS.map((day) => `a${day}=1 b${day}=2 c${day}=3`)],
  ])("of %s without a common key claims nobody's lines", async (_, lines) => {
    const [status, said] = await draft("test-door", lines);
    expect([status, said]).toEqual([0, expect.stringContaining("it knows 0 of them")]);
    expect(readFileSync(join(folder, "packs/test-door/pack.yml"), "utf8")).not.toMatch(/^recognise:/m);
    rmSync(join(folder, "packs/test-door"), { recursive: true });
  });

  it("may have a name of one word, and guesses an address by its other names", async () => {
    const lines = DAYS.map(
      (day) => `{"reqId":"r${day}","time":"2026-02-0${day}T10:00:00Z","remoteAddr":"192.0.2.${day}"}`,
    );
    expect((await draft("door", lines))[0]).toBe(0);
    const manifest = readFileSync(join(folder, "packs/door/pack.yml"), "utf8");
    expect(manifest).toContain("door.remoteAddr: source.ip");
    expect(manifest).toContain("door.reqId: http.request.id");
  });

  it("is not written over another, from too few lines, or under a name that packs do not have", async () => {
    const enough = DAYS.map((day) => `line ${day}`);
    await expect(draft("generic-cef", enough)).rejects.toThrow("is there already");
    await expect(draft("test-few", ["a", "b"])).rejects.toThrow("needs 5");
    await expect(draft("Door", enough)).rejects.toThrow("is no name of a pack");
    await expect(
      draft(
        "test-binary",
        DAYS.map((day) => `\u0001\u0002${day}\u0000`),
      ),
    ).rejects.toThrow("no lines of text");
    expect(existsSync(join(folder, "packs/test-few"))).toBe(false);
  });
});
