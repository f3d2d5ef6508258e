/** For tests only: what the two evaluators make of a correlation, side by side. */
import { micros, MICROS_PER_DAY } from "@tyto/domain";
import type { Event, EvidenceEvent, Finding, FindingKey, Micros } from "@tyto/domain";
import type { QueryRunner } from "../../storage/index.ts";
import type { LinkedCorrelation } from "../correlation/linked-correlation.ts";
import { createDetectionEngine } from "../engine.ts";
import { episodeFindingKey, groupDigest } from "../finding/finding-key.ts";
import type { RuleSet } from "../rule-set.ts";
import { compileFindings } from "../sql/correlation/correlation-statement.ts";
import type { FindingsQuestion } from "../sql/correlation/correlation-statement.ts";
import { readFinding } from "../sql/correlation/read-findings.ts";

export interface Comparable {
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
  readonly count: number;
  readonly evidence: readonly EvidenceEvent[];
}

const MAX_EVIDENCE = 1_000;

/** By the finding's key, in which its group and its first hit are. */
export type Findings = ReadonlyMap<FindingKey, Comparable>;

export function findingsOfStream(
  ruleSet: RuleSet,
  { summary }: LinkedCorrelation,
  events: readonly Event[],
): Findings {
  const engine = createDetectionEngine(ruleSet, { limits: { latenessMicros: 36_500 * MICROS_PER_DAY } });
  const ordered = [...events].sort((a, b) => a.timestamp - b.timestamp);
  const now = micros((ordered.at(-1)?.timestamp ?? 0) + 1);
  const findings = new Map<FindingKey, Finding>();
  for (const change of [...engine.process(ordered, now).changes, ...engine.finish(now).changes]) {
    if (change.kind !== "upsert") findings.delete(change.key);
    else if (change.finding.rule.id === summary.id) findings.set(change.finding.key, change.finding);
  }
  return sorted(
    [...findings].map(([key, { firstSeen, lastSeen, count, evidence }]) => [
      key,
      { firstSeen, lastSeen, count, evidence },
    ]),
  );
}

export async function findingsOfSql(
  question: Pick<FindingsQuestion, "ruleSet" | "correlation" | "bounds"> & Partial<FindingsQuestion>,
  queries: Pick<QueryRunner, "run">,
): Promise<Findings> {
  const query = compileFindings({ read: [], limit: 100_000, maxEvidence: MAX_EVIDENCE, ...question });
  const limits = { timeoutMs: 60_000, maxRows: 100_000, maxMemoryBytes: 1_500_000_000 };
  const { rows } = await queries.run(query, { limits, queryId: "findings" });
  const { correlation } = question;
  return sorted(
    rows.map((row) => {
      const { group, first, firstSeen, lastSeen, count, evidence } = readFinding(row, correlation.groupBy);
      const key = episodeFindingKey(
        correlation.summary.id,
        groupDigest(group, ""),
        `${first.at}-${first.id}`,
      );
      return [key, { firstSeen, lastSeen, count, evidence }] as const;
    }),
  );
}

function sorted(entries: readonly (readonly [FindingKey, Comparable])[]): Findings {
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
