/** What became of a record: an event, a quarantined record, or nothing that is stored. */
export type AppliedOutcome = "s" | "q" | "f";

/** One letter a record, runs of the same one counted: `9000s3q`. */
export function encodeOutcomes(outcomes: readonly AppliedOutcome[]): string {
  let text = "";
  let run = 0;
  outcomes.forEach((outcome, index) => {
    run += 1;
    if (outcomes[index + 1] === outcome) return;
    text += `${run}${outcome}`;
    run = 0;
  });
  return text;
}

export function decodeOutcomes(text: string): readonly AppliedOutcome[] {
  return [...text.matchAll(/(\d+)([sqf])/g)].flatMap(([, run, letter]) =>
    new Array<AppliedOutcome>(Number(run)).fill(letter as AppliedOutcome),
  );
}

/** How many of them are rows in the store. */
export function countStored(text: string): number {
  let count = 0;
  for (const [, run, letter] of text.matchAll(/(\d+)([sqf])/g)) if (letter !== "f") count += Number(run);
  return count;
}
