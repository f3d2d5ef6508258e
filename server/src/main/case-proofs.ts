import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RuleId } from "@tyto/domain";
import type { CaseProofs } from "../detection/index.ts";

/** Someone who writes rules with `--watch` makes a set a minute. */
const MAX_PROOFS = 50;

/**
 * Proofs as files in the folder of the build, so that another build begins with none. It may be read-only (a global installation) or
 * hold anything: then the cases are run, as without it.
 */
export function openCaseProofs(folder: string): CaseProofs {
  const fileOf = (key: string): string => join(folder, `${key}.json`);
  return {
    find: (key) => {
      try {
        return countsIn(JSON.parse(readFileSync(fileOf(key), "utf8")));
      } catch {
        return undefined;
      }
    },
    keep: (key, counts) => {
      try {
        mkdirSync(folder, { recursive: true });
        for (const name of readdirSync(folder).slice(MAX_PROOFS - 1)) rmSync(join(folder, name));
        const draft = join(folder, `${key}.${process.pid}`);
        writeFileSync(draft, JSON.stringify([...counts].map(([id, { passed }]) => [id, passed])));
        renameSync(draft, fileOf(key));
      } catch {
        // The next start tries the cases again.
      }
    },
  };
}

function countsIn(rows: unknown): ReturnType<CaseProofs["find"]> {
  if (!Array.isArray(rows)) return undefined;
  const counts = new Map<RuleId, { readonly passed: number; readonly failed: number }>();
  for (const row of rows as readonly unknown[]) {
    if (!Array.isArray(row)) return undefined;
    const [id, passed] = row as readonly unknown[];
    if (typeof id !== "string" || typeof passed !== "number") return undefined;
    counts.set(id as RuleId, { passed, failed: 0 });
  }
  return counts;
}
