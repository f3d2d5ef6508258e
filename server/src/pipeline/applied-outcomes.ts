import { sequence } from "@tyto/domain";
import type { Sequence } from "@tyto/domain";
import type { AppliedRange } from "../storage/index.ts";

/** What became of a record: an event, a quarantined record, or nothing that is stored. */
export type AppliedOutcome = "s" | "q" | "f";

/** Records of the journal, one after the other without a gap, whatever batches they were applied in. */
export interface AppliedSpan {
  readonly first: Sequence;
  readonly last: Sequence;
  /** One for each record. */
  readonly outcomes: readonly AppliedOutcome[];
}

/** Longer stretches are several spans: what a span has lost is looked for among all of its records. */
const LONGEST_SPAN = 20_000;

/**
 * One batch's records in the order of the journal, runs of the same outcome counted: `9000s3q`. A batch is read from several lanes:
 * `40-` are records between them that another batch has.
 */
export function encodeOutcomes(
  records: readonly { readonly sequence: Sequence }[],
  outcomes: readonly AppliedOutcome[],
): AppliedRange | undefined {
  const [first, last] = [records[0]?.sequence, records.at(-1)?.sequence];
  if (first === undefined || last === undefined) return undefined;
  let text = "";
  let run = 0;
  outcomes.forEach((outcome, index) => {
    run += 1;
    const [here, next] = [records[index]?.sequence ?? first, records[index + 1]?.sequence];
    const between = next === undefined ? 0 : next - here - 1;
    if (outcomes[index + 1] === outcome && between === 0) return;
    text += `${run}${outcome}${between === 0 ? "" : `${between}-`}`;
    run = 0;
  });
  return { first, last, outcomes: text };
}

/** What all batches together say of the journal's records, in its order. */
export function appliedSpans(ranges: readonly AppliedRange[]): readonly AppliedSpan[] {
  const runs = ranges.flatMap(runsOf).sort((a, b) => a.first - b.first);
  const spans: AppliedSpan[] = [];
  let [first, outcomes] = [0, [] as AppliedOutcome[]];
  const close = (): void => {
    if (outcomes.length === 0) return;
    spans.push({ first: sequence(first), last: sequence(first + outcomes.length - 1), outcomes });
    outcomes = [];
  };
  for (const run of runs) {
    for (let at = run.first; at < run.first + run.count; at += 1) {
      if (at !== first + outcomes.length || outcomes.length === LONGEST_SPAN) {
        close();
        first = at;
      }
      outcomes.push(run.outcome);
    }
  }
  close();
  return spans;
}

interface Run {
  readonly first: number;
  readonly count: number;
  readonly outcome: AppliedOutcome;
}

function runsOf({ first, outcomes }: AppliedRange): readonly Run[] {
  const runs: Run[] = [];
  let at: number = first;
  for (const [, digits, letter] of outcomes.matchAll(/(\d+)([sqf-])/g)) {
    const count = Number(digits);
    if (letter === "s" || letter === "q" || letter === "f") runs.push({ first: at, count, outcome: letter });
    at += count;
  }
  return runs;
}

/** How many of its records are rows in the store. */
export function countStored({ outcomes }: AppliedSpan): number {
  return outcomes.reduce((count, outcome) => (outcome === "f" ? count : count + 1), 0);
}
