/** All of SigmaHQ's rules over the events of its regression set, by the matcher and by SQL. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_TENANT, micros, sequence } from "@tyto/domain";
import type { Event, OriginId } from "@tyto/domain";
import { compileMatchTable } from "../../query/index.ts";
import type { CompiledQuery } from "../../query/index.ts";
import { temporaryEngine } from "../../storage/engine/engine-fixture.ts";
import { loadRuleSet } from "../load-rule-set.ts";
import { factsOf } from "../logsource/facts.ts";
import { Subject } from "../match/subject.ts";
import type { RunnableRule } from "../rule-set.ts";
import { JsonSplitter } from "../sigma-json/json-splitter.ts";
import { readSigmaEvent } from "../sigma-json/sigma-event.ts";
import { lowerRule } from "./lower-rule.ts";

const CORPUS = resolve(import.meta.dirname, "../../../../../shared/corpus/sigma");
const ATTACKS = resolve(CORPUS, "../attacks/windows-json");
const NOW = micros(1_800_000_000_000_000);
const RANGE = { from: micros(0), to: micros(7_000_000_000_000_000) };
const RULES_PER_QUERY = 16;
/** Of the statement: the engine takes 262,144 characters, and 50,000 nodes once it is read. */
const MAX_SQL = 100_000;
/** Every so many rules; all of them in `npm run verify`. */
const STEP = process.env["TYTO_VERIFY"] === "1" ? 1 : 96;

function rulesOf(): readonly RunnableRule[] {
  const files = readdirSync(CORPUS)
    .filter((folder) => folder.startsWith("rules"))
    .flatMap((folder) =>
      readdirSync(join(CORPUS, folder), { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".yml"))
        .map((name) => `${folder}/${name}`),
    );
  return loadRuleSet(files.map((path) => ({ path, text: readFileSync(join(CORPUS, path), "utf8") })))
    .eventRules;
}

function eventsOf(): readonly Event[] {
  const folder = join(CORPUS, "regression");
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith(".json") && name !== "index.json")
    .flatMap((name) => new JsonSplitter().push(readFileSync(join(folder, name), "utf8")));
  return [...texts, ...attackLines()].flatMap((text, ordinal) => {
    const event = readSigmaEvent({
      text,
      origin: "00000000000000aa" as OriginId,
      ordinal,
      pack: "",
      now: NOW,
    });
    return event === undefined ? [] : [{ ...event, sequence: sequence(ordinal + 1) }];
  });
}

/** One line in so many of the recorded attacks, about 800 in all; in `npm run verify` only. */
const LINES = 400;

function attackLines(): readonly string[] {
  if (process.env["TYTO_VERIFY"] !== "1" || !existsSync(ATTACKS)) return [];
  const names = readdirSync(ATTACKS).filter((name) => name.endsWith(".zip"));
  return names.flatMap((name) => {
    const unzipped = spawnSync("unzip", ["-p", join(ATTACKS, name)], { maxBuffer: 1 << 30 });
    if (unzipped.status !== 0) return [];
    const lines = unzipped.stdout.toString("utf8").split("\n");
    return lines.filter((line, index) => index % LINES === 7 && line.startsWith("{"));
  });
}

interface Batch {
  readonly some: readonly RunnableRule[];
  readonly compiled: CompiledQuery;
}

function batchesOf(rules: readonly RunnableRule[], size = RULES_PER_QUERY): readonly Batch[] {
  const batches: Batch[] = [];
  for (let at = 0; at < rules.length; at += size) {
    const some = rules.slice(at, at + size);
    const compiled = compileMatchTable(some.map(lowerRule), { tenant: DEFAULT_TENANT, range: RANGE });
    if (some.length > 1 && compiled.query.sql.length > MAX_SQL)
      batches.push(...batchesOf(some, Math.ceil(some.length / 2)));
    else batches.push({ some, compiled });
  }
  return batches;
}

describe.skipIf(!existsSync(CORPUS))(
  "SigmaHQ's rules in SQL (skipped without ../shared/corpus/sigma)",
  () => {
    let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
    let rules: readonly RunnableRule[];
    let events: readonly Event[];

    beforeAll(async () => {
      rules = rulesOf();
      events = eventsOf();
      fixture = await temporaryEngine();
      expect(await fixture.engine.events.insert(events)).toEqual([]);
    }, 120_000);
    afterAll(() => fixture.remove());

    it("say in SQL all that they ask, but for the one whose field names lead through seven values", () => {
      const others = rules.filter((rule) => !lowerRule(rule).isExact).map(({ summary }) => summary.title);
      expect(others).toEqual(["AWS STS AssumeRole Misuse"]);
    });

    it("match the events that the matcher matches, and no other", async () => {
      const chosen = rules.filter((_, index) => index % STEP === 0);
      const facts = events.map(factsOf);
      const subjects = events.map((event) => new Subject(event));
      const places = new Map(events.map((event, index) => [String(event.id), index]));
      const differences: unknown[] = [];
      let [doubts, matched] = [0, 0];
      for (const { some, compiled } of batchesOf(chosen)) {
        const limits = { timeoutMs: 120_000, maxRows: 50_000, maxMemoryBytes: 1_500_000_000 };
        const { rows } = await fixture.engine.queries.run(compiled.query, { limits, queryId: "corpus" });
        expect(rows).toHaveLength(events.length);
        for (const [id, ...flags] of rows) {
          const place = places.get(String(id)) ?? -1;
          const [fact, subject] = [facts[place], subjects[place]];
          if (fact === undefined || subject === undefined) throw new Error("an event of no test");
          some.forEach((rule, index) => {
            const expected = rule.logsource.admits(fact) && rule.matcher.test(subject);
            if (Number(flags[index * 2 + 1]) === 1) doubts++;
            else if ((Number(flags[index * 2]) === 1) !== expected)
              differences.push([rule.path, id, expected]);
            else if (expected) matched++;
          });
        }
      }
      expect(differences).toEqual([]);
      expect(matched).toBeGreaterThan(0);
      expect(doubts).toBeLessThan(0.01 * chosen.length * events.length);
    }, 3_600_000);
  },
);
