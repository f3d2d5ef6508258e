/** Severities of alerts, lowest first. */
export const SEVERITIES = ["low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Sigma's `level` (specification 2.1, section "Level"), lowest first. */
export const LEVELS = ["informational", "low", "medium", "high", "critical"] as const;
export type Level = (typeof LEVELS)[number];

/** An informational finding still opens a low alert: what nobody should see is not a rule's business to raise. */
export function severityOfLevel(level: Level): Severity {
  return level === "informational" ? "low" : level;
}

export function highestSeverity(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) >= SEVERITIES.indexOf(b) ? a : b;
}
