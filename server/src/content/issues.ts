import type { Diagnostic, Place } from "@tyto/domain";
import type { SourceMap, SourceNode } from "./source-node.ts";

/** Collects everything that is wrong with one pack, so that its author sees all of it at once. */
export class Issues {
  readonly #found: Diagnostic[] = [];

  get found(): readonly Diagnostic[] {
    return this.#found;
  }

  get hasErrors(): boolean {
    return this.#found.some((diagnostic) => diagnostic.severity === "error");
  }

  error(at: Place, code: string, message: string, hint?: string): void {
    this.#found.push({ severity: "error", code, message, at, ...(hint === undefined ? {} : { hint }) });
  }

  /** Something that costs nobody anything, but is hardly meant. */
  warning(at: Place, code: string, message: string, hint: string): void {
    this.#found.push({ severity: "warning", code, message, at, hint });
  }

  addAll(diagnostics: readonly Diagnostic[]): void {
    this.#found.push(...diagnostics);
  }
}

/** The entries of a map whose keys are known. Unknown keys are reported, with the nearest known one as the hint. */
export function readKeys<Key extends string>(
  node: SourceNode,
  known: readonly Key[],
  issues: Issues,
): Partial<Record<Key, SourceNode>> {
  const map = expectMap(node, issues);
  const found: Partial<Record<Key, SourceNode>> = {};
  for (const entry of map?.entries ?? []) {
    const key = known.find((name) => name === entry.key);
    if (key === undefined) {
      issues.error(entry.at, "unknown-key", `unknown key "${entry.key}"`, nearest(entry.key, known));
    } else {
      found[key] = entry.value;
    }
  }
  return found;
}

export function expectMap(node: SourceNode, issues: Issues): SourceMap | undefined {
  if (node.kind === "map") return node;
  issues.error(node.at, "wrong-shape", "expected a map of keys and values");
  return undefined;
}

export function readText(node: SourceNode | undefined, issues: Issues): string | undefined {
  if (node === undefined) return undefined;
  if (node.kind === "scalar" && node.value !== null) return String(node.value);
  issues.error(node.at, "wrong-shape", "expected text");
  return undefined;
}

export function readInteger(node: SourceNode | undefined, issues: Issues): number | undefined {
  if (node === undefined) return undefined;
  if (node.kind === "scalar" && typeof node.value === "number" && Number.isInteger(node.value)) {
    return node.value;
  }
  issues.error(node.at, "wrong-shape", "expected a whole number");
  return undefined;
}

export function readFlag(node: SourceNode | undefined, issues: Issues): boolean | undefined {
  if (node === undefined) return undefined;
  if (node.kind === "scalar" && typeof node.value === "boolean") return node.value;
  issues.error(node.at, "wrong-shape", "expected true or false");
  return undefined;
}

/** A list of texts; a single text stands for a list of one. */
export function readTexts(node: SourceNode | undefined, issues: Issues): readonly string[] {
  if (node === undefined) return [];
  const items = node.kind === "list" ? node.items : [node];
  return items.map((item) => readText(item, issues)).filter((text) => text !== undefined);
}

/** `did you mean "x"?`, or the list of what is possible. */
export function nearest(name: string, known: Iterable<string>): string {
  let best: string | undefined;
  let bestDistance = 3;
  const all: string[] = [];
  for (const candidate of known) {
    if (all.length < 30) all.push(candidate);
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  if (best !== undefined) return `did you mean "${best}"?`;
  return all.length < 30 ? `known: ${all.join(", ")}` : "see docs/guides/add-a-source.md";
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substituted, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
