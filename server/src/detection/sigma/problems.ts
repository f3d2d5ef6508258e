import type { Diagnostic, Place } from "@tyto/domain";

/** Everything that is wrong with one rule, all of it at once, and whether it is the rule or we who cannot. */
export class Problems {
  readonly #found: Diagnostic[] = [];
  #unsupported: string | undefined;
  #hasErrors = false;

  get found(): readonly Diagnostic[] {
    return this.#found;
  }

  get hasErrors(): boolean {
    return this.#hasErrors;
  }

  /** First thing that the rule rightly uses and that this engine does not do. */
  get unsupported(): string | undefined {
    return this.#unsupported;
  }

  /** The rule is wrong. */
  error(at: Place, code: string, message: string, hint?: string): void {
    this.#hasErrors = true;
    this.#add("error", at, code, message, hint);
  }

  /** The rule is good and we cannot run it: it is named, and never run in part. */
  refuse(at: Place, code: string, message: string, hint?: string): void {
    this.#unsupported ??= message;
    this.#add("error", at, code, message, hint);
  }

  warn(at: Place, code: string, message: string, hint?: string): void {
    this.#add("warning", at, code, message, hint);
  }

  #add(severity: "error" | "warning", at: Place, code: string, message: string, hint?: string): void {
    this.#found.push({ severity, code, message, at, ...(hint === undefined ? {} : { hint }) });
  }
}

/** The known word that a mistyped one most likely means, as a hint. */
export function didYouMean(word: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = 3;
  for (const candidate of known) {
    const distance = editDistance(word, candidate, bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best === undefined ? undefined : `did you mean "${best}"?`;
}

function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit || a.length > 64) return limit;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a.charAt(i - 1) === b.charAt(j - 1) ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? limit;
}
