/** OCSF's names of its severities, by number. */
export const SEVERITY_NAMES: Readonly<Record<number, string>> = {
  0: "Unknown",
  1: "Informational",
  2: "Low",
  3: "Medium",
  4: "High",
  5: "Critical",
  6: "Fatal",
};

/** What products write in `log.level` and `vulnerability.severity`; vendors' numbers mean something else in each product and stay unmapped. */
const IDS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    trace: 1,
    debug: 1,
    verbose: 1,
    info: 1,
    information: 1,
    informational: 1,
    log: 1,
    note: 2,
    notice: 2,
    notification: 2,
    low: 2,
    warn: 3,
    warning: 3,
    medium: 3,
    moderate: 3,
    err: 4,
    error: 4,
    high: 4,
    severe: 4,
    important: 4,
    crit: 5,
    critical: 5,
    alert: 5,
    emerg: 6,
    emergency: 6,
    panic: 6,
    fatal: 6,
  }),
);

/** RFC 5424's severities, 0 (emergency) to 7 (debug). */
const SYSLOG_IDS: readonly number[] = [6, 5, 5, 4, 3, 2, 1, 1];

export function severityId(words: readonly (string | undefined)[], syslog: number | undefined): number {
  for (const word of words) {
    const id = word === undefined ? undefined : IDS.get(word.toLowerCase());
    if (id !== undefined) return id;
  }
  return syslog === undefined ? 0 : (SYSLOG_IDS[syslog] ?? 0);
}
