import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventId, micros, parseRfc3339 } from "@tyto/domain";
import type { Event } from "@tyto/domain";
import { element, uint16, writeEvtx } from "../evtx/evtx-writer.fixture.ts";
import type { Normaliser } from "../pipeline/index.ts";
import { detectCommand, splitPaths } from "./detect.ts";
import type { DetectOptions } from "./detect.ts";
import { rulesCommand } from "./rules.ts";

const RULES = `title: Failure
id: 11111111-1111-4111-8111-111111111111
name: failure
logsource: {category: authentication}
detection: {sel: {event.outcome: failure}, condition: sel}
level: low
---
title: Many failures
id: 22222222-2222-4222-8222-222222222222
level: medium
correlation:
  type: event_count
  rules: [failure]
  group-by: [source.ip]
  timespan: 5m
  condition: {gte: 3}
---
title: Log cleared
id: 33333333-3333-4333-8333-333333333333
level: high
logsource: {product: windows, service: security}
detection: {sel: {EventID: 1102}, condition: sel}
`;

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tyto-detect-"));
  await writeFile(join(folder, "rules.yml"), RULES);
});
afterEach(() => rm(folder, { recursive: true }));

class Sink extends Writable {
  text = "";
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Lines such as `2026-01-01T00:00:00Z 192.0.2.1` are failures; `-` is not to be read. */
const normaliser: Normaliser = {
  normalise: (records) =>
    records.map((record) => {
      const [time = "", ip = ""] = Buffer.from(record.bytes).toString().split(" ");
      const id = eventId(record.origin, record.ordinal);
      const { sequence, source, receivedAt: ingested, bytes: raw } = record;
      if (time === "-") {
        return {
          kind: "quarantined",
          record: { id, sequence, source, ingested, reason: "pack-rejected", detail: "", raw },
        };
      }
      const timestamp = parseRfc3339(time) ?? ingested;
      const fields = { "event.category": ["authentication"], "event.outcome": "failure", "source.ip": ip };
      const event: Event = {
        id,
        sequence,
        source,
        timestamp,
        timeOrigin: "event",
        ingested,
        pack: "test",
        fields,
        raw,
      };
      return { kind: "event", event };
    }),
};

async function detect(
  options: Partial<DetectOptions>,
  stdin: string | Buffer = "",
): Promise<{
  readonly status: number;
  readonly findings: readonly Record<string, unknown>[];
  readonly summary: string;
}> {
  const io = { stdin: Readable.from([Buffer.from(stdin)]), stdout: new Sink(), stderr: new Sink() };
  const all: DetectOptions = {
    rules: [join(folder, "rules.yml")],
    files: [],
    format: "raw",
    now: () => micros(1_800_000_000_000_000),
    ...options,
  };
  const status = await detectCommand(all, normaliser, io);
  const lines = io.stdout.text.split("\n").filter((line) => line !== "");
  return {
    status,
    findings: lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    summary: io.stderr.text,
  };
}

describe("tyto detect", () => {
  it("says a count once, at the end, over several files in any order", async () => {
    await writeFile(
      join(folder, "late.log"),
      "2026-01-03T00:00:09Z 192.0.2.1\n2026-01-03T00:00:01Z 192.0.2.1\r\n",
    );
    await writeFile(
      join(folder, "early.log.gz"),
      gzipSync("2026-01-03T00:00:05Z 192.0.2.1\n-\n\n2025-12-01T00:00:00Z 192.0.2.1"),
    );
    const { status, findings, summary } = await detect({
      files: [join(folder, "late.log"), join(folder, "early.log.gz")],
    });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      rule: { title: "Many failures", level: "medium", path: join(folder, "rules.yml") },
      timestamp: "2026-01-03T00:00:09.000Z",
      group: { ip: "192.0.2.1" },
      count: 3,
      event: { "source.ip": "192.0.2.1" },
      matched: [],
    });
    expect(summary).toContain("3 rules: 3 runnable. 4 events, 1 unreadable, 1 findings");
    expect(status).toBe(1);
  });

  it("closes the windows that are open at the end of the input", async () => {
    await writeFile(join(folder, "rules.yml"), RULES.replace("condition: {gte: 3}", "condition: {lt: 3}"));
    const { findings } = await detect({}, "2026-01-03T00:00:00Z 192.0.2.1\n2026-01-03T00:00:09Z 192.0.2.1\n");
    expect(findings).toMatchObject([{ rule: { title: "Many failures" }, count: 2 }]);
  });

  it("reads Sigma-named JSON from standard input", async () => {
    const cleared = { Event: { System: { Channel: "Security", EventID: 1102 }, EventData: {} } };
    const other = { Channel: "Application", EventID: 1102 };
    const input = `${JSON.stringify(cleared, null, 2)}${JSON.stringify(other)}`;
    const { status, findings, summary } = await detect({ format: "sigma-json" }, input);
    expect(findings).toMatchObject([
      { rule: { title: "Log cleared" }, matched: [{ field: "EventID", value: "1102", modifier: "" }] },
    ]);
    expect(findings[0]).not.toHaveProperty("count");
    expect(summary).toContain("2 events, 0 unreadable, 1 findings");
    expect(status).toBe(0);
  });

  it("reads Windows event logs, plain and gzip, from files and standard input, and names damage", async () => {
    const cleared = element(
      "Event",
      {},
      element("System", {}, element("Channel", {}, "Security"), element("EventID", {}, uint16(1102))),
    );
    const log = writeEvtx([cleared, cleared]);
    await writeFile(join(folder, "x.evtx"), log);
    await writeFile(join(folder, "y.evtx.gz"), gzipSync(log));
    const broken = Buffer.from(log);
    broken.fill(0xff, broken.indexOf("**\0\0", 0, "latin1") + 28, broken.indexOf("**\0\0", 0, "latin1") + 32);
    await writeFile(join(folder, "broken.evtx"), broken);
    const two = await detect({ files: [join(folder, "x.evtx"), join(folder, "y.evtx.gz")] });
    expect(two).toMatchObject({ status: 0, findings: { length: 4 } });
    expect(two.findings[0]).toMatchObject({ rule: { title: "Log cleared" }, event: { EventID: 1102 } });
    const piped = await detect({ format: "sigma-json" }, log);
    expect(piped.findings).toHaveLength(2);
    const { status, findings, summary } = await detect({ files: [join(folder, "broken.evtx")] });
    expect([status, findings.length]).toEqual([1, 1]);
    expect(summary).toContain("chunk 0, record 1, at byte 4608");
    expect(summary).toContain("1 events, 1 unreadable");
  });

  it("takes no file for log lines that is called an event log and is none", async () => {
    await writeFile(join(folder, "none.evtx"), "a line\nanother\n");
    const { status, summary } = await detect({ files: [join(folder, "none.evtx")] });
    expect(status).toBe(1);
    expect(summary).toContain("none.evtx: error: it is no Windows event log");
    expect(summary).toContain("0 events, 1 unreadable");
  });

  it("counts what is no JSON, and goes on", async () => {
    const { status, summary } = await detect(
      { format: "sigma-json" },
      '{"a": tru}\n{"Channel":"Security","EventID":1102}\n',
    );
    expect(summary).toContain("1 events, 1 unreadable, 1 findings");
    expect(status).toBe(1);
  });

  describe("--explain", () => {
    const lines = ["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.1"].map(
      (ip, n) => `2026-01-03T00:00:0${n}Z ${ip}`,
    );
    const explain = async (options: Partial<DetectOptions>): Promise<readonly [number, string, string]> => {
      const io = {
        stdin: Readable.from([Buffer.from(lines.join("\n"))]),
        stdout: new Sink(),
        stderr: new Sink(),
      };
      const all: DetectOptions = {
        rules: [join(folder, "rules.yml")],
        files: [],
        format: "raw",
        now: () => micros(1_800_000_000_000_000),
        ...options,
      };
      return [await detectCommand(all, normaliser, io), io.stdout.text, io.stderr.text];
    };

    it("shows the rule's tree for the event that is named by its number", async () => {
      const [status, text] = await explain({ explain: "failure", event: "2" });
      expect(status).toBe(0);
      expect(text).toMatch(/^✓ Failure \(11111111-/);
      expect(text).toContain('✓ sel: event.outcome equals "failure": has "failure"  ←');
      expect(text).toContain("  ✓ category authentication");
    });

    it("shows a correlation as it stands after all files, for an event that it found", async () => {
      const [status, text] = await explain({ explain: "many failures" });
      expect(status).toBe(0);
      expect(text).toContain("✓ group source.ip=192.0.2.1: It is part of what the correlation found");
      expect(text).toContain(
        "window 2026-01-03T00:00:00.000Z to 2026-01-03T00:00:03.000Z: 3 hits, measured 3",
      );
      const [, other] = await explain({ explain: "many failures", event: "2", isJson: true });
      expect(JSON.parse(other)).toMatchObject({
        isMatch: false,
        reason: "1 occurrences within 5m, and gte 3 is asked for",
        groups: [{ role: "counted", finding: null }],
      });
    });

    it("shows the nearest event when none matches, and what the logsource asks for", async () => {
      const [status, text] = await explain({ explain: "Log cleared" });
      expect(status).toBe(0);
      expect(text).toMatch(/^✗ Log cleared/);
      expect(text).toContain("✗ product windows");
      expect(text.split("\n").every((line) => [...line].length <= 160)).toBe(true);
    });

    it("says what there is instead of an unknown rule or event", async () => {
      expect(await explain({ explain: "Failur" })).toEqual([
        2,
        "",
        'tyto: no rule is called "Failur"\n      did you mean "Failure"?\n',
      ]);
      const [status, , problem] = await explain({ explain: "failure", event: "5" });
      expect([status, problem]).toEqual([2, expect.stringContaining('no event "5" among the 4')]);
      const bad = join(folder, "bad.yml");
      await writeFile(
        bad,
        "title: Bad\nlogsource: {product: linux}\ndetection: {s: {A|foo: 1}, condition: s}",
      );
      const [wrong, , why] = await explain({ rules: [bad], explain: bad });
      expect([wrong, why]).toEqual([1, expect.stringContaining('"foo" is no modifier')]);
    });

    it("makes control characters of log text visible", async () => {
      const input = '{"Channel":"Security","EventID":"11\\u001b[31m02"}';
      const io = { stdin: Readable.from([Buffer.from(input)]), stdout: new Sink(), stderr: new Sink() };
      const options = { rules: [join(folder, "rules.yml")], files: [], format: "sigma-json" } as const;
      const now = (): ReturnType<DetectOptions["now"]> => micros(1_800_000_000_000_000);
      expect(await detectCommand({ ...options, explain: "Log cleared", now }, normaliser, io)).toBe(0);
      expect(io.stdout.text).toContain("11\\u001b[31m02");
      expect(io.stdout.text).not.toContain("\u001b");
    });
  });

  it("says what to do when there is no file, or no rule", async () => {
    await expect(detect({ files: [join(folder, "none.log")] })).rejects.toThrow("cannot read");
    await expect(detect({ rules: [join(folder, "none")] })).rejects.toThrow("cannot read the rules");
    await writeFile(join(folder, "notes.txt"), "");
    expect((await detect({ rules: [folder] })).status).toBe(0);
    const empty = await mkdtemp(join(folder, "empty-"));
    expect(await detect({ rules: [empty] })).toMatchObject({ status: 2, findings: [] });
  });
});

describe("tyto rules", () => {
  const run = async (
    action: "lint" | "test" | "report",
    isJson: boolean,
  ): Promise<{ readonly status: number; readonly text: string }> => {
    const io = { stdin: Readable.from([]), stdout: new Sink(), stderr: new Sink() };
    const status = await rulesCommand({ action, paths: [folder], isJson }, io);
    return { status, text: io.stdout.text };
  };

  it("reports a status per rule, also as JSON", async () => {
    const wrong =
      "title: Wrong\nlogsource: {product: linux}\ndetection: {sel: {A|contians: 1}, condition: sel}\n";
    await writeFile(join(folder, "wrong.yml"), wrong);
    const { status, text } = await run("report", true);
    const { rules } = JSON.parse(text) as { readonly rules: readonly Record<string, unknown>[] };
    expect(rules.map((rule) => rule["status"])).toEqual(["runnable", "runnable", "runnable", "invalid"]);
    expect(rules[3]).toMatchObject({
      path: join(folder, "wrong.yml"),
      title: "Wrong",
      reason: '"contians" is no modifier',
    });
    expect(status).toBe(1);
    expect((await run("report", false)).text).toContain("4 rules: 3 runnable, 1 invalid");
    const lint = await run("lint", false);
    expect(lint).toMatchObject({ status: 1 });
    expect(lint.text).toContain(
      'wrong.yml:3:19: error: "contians" is no modifier (did you mean "contains"?)',
    );
  });

  it("reads a folder of packs for its rules alone", async () => {
    await mkdir(join(folder, "acme/rules/deep"), { recursive: true });
    await writeFile(join(folder, "acme/pack.yml"), "title: Acme\n");
    await writeFile(join(folder, "acme/rules/deep/more.yml"), RULES.replaceAll(/^(id: |name: )/gm, "x-$1"));
    const { text } = await run("report", true);
    const { rules } = JSON.parse(text) as { readonly rules: readonly { readonly path: string }[] };
    expect(new Set(rules.map(({ path }) => path))).toEqual(
      new Set([join(folder, "rules.yml"), join(folder, "acme/rules/deep/more.yml")]),
    );
  });

  it("runs the cases beside the rules", async () => {
    await writeFile(
      join(folder, "rules.cases.yml"),
      "- {name: two are none, expect: 0, events: [{times: 2, fields: {event.category: authentication, event.outcome: failure, source.ip: 192.0.2.1}}]}\n",
    );
    expect(await run("test", false)).toMatchObject({ status: 0 });
    expect((await run("test", false)).text).toContain("1 cases passed, 0 failed");
    await writeFile(
      join(folder, "rules.cases.yml"),
      "- {name: nothing is one, expect: 1, events: [{fields: {}}]}\n",
    );
    const failed = await run("test", false);
    expect(failed.status).toBe(1);
    expect(failed.text).toContain('the case "nothing is one" fails');
  });
});

describe("paths behind --rules", () => {
  const isFolder = (path: string): boolean => path.endsWith("/");

  it.each([
    [["rules/", "access.log"], ["rules/"], ["access.log"]],
    [
      ["a.yml", "b.YAML", "more/", "x.log", "y.json"],
      ["a.yml", "b.YAML", "more/"],
      ["x.log", "y.json"],
    ],
    [["odd-name", "x.log"], ["odd-name"], ["x.log"]],
    [["rules/"], ["rules/"], []],
  ])("takes %j apart", (named, rules, files) => {
    expect(splitPaths(named, isFolder)).toEqual({ rules, files });
  });
});
