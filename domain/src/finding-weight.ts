import type { Finding } from "./finding.ts";
import { LEVELS } from "./severity.ts";

/**
 * Findings by how much they say about their alert: the highest level first, then most occurrences, then the earliest. A total
 * order over distinct findings, so that what follows from it does not depend on the order of arrival.
 */
export function byWeight(a: Finding, b: Finding): number {
  return (
    LEVELS.indexOf(b.rule.level) - LEVELS.indexOf(a.rule.level) ||
    b.count - a.count ||
    a.firstSeen - b.firstSeen ||
    (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
  );
}

/** The finding that gives an alert its title and its sentence. */
export function leadFinding(findings: readonly Finding[]): Finding | undefined {
  return [...findings].sort(byWeight)[0];
}
