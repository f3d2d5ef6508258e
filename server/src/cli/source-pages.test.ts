import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { docsCommand } from "./docs.ts";
import { sourcePages } from "./source-pages.ts";

const root = mkdtempSync(join(tmpdir(), "tyto-sources-"));
const packs = join(root, "packs");
afterAll(() => {
  rmSync(root, { recursive: true });
});

const PACK = `title: Acme Gate
namespaces: [acme.gate]
types: { acme/gate: main, acme-gate: main }
recognise:
  - { program: [gate], prefix: ["G|"], parser: main }
  - { json: { kind: [Event], id: }, parser: main }
parsers:
  main:
    - set: { event.category: [web] }
    - when: message exists
      do: [{ lookup: { table: codes, key: message, otherwise: ignore } }]
tables:
  codes: { 1: { rule.name: one } }
`;

const EVENTS = [
  {
    pack: "acme-gate/main",
    "event.category": ["web"],
    "event.type": ["access"],
    "event.dataset": "acme-gate.main",
    "acme.gate.zone": "a",
  },
  { quarantined: "pack-rejected" },
];

const RULE = `title: Something in a request
id: 6c1b1d0e-94a1-4d4f-8d3b-0a3c3f1f7a10
logsource: { category: webserver }
detection: { selection: { rule.name: one }, condition: selection }
level: low
`;

beforeAll(() => {
  mkdirSync(join(packs, "acme-gate/cases"), { recursive: true });
  mkdirSync(join(packs, "acme-gate/rules"));
  writeFileSync(join(packs, "acme-gate/pack.yml"), PACK);
  writeFileSync(join(packs, "acme-gate/cases/log.events.json"), JSON.stringify(EVENTS));
  writeFileSync(join(packs, "acme-gate/rules/request.yml"), RULE);
  mkdirSync(join(packs, "other-thing"));
  writeFileSync(
    join(packs, "other-thing/pack.yml"),
    "title: Other\nparsers: { main: [{ set: { tags: [x] } }] }\n",
  );
});

async function page(name: string): Promise<string> {
  const pages = new Map(await sourcePages(packs, "<!-- generated -->"));
  return pages.get(`docs/sources/${name}.md`) ?? "";
}

class Collector extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

describe("a source's page", () => {
  it("says how records are recognised and what a source may be called", async () => {
    const text = await page("acme-gate");
    expect(text).toContain("- the program is `gate` and the message begins with `G|` → `acme-gate/main`");
    expect(text).toContain("- it is JSON with `kind` of `Event`, `id` → `acme-gate/main`");
    expect(text).toContain("A source may be set to `acme-gate`, or to `acme/gate`.");
    expect(text).toContain("Datasets (`event.dataset`): `acme-gate.main`.");
  });

  it("names the fields that parsers and tables write, and those of the samples", async () => {
    const text = await page("acme-gate");
    expect(text).toContain("`event.category`, `event.dataset`, `event.type`, `rule.name`.");
    expect(text).toContain("stays under `acme.gate`; known from its samples: `acme.gate.zone`.");
  });

  it("names the rules that see its events, and Sigma's logsources", async () => {
    const text = await page("acme-gate");
    expect(text).toContain("- [Something in a request](../../packs/acme-gate/rules/request.yml) (low)");
    expect(text).toContain("category `webserver`");
  });

  it("takes its own words from the pack's README, and does without", async () => {
    expect(await page("acme-gate")).toContain("    npx tyto import FILE");
    writeFileSync(
      join(packs, "acme-gate/README.md"),
      "# Gate\n\nReads gates.\n\n## Send it\n\nBy post.\n\n## Fields\n\nMany.\n\n## Decisions\n\nNone.\n",
    );
    const text = await page("acme-gate");
    expect(text).toMatch(/Reads gates\.\n\n## Send it\n\nBy post\.\n/);
    expect(text).toContain("## Fields\n\nMany.\n");
    expect(text).toContain("## Decisions\n\nNone.\n");
  });
});

describe("the pages of all sources", () => {
  it("are listed by vendor and by category", async () => {
    const index = await page("README");
    expect(index).toContain("- acme: [Acme Gate](acme-gate.md)");
    expect(index).toContain("- `web`: [Acme Gate](acme-gate.md)");
    expect(index).toContain("- other: [Other](other-thing.md)");
  });

  it("are stale when a pack changed or went, until they are written again", async () => {
    const run = async (check: boolean): Promise<readonly [status: number, said: string]> => {
      const out = new Collector();
      const status = await docsCommand({ root, check }, { stdin: process.stdin, stdout: out, stderr: out });
      return [status, out.text];
    };
    await run(false);
    expect(await run(true)).toEqual([0, ""]);
    rmSync(join(packs, "other-thing"), { recursive: true });
    const [status, said] = await run(true);
    expect(status).toBe(1);
    expect(said).toContain("docs/sources/other-thing.md is about a pack that is gone");
    expect(said).toContain("docs/sources/README.md is stale");
    await run(false);
    expect(await run(true)).toEqual([0, ""]);
  });
});
