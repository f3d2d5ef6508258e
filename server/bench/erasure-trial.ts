/**
 * Trial 3 (docs/decisions/0003-erasure.md): can a person be erased from what is stored while the proofs still hold, and what does it
 * cost? Three parts: the proof over a batch, the event engine, the relational store.
 *
 *     npm run bench -- erasure-trial [proof] [control] [engine] [--json]
 */
import { controlTrial } from "./erasure-control.ts";
import { engineTrial } from "./erasure-engine.ts";
import { proofTrial } from "./erasure-proof.ts";
import { machine } from "./process-cost.ts";

const PARTS = {
  proof: () => Promise.resolve(proofTrial()),
  control: controlTrial,
  engine: engineTrial,
} as const;

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const figures: Record<string, unknown> = { machine: machine() };
for (const [name, run] of Object.entries(PARTS)) {
  if (words.length === 0 || words.includes(name)) figures[name] = await run();
}
if (process.argv.includes("--json")) console.log(JSON.stringify(figures));
else console.dir(figures, { depth: null });
