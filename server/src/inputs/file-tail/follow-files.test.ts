import { mkdtemp, rm } from "node:fs/promises";
import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PullHarness } from "../testing/pulling.ts";
import { FollowFiles } from "./follow-files.ts";
import type { FollowOptions } from "./follow-files.ts";

let directory: string;
let log: string;
let harness: PullHarness;
let files: FollowFiles | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tyto-tail-"));
  log = join(directory, "app.log");
  harness = new PullHarness();
  files = undefined;
});

afterEach(async () => {
  await files?.close();
  await rm(directory, { recursive: true, force: true });
});

const LIMITS: FollowOptions["limits"] = {
  maxRecordBytes: 2_000,
  readBytes: 8_000,
  flushMs: 2_000,
  movedMs: 60_000,
  zippingMs: 60_000,
  rememberMs: 86_400_000,
};

function follow(options: Partial<FollowOptions> = {}): FollowFiles {
  const all: FollowOptions = {
    paths: [log],
    exclude: [],
    from: "beginning",
    isStart: undefined,
    limits: LIMITS,
    ...options,
  };
  return new FollowFiles(all, harness.context<"file">({ paths: [log] }, {}));
}

async function settle(waitMs = 1_000): Promise<readonly string[]> {
  harness.nowMs += waitMs;
  const problems: string[] = [];
  for (;;) {
    const outcome = await files?.scan();
    problems.push(...(outcome?.problems ?? []));
    if (outcome?.hasMore !== true) return problems;
  }
}

/** As after a crash: what was not committed is forgotten. */
async function restart(options: Partial<FollowOptions> = {}): Promise<void> {
  await files?.close();
  files = follow(options);
}

const lines = (prefix: string, count: number): string =>
  Array.from({ length: count }, (_, n) => `${prefix} ${n} ${"x".repeat(n % 50)}\n`).join("");
const split = (text: string): string[] => text.split("\n").filter((line) => line !== "");

describe("a file that grows", () => {
  it("is read line by line, its last half line when it is whole", async () => {
    files = follow();
    writeFileSync(log, "one\r\ntwo\n\nthr");
    await settle();
    expect(harness.texts).toEqual(["one", "two"]);
    appendFileSync(log, "ee\n");
    await settle();
    expect(harness.delivered.map(({ text, ordinal, part }) => [text, ordinal, part])).toEqual([
      ["one", 0, log],
      ["two", 5, log],
      ["three", 10, log],
    ]);
  });

  it("is read from its end when it was there before, without its unfinished line", async () => {
    writeFileSync(log, "old\nold too\nhalf of");
    files = follow({ from: "end" });
    await settle();
    appendFileSync(log, " it\nnew\n");
    writeFileSync(join(directory, "later.log"), "");
    await settle();
    expect(harness.texts).toEqual(["new"]);
    await restart({ from: "end", paths: [join(directory, "*.log")] });
    writeFileSync(join(directory, "third.log"), "from the beginning\n");
    await settle();
    expect(harness.texts).toEqual(["new", "from the beginning"]);
  });

  it("takes a whole block at a time and a line that is longer than allowed as a fault", async () => {
    files = follow();
    writeFileSync(log, `${lines("a", 600)}${"L".repeat(20_000)}\nafter\n`);
    await settle();
    const text = readFileSync(log, "utf8");
    const faulty = harness.delivered.filter(({ fault }) => fault === "oversize");
    expect(faulty.map((one) => one.text.length)).toEqual([2_000]);
    expect(harness.texts.filter((one) => !one.startsWith("L"))).toEqual(
      split(text).filter((one) => !one.startsWith("L")),
    );
  });

  it("is read on after a restart, without loss or repetition", async () => {
    files = follow();
    writeFileSync(log, lines("a", 10));
    await settle();
    await files.close();
    appendFileSync(log, lines("b", 10));
    await restart();
    await settle();
    expect(harness.delivered.map(({ text }) => text)).toEqual(split(lines("a", 10) + lines("b", 10)));
  });

  it("gives the same ids when it was killed between append and commit", async () => {
    files = follow();
    writeFileSync(log, lines("a", 3));
    await settle();
    appendFileSync(log, lines("b", 3));
    harness.gate = (what) => {
      if (what === "commit") throw new Error("killed");
    };
    await expect(settle()).rejects.toThrow("killed");
    harness.gate = () => undefined;
    await restart();
    appendFileSync(log, lines("c", 3));
    await settle();
    expect(harness.delivered.length).toBe(12);
    expect(harness.texts).toEqual(split(lines("a", 3) + lines("b", 3) + lines("c", 3)));
  });

  it("sends along the lines that name its columns, also when it begins at the end", async () => {
    writeFileSync(log, "#Fields: date time cs-uri\n2026-01-01 00:00:00 /a\n");
    files = follow({ from: "end" });
    await settle();
    appendFileSync(log, "2026-01-01 00:00:01 /b\n");
    await settle();
    expect(harness.delivered.map(({ text, header }) => [text, header])).toEqual([
      ["2026-01-01 00:00:01 /b", "#Fields: date time cs-uri"],
    ]);
  });

  it("holds a first line of names until the second tells whether it is a header", async () => {
    files = follow();
    writeFileSync(log, "time,user,action\n");
    await settle();
    expect(harness.texts).toEqual([]);
    appendFileSync(log, "2026-01-01,ana,login\n");
    await settle();
    appendFileSync(log, "2026-01-02,bo,login\n");
    await settle();
    expect(harness.delivered.map(({ header }) => header)).toEqual(Array(3).fill("time,user,action"));
  });

  it.skipIf(process.getuid?.() === 0)("says which file it may not read", async () => {
    writeFileSync(log, "secret\n");
    chmodSync(log, 0);
    files = follow();
    expect(await settle()).toEqual([`${log}: no permission to read it`]);
  });
});

describe("records of several lines", () => {
  const isStart = (line: Uint8Array): boolean => /^\d/.test(Buffer.from(line).toString());

  it("end where the next begins, or when nothing follows for a while", async () => {
    files = follow({ isStart });
    writeFileSync(log, "1 first\n  at a\n  at b\n2 second\n  at c\n");
    await settle(0);
    expect(harness.texts).toEqual(["1 first\n  at a\n  at b"]);
    await settle(2_500);
    expect(harness.texts).toEqual(["1 first\n  at a\n  at b", "2 second\n  at c"]);
    appendFileSync(log, "  at d\n3 third\n");
    await settle(0);
    await settle(2_500);
    expect(harness.texts.slice(2)).toEqual(["  at d", "3 third"]);
  });

  it("are cut at the same place after a crash, whatever was added", async () => {
    files = follow({ isStart });
    writeFileSync(log, "1 first\n  at a\n");
    await settle(0);
    let hasDelivered = false;
    harness.gate = (what) => {
      if (what === "deliver") hasDelivered = true;
      else if (hasDelivered) throw new Error("killed");
    };
    await expect(settle(2_500)).rejects.toThrow("killed");
    harness.gate = () => undefined;
    appendFileSync(log, "  at b\n2 second\n");
    await restart({ isStart });
    await settle(0);
    await settle(2_500);
    expect(harness.texts).toEqual(["1 first\n  at a", "  at b", "2 second"]);
  });
});

describe("rotation", () => {
  it("by renaming loses nothing that is written to the old file afterwards", async () => {
    files = follow();
    writeFileSync(log, lines("a", 5));
    await settle();
    appendFileSync(log, lines("b", 5));
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines("c", 5));
    appendFileSync(`${log}.1`, "late\nunfinished");
    await settle();
    await settle();
    await settle(61_000);
    expect([...harness.texts].sort()).toEqual(
      split(`${lines("a", 5)}${lines("b", 5)}${lines("c", 5)}late\nunfinished`).sort(),
    );
    expect(harness.delivered.length).toBe(harness.texts.length);
  });

  it("by renaming while the server is down is caught up, also when the old file is zipped", async () => {
    files = follow();
    writeFileSync(log, lines("a", 40));
    await settle();
    await files.close();
    appendFileSync(log, lines("b", 40));
    writeFileSync(`${log}.1.gz`, gzipSync(readFileSync(log)));
    rmSync(log);
    writeFileSync(log, lines("c", 40));
    harness.nowMs = Date.now() + 120_000;
    await restart();
    await settle();
    await settle();
    expect([...harness.texts].sort()).toEqual(split(lines("a", 40) + lines("b", 40) + lines("c", 40)).sort());
    expect(harness.delivered.length).toBe(harness.texts.length);
  });

  it("by copying and truncating reads from the copy what was written in between", async () => {
    files = follow();
    writeFileSync(log, lines("a", 40));
    await settle();
    appendFileSync(log, lines("b", 40));
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    appendFileSync(log, lines("c", 200));
    await settle();
    await settle();
    expect(harness.delivered.map(({ text }) => text)).toEqual(
      split(lines("a", 40) + lines("b", 40) + lines("c", 200)),
    );
  });

  it("does not read copies again that its pattern matches, zipped or not", async () => {
    const paths = [join(directory, "app.log*")];
    files = follow({ paths });
    writeFileSync(log, lines("a", 40));
    await settle();
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
    appendFileSync(log, lines("b", 3));
    await settle();
    await settle(61_000);
    writeFileSync(`${log}.2.gz`, gzipSync(readFileSync(`${log}.1`)));
    rmSync(`${log}.1`);
    harness.nowMs = Date.now() + 120_000;
    await restart({ paths });
    await settle();
    expect(harness.delivered.map(({ text }) => text)).toEqual(split(lines("a", 40) + lines("b", 3)));
  });

  it("reads a zipped file that is new once, when it is whole, and says what is broken", async () => {
    const paths = [directory];
    const whole = gzipSync(lines("a", 300));
    writeFileSync(join(directory, "x.gz"), whole.subarray(0, whole.length - 20));
    files = follow({ paths });
    harness.nowMs = Date.now() + 1_000;
    await settle(0);
    expect(harness.texts).toEqual([]);
    writeFileSync(join(directory, "x.gz"), whole);
    writeFileSync(join(directory, "y.gz"), gzipSync(lines("b", 30)).subarray(0, -8));
    await settle(120_000);
    await settle();
    expect(harness.texts.slice(0, 300)).toEqual(split(lines("a", 300)));
    expect(harness.skipped).toEqual([
      { what: join(directory, "y.gz"), reason: "the gzip stream ends too early" },
    ]);
    expect(harness.delivered.length).toBe(harness.texts.length);
  });

  it("takes two files that begin alike for two files", async () => {
    files = follow({ paths: [directory] });
    writeFileSync(log, "started\n");
    await settle();
    writeFileSync(join(directory, "other.log"), "started\n");
    await settle();
    expect(harness.texts).toEqual(["started", "started"]);
  });
});

describe("any interleaving", () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant("append" as const), lines: fc.integer({ min: 1, max: 30 }) }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant("scan" as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("rename" as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("copytruncate" as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("half" as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("zip" as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("kill" as const), after: fc.integer({ min: 0, max: 3 }) }),
    },
  );

  it("of appends, rotations, truncations, restarts and kills gives every line exactly once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.boolean(), async (steps, isGlob) => {
        const folder = await mkdtemp(join(directory, "run-"));
        const path = join(folder, "app.log");
        harness = new PullHarness();
        harness.nowMs = Date.now() + 3_600_000;
        const paths = isGlob ? [join(folder, "app.log*")] : [path];
        const written: string[] = [];
        let next = 0;
        let rotated = 0;
        let partial = "";
        const line = (): string => {
          next += 1;
          const text = `line ${next} ${"y".repeat((next * 37) % 300)}`;
          written.push(text);
          return text;
        };
        const recover = async (): Promise<void> => {
          harness.gate = () => undefined;
          await restart({ paths });
        };
        await restart({ paths });
        await settle();
        for (const one of steps) {
          if (one.do === "append") {
            const texts = Array.from({ length: one.lines }, line);
            if (partial !== "") written.push(partial);
            // A half line is finished by what follows it.
            appendFileSync(path, `${partial === "" ? "" : "\n"}${texts.join("\n")}\n`);
            partial = "";
          } else if (one.do === "half" && partial === "") {
            next += 1;
            partial = `half ${next} ${"z".repeat(next % 90)}`;
            appendFileSync(path, partial);
          } else if (one.do === "rename" || one.do === "copytruncate" || one.do === "zip") {
            if (partial !== "") {
              appendFileSync(path, "\n");
              written.push(partial);
              partial = "";
            }
            try {
              readFileSync(path);
            } catch {
              continue;
            }
            // A text that comes and goes between two looks was never there: a copy can be told only from what was seen of it.
            appendFileSync(path, `${line()}\n`);
            await settle();
            rotated += 1;
            appendFileSync(path, `${line()}\n`);
            if (one.do === "rename") {
              renameSync(path, `${path}.${rotated}`);
              // The file system may give the number of a file that is gone to the next; a writer's new file is a new one.
              writeFileSync(path, "");
            } else if (one.do === "copytruncate") {
              copyFileSync(path, `${path}.${rotated}`);
              truncateSync(path);
            } else {
              writeFileSync(`${path}.${rotated}.gz`, gzipSync(readFileSync(path)));
              rmSync(path);
            }
          } else if (one.do === "scan") {
            await settle();
          } else if (one.do === "restart") {
            await recover();
          } else if (one.do === "kill") {
            let left = one.after;
            harness.gate = () => {
              left -= 1;
              if (left < 0) throw new Error("killed");
            };
            await settle().catch((error: unknown) => {
              if (!(error instanceof Error) || error.message !== "killed") throw error;
            });
            await recover();
          }
        }
        if (partial !== "") {
          appendFileSync(path, "\n");
          written.push(partial);
        }
        await settle();
        await settle(61_000);
        await settle(61_000);
        expect([...harness.texts].sort()).toEqual([...written].sort());
        await files?.close();
      }),
      { numRuns: process.env["TYTO_VERIFY"] === undefined ? 60 : 1_500 },
    );
  }, 600_000);
});
