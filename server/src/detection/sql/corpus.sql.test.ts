/** SigmaHQ's rules by the matcher's index and by SQL, over the events of its regression set and of recorded attacks. */
import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_TENANT, eventId, micros, sequence } from "@tyto/domain";
import type { Event, OriginId } from "@tyto/domain";
import { compileMatchTable } from "../../query/index.ts";
import type { CompiledQuery } from "../../query/index.ts";
import { temporaryEngine } from "../../storage/engine/engine-fixture.ts";
import { GatedRules } from "../gated-rules.ts";
import { factsKey, factsOf } from "../logsource/facts.ts";
import type { LogsourceFacts } from "../logsource/facts.ts";
import type { RuleSet, RunnableRule } from "../rule-set.ts";
import { CORPUS_IS_THERE, corpusRuleSet, regressionEvents, sampleOfAttacks } from "../testing/corpus.ts";
import { matchesOf } from "../testing/matches.ts";
import { lowerRule } from "./lower-rule.ts";

const RANGE = { from: micros(0), to: micros(7_000_000_000_000_000) };
/** Of the statement: the engine takes 262,144 characters, and 50,000 nodes once it is read. */
const MAX_SQL = 160_000;
const RULES_PER_QUERY = 150;
const IS_WHOLE = process.env["TYTO_VERIFY"] === "1";
/** Every so many rules; all of them in `npm run verify`. */
const STEP = IS_WHOLE ? 1 : 10;
const ATTACKS = 20_000;
const LIMITS = { timeoutMs: 120_000, maxRows: 100_000, maxMemoryBytes: 2_000_000_000 };

/** Rules whose fields may be read in more ways than a statement spells out: the matcher looks at all of their events. */
const BY_THE_MATCHER = [
  "AWS STS AssumeRole Misuse",
  "Container With A hostPath Mount Created",
  "Multi Factor Authentication Disabled For User Account",
  "New Root Certificate Authority Added",
  "Privileged Container Deployed",
];

interface Batch {
  readonly rules: readonly RunnableRule[];
  readonly compiled: CompiledQuery;
}

/** Rules of one logsource ask for the same few fields, each of which then stands in the statement once. */
function batchesOf(rules: readonly RunnableRule[]): readonly Batch[] {
  const byLogsource = new Map<unknown, RunnableRule[]>();
  for (const rule of rules) {
    const known = byLogsource.get(rule.logsource);
    if (known === undefined) byLogsource.set(rule.logsource, [rule]);
    else known.push(rule);
  }
  // Small groups go together.
  const groups = [...byLogsource.values()].sort((a, b) => b.length - a.length);
  return batched(groups.flat());
}

function batched(rules: readonly RunnableRule[]): readonly Batch[] {
  const batches: Batch[] = [];
  for (let at = 0; at < rules.length; at += RULES_PER_QUERY)
    batches.push(...fitting(rules.slice(at, at + RULES_PER_QUERY)));
  return batches;
}

function fitting(rules: readonly RunnableRule[]): readonly Batch[] {
  const compiled = compileMatchTable(rules.map(lowerRule), { tenant: DEFAULT_TENANT, range: RANGE });
  if (rules.length === 1 || compiled.query.sql.length <= MAX_SQL) return [{ rules, compiled }];
  const half = Math.ceil(rules.length / 2);
  return [...fitting(rules.slice(0, half)), ...fitting(rules.slice(half))];
}

function placed(events: readonly Event[]): readonly Event[] {
  return events.map((event, index) => ({
    ...event,
    id: eventId("00000000000000aa" as OriginId, index + 1),
    sequence: sequence(index + 1),
  }));
}

interface Tally {
  readonly differences: readonly unknown[];
  readonly matched: number;
  readonly doubts: number;
  readonly rulesInDoubt: ReadonlySet<string>;
}

async function compare(
  ruleSet: RuleSet,
  rules: readonly RunnableRule[],
  events: readonly Event[],
): Promise<Tally> {
  const fixture = await temporaryEngine();
  try {
    expect(await fixture.engine.events.insert(events)).toEqual([]);
    const expected = matchesOf(ruleSet, new GatedRules(ruleSet.eventRules));
    const answers = new Map(events.map((event) => [String(event.id), new Set(expected(event))]));
    const differences: unknown[] = [];
    const rulesInDoubt = new Set<string>();
    let [matched, doubts] = [0, 0];
    for (const { rules: some, compiled } of batchesOf(rules)) {
      const { rows } = await fixture.engine.queries.run(compiled.query, {
        limits: LIMITS,
        queryId: "corpus",
      });
      expect(rows).toHaveLength(events.length);
      for (const [id, ...flags] of rows) {
        const answer = answers.get(String(id));
        if (answer === undefined) throw new Error("an event of no test");
        some.forEach(({ summary }, index) => {
          const isExpected = answer.has(summary.id);
          if (Number(flags[index * 2 + 1]) === 1) {
            doubts++;
            rulesInDoubt.add(summary.title);
          } else if ((Number(flags[index * 2]) === 1) !== isExpected)
            differences.push([summary.title, id, isExpected]);
          else if (isExpected) matched++;
        });
      }
    }
    return { differences, matched, doubts, rulesInDoubt };
  } finally {
    await fixture.remove();
  }
}

describe.skipIf(!CORPUS_IS_THERE)("SigmaHQ's rules in SQL (skipped without ../shared/corpus/sigma)", () => {
  let ruleSet: RuleSet;
  let regression: readonly Event[];

  beforeAll(() => {
    ruleSet = corpusRuleSet();
    regression = placed(regressionEvents());
  }, 120_000);

  it("say all that they ask, but for those whose field names may be read in too many ways", () => {
    const others = ruleSet.eventRules.filter((rule) => !lowerRule(rule).isExact);
    expect(others.map(({ summary }) => summary.title).sort()).toEqual(BY_THE_MATCHER);
  });

  it("match the regression set's events that the index finds, and no other", async () => {
    // What no event belongs to tests gates alone, which `gates.sql.test.ts` does better.
    const near = IS_WHOLE ? ruleSet.eventRules : admitting(ruleSet.eventRules, regression);
    const chosen = near.filter((_, index) => index % STEP === 0);
    const tally = await compare(ruleSet, chosen, regression);
    report("regression", chosen, regression, tally);
    expect(tally.differences).toEqual([]);
    expect(tally.matched).toBeGreaterThan(0);
    expect([...tally.rulesInDoubt]).toEqual([]);
  }, 600_000);

  it.skipIf(!IS_WHOLE)(
    "match a sample of recorded attacks that the index finds, and no other",
    async () => {
      const events = placed(sampleOfAttacks(ATTACKS));
      const chosen = admitting(ruleSet.eventRules, events);
      const tally = await compare(ruleSet, chosen, events);
      report("attacks", chosen, events, tally);
      expect(tally.differences).toEqual([]);
      expect(tally.matched).toBeGreaterThan(300);
      expect([...tally.rulesInDoubt]).toEqual([]);
    },
    3_600_000,
  );
});

/** Rules whose logsource admits any of the events. */
function admitting(rules: readonly RunnableRule[], events: readonly Event[]): readonly RunnableRule[] {
  const facts = [
    ...new Map(events.map(factsOf).map((one): [string, LogsourceFacts] => [factsKey(one), one])).values(),
  ];
  const logsources = new Set(rules.map(({ logsource }) => logsource));
  const open = new Set([...logsources].filter((logsource) => facts.some((one) => logsource.admits(one))));
  return rules.filter(({ logsource }) => open.has(logsource));
}

/** Numbers for whoever runs the whole comparison. */
function report(what: string, rules: readonly unknown[], events: readonly unknown[], tally: Tally): void {
  if (!IS_WHOLE) return;
  process.stderr.write(
    `${what}: ${rules.length} rules, ${events.length} events, ${tally.matched} matches, ${tally.doubts} in doubt by ${tally.rulesInDoubt.size} rules, ${tally.differences.length} differences\n`,
  );
}
