import type { AlertDetail } from "@tyto/domain";

/** What to mark in the evidence: the values that rules matched, and the names that correlations counted. */
export function marksOf(alert: AlertDetail): readonly string[] {
  const matched = alert.findings.flatMap((finding) => finding.matched.map((term) => term.value));
  // A value of one or two characters would mark half of every line.
  return [...new Set(matched)].filter((value) => value.length > 2);
}

/** `attack.t1110.001` → `T1110.001`; tactics and other tags are left out. */
export function techniquesOf(tags: readonly string[]): readonly string[] {
  return [...new Set(tags)]
    .map((tag) => /^attack\.(t\d{4}(?:\.\d{3})?)$/i.exec(tag)?.[1]?.toUpperCase())
    .filter((technique) => technique !== undefined)
    .sort();
}
