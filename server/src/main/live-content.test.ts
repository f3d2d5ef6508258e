/** Packs and rules replaced while batches are committed: what was counted stays counted, and what cannot be read changes nothing. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { eventId, micros, MICROS_PER_DAY, MICROS_PER_SECOND, sequence, sourceId } from "@tyto/domain";
import type { Event, Finding, FindingChange, FindingKey, OriginId } from "@tyto/domain";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StageTimes } from "../pipeline/index.ts";
import type { StateChange } from "../storage/index.ts";
import { createTelemetry } from "../telemetry/index.ts";
import { Committer } from "./committer.ts";
import type { CommitterOptions } from "./committer.ts";
import { LiveContent } from "./live-content.ts";
import { watchPacks } from "./pack-watch.ts";

const START = 1_770_000_000_000_000;
const NOW = micros(START + MICROS_PER_DAY);

let folder = "";
const log: string[] = [];
const telemetry = createTelemetry({
  stream: { write: (line: string) => log.push(line) },
  level: "info",
  now: () => NOW,
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tyto-reload-"));
  log.length = 0;
  await rule("failures", 10);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

/** `threshold` events of a kind within five minutes, with cases that hold. */
async function rule(kind: string, threshold: number, title = `Many ${kind}`): Promise<void> {
  const text = `title: One of ${kind}
id: one-${kind}
name: ${kind}
logsource: {category: test}
detection: {s: {kind: ${kind}}, condition: s}
---
title: ${title}
id: many-${kind}
correlation: {type: event_count, rules: [${kind}], group-by: [user.name], timespan: 5m, condition: {gte: ${threshold}}}
`;
  const fields = `{tyto.logsource.category: test, kind: ${kind}, user.name: ana}`;
  const cases = `- {name: enough, expect: 1, events: [{times: ${threshold}, fields: ${fields}}]}
- {name: too few, expect: 0, events: [{times: ${threshold - 1}, fields: ${fields}}]}
`;
  await write(`core-test/rules/${kind}.yml`, text);
  await write(`core-test/rules/${kind}.cases.yml`, cases);
}

let ordinal = 0;
const event = (kind: string): Event => {
  const timestamp = micros(START + ordinal * MICROS_PER_SECOND);
  return {
    id: eventId("00000000000000aa" as OriginId, ++ordinal),
    sequence: sequence(ordinal),
    source: sourceId("00000000000000aa"),
    timestamp,
    timeOrigin: "event",
    ingested: timestamp,
    pack: "",
    fields: { "tyto.logsource.category": "test", kind, "user.name": "ana" },
    raw: new Uint8Array(),
  };
};
const events = (kind: string, count: number): readonly Event[] =>
  Array.from({ length: count }, () => event(kind));

/** What is durable, and what was found; commits fail while they should. */
class Bench {
  readonly findings = new Map<FindingKey, Finding>();
  readonly state = new Map<string, string>();
  failures = 0;
  readonly content: LiveContent;
  readonly #committer: Committer;

  private constructor(content: LiveContent) {
    this.content = content;
    const { detection } = content.current;
    let changes: readonly FindingChange[] = [];
    this.#committer = new Committer({
      detection,
      alerts: {
        grow: (found: readonly FindingChange[], commit: (alerts: readonly []) => Promise<void>) => {
          changes = found;
          return commit([]);
        },
      } as unknown as CommitterOptions["alerts"],
      control: {
        commit: ({ state }) => {
          if (this.failures-- > 0) return Promise.reject(new Error("busy"));
          this.#take(changes, state);
          return Promise.resolve();
        },
        amend: () => Promise.resolve(),
        jobs: { byId: () => Promise.resolve(undefined) },
        dropHours: () => Promise.resolve(0),
      },
      books: { booked: () => undefined } as unknown as CommitterOptions["books"],
      release: () => undefined,
      times: new StageTimes(() => 0),
      clockMs: () => 0,
      now: () => NOW,
      onReleaseFailed: () => undefined,
    });
  }

  static async open(): Promise<Bench> {
    const config = { packDirectories: [folder] };
    return new Bench(await LiveContent.open({ config, keySecret: "", clockMs: () => 0, log: telemetry.log }));
  }

  #take(changes: readonly FindingChange[], state: readonly StateChange[]): void {
    for (const change of changes) {
      if (change.kind === "upsert") this.findings.set(change.finding.key, change.finding);
      else this.findings.delete(change.key);
    }
    for (const entry of state) {
      if (entry.kind === "put") this.state.set(entry.key, entry.value);
      else this.state.delete(entry.key);
    }
  }

  async commit(batch: readonly Event[]): Promise<void> {
    const whole = {
      sequence: sequence(1),
      lanes: [],
      content: this.content.current,
      events: batch,
      ledger: [],
    };
    for (;;) {
      try {
        return await this.#committer.commit(whole);
      } catch {
        // As the applier does: the same batch again.
      }
    }
  }

  /** Title and count. */
  get found(): readonly (readonly [string, number])[] {
    return [...this.findings.values()].map(({ rule: { title }, count }) => [title, count]);
  }
}

describe("a reload", () => {
  it("keeps what was counted: nine failures before and one after are one finding", async () => {
    const bench = await Bench.open();
    await bench.commit(events("failures", 9));
    await rule("others", 3);
    await bench.content.reload();
    await bench.commit(events("failures", 1));
    expect(bench.found).toEqual([["Many failures", 10]]);
  });

  it("goes on with a finding that was told, under its key and with the next version", async () => {
    const bench = await Bench.open();
    await bench.commit(events("failures", 10));
    await bench.content.reload();
    await bench.commit(events("failures", 1));
    expect([...bench.findings.values()]).toMatchObject([{ count: 11, version: 2 }]);
  });

  it("applies a changed threshold to what was counted, without waiting for an event", async () => {
    const bench = await Bench.open();
    await bench.commit(events("failures", 6));
    await rule("failures", 5);
    const { changed } = await bench.content.reload();
    expect(changed.map(({ id }) => id)).toEqual(["many-failures"]);
    await bench.commit([]);
    expect(bench.found).toEqual([["Many failures", 6]]);
  });

  it("deletes the state of a rule that is gone, and leaves what it found", async () => {
    await rule("others", 3);
    const bench = await Bench.open();
    await bench.commit([...events("others", 3), ...events("failures", 2)]);
    expect([...bench.state.keys()].filter((key) => key.includes("|many-others|"))).toHaveLength(4);
    await rm(join(folder, "core-test/rules/others.yml"));
    await rm(join(folder, "core-test/rules/others.cases.yml"));
    const { removed } = await bench.content.reload();
    expect(removed.map(({ id }) => id)).toEqual(["one-others", "many-others"]);
    await bench.commit([]);
    expect([...bench.state.keys()].every((key) => key.includes("|many-failures|"))).toBe(true);
    expect(bench.state.size).toBe(2);
    expect(bench.found).toEqual([["Many others", 3]]);
  });

  it("says nothing twice and loses nothing when commits fail around it", async () => {
    const bench = await Bench.open();
    bench.failures = 2;
    await bench.commit(events("failures", 6));
    await rule("failures", 5);
    await bench.content.reload();
    bench.failures = 3;
    await bench.commit(events("failures", 1));
    expect([...bench.findings.values()]).toMatchObject([{ count: 7, version: 2 }]);
    expect(bench.state.size).toBe(8);
  });

  it("skips a set that was replaced before a batch came", async () => {
    const bench = await Bench.open();
    await bench.commit(events("failures", 4));
    await rule("failures", 3);
    await bench.content.reload();
    await rule("failures", 5);
    await bench.content.reload();
    await bench.commit([]);
    expect(bench.found).toEqual([]);
  });
});

describe("what is wrong", () => {
  it.each([
    ["is no YAML", "core-test/rules/others.yml", "title: [half"],
    [
      "fails its cases",
      "core-test/rules/others.cases.yml",
      "- {name: never, expect: 1, events: [{at: 0s}]}\n",
    ],
    ["lost its cases", "core-test/rules/others.cases.yml", ""],
  ])("names a rule that %s, and the others run on", async (_name, path, text) => {
    await rule("others", 3);
    const bench = await Bench.open();
    await bench.commit(events("failures", 9));
    await write(path, text);
    const { invalid, removed, running } = await bench.content.reload();
    expect(new Set(invalid.map((one) => one.path))).toEqual(new Set(["core-test/rules/others.yml"]));
    expect(invalid.every(({ reason }) => reason !== null)).toBe(true);
    expect({ removed, running }).toEqual({ removed: [], running: 2 });
    await bench.commit([...events("failures", 1), ...events("others", 3)]);
    expect(bench.found).toEqual([["Many failures", 10]]);
  });

  it("runs a mended rule again", async () => {
    await write("core-test/rules/others.yml", "title: [half");
    const bench = await Bench.open();
    await rule("others", 3);
    const { added } = await bench.content.reload();
    expect(added.map(({ id }) => id)).toEqual(["one-others", "many-others"]);
    await bench.commit(events("others", 3));
    expect(bench.found).toEqual([["Many others", 3]]);
  });

  it.each([
    ["a folder that cannot be read", () => rm(folder, { recursive: true })],
    ["a pack that is wrong", () => write("core-test/pack.yml", "parsers: [half a file")],
  ])("keeps all that runs before %s", async (_name, breakIt) => {
    const bench = await Bench.open();
    await bench.commit(events("failures", 9));
    await breakIt();
    await expect(bench.content.reload()).rejects.toMatchObject({ code: "content-invalid" });
    await bench.commit(events("failures", 1));
    expect(bench.found).toEqual([["Many failures", 10]]);
    expect(bench.content.current.rules).toHaveLength(2);
    expect(log.some((line) => line.includes("what ran before runs on"))).toBe(true);
  });
});

describe("watching packs", () => {
  it("reloads once after a burst of changes, and no more when it was stopped", async () => {
    const { content } = await Bench.open();
    let reloads = 0;
    let reloaded: () => void = () => undefined;
    const first = new Promise<void>((resolve) => (reloaded = resolve));
    content.subscribe(() => {
      reloads++;
      reloaded();
    });
    const stop = watchPacks({ config: { packDirectories: [folder] }, content, telemetry });
    for (const title of ["A", "B", "C"]) await rule("failures", 10, title);
    await first;
    await stop();
    await rule("failures", 10, "D");
    expect(reloads).toBe(1);
    expect(content.current.rules.map(({ title }) => title)).toEqual(["One of failures", "C"]);
  });
});
