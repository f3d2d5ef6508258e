import { assertNever, byWeight, formatMicros, leadFinding, parseEventId } from "@tyto/domain";
import type {
  Alert,
  AlertDetail,
  AlertFinding,
  AlertStep,
  AlertSummary,
  AlertTransition,
  EventId,
  EvidenceEvent,
  Finding,
  Micros,
} from "@tyto/domain";

/** Events of an alert that can be asked for. */
export const MAX_EVIDENCE = 1_000;

/** The house's deadlines. */
export interface Deadlines {
  readonly deadlineOf: (
    alert: Alert,
  ) => { readonly what: "acknowledge" | "close"; readonly by: Micros } | null;
}

/** An alert as lists show it. */
export function alertSummary(alert: Alert, { deadlineOf }: Deadlines): AlertSummary {
  const deadline = deadlineOf(alert);
  return {
    deadline: deadline === null ? null : { what: deadline.what, by: formatMicros(deadline.by) },
    id: alert.id,
    title: alert.title,
    severity: alert.severity,
    priority: { ...alert.priority, reasons: [...alert.priority.reasons] },
    assets: alert.assets.map(({ labels, ...asset }) => ({ ...asset, labels: [...labels] })),
    userTags: [...alert.userTags],
    status: alert.status,
    assignee: alert.assignee,
    closeReason: alert.closeReason,
    sentence: leadFinding(alert.findings)?.sentence ?? alert.title,
    cause: alert.cause,
    ruleIds: distinct(alert.findings.map((finding) => finding.rule.id)),
    tags: distinct(alert.findings.flatMap((finding) => finding.rule.tags)),
    count: alert.count,
    firstSeen: formatMicros(alert.firstSeen),
    lastSeen: formatMicros(alert.lastSeen),
    createdAt: formatMicros(alert.createdAt),
    updatedAt: formatMicros(alert.updatedAt),
    entities: [...alert.entities],
    eventIds: evidenceOf(alert)
      .slice(0, MAX_EVIDENCE)
      .map((event) => event.id),
  };
}

/** An alert with all that its page shows; the findings that say most come first. */
export function alertDetail(alert: Alert, deadlines: Deadlines): AlertDetail {
  return {
    ...alertSummary(alert, deadlines),
    absorbedInto: alert.absorbedInto,
    related: [...alert.related],
    findings: [...alert.findings].sort(byWeight).map(findingView),
    history: alert.transitions.map(stepView),
  };
}

/** Distinct evidence over all findings, by event time; within one instant in the order of arrival. */
export function evidenceOf(alert: Alert): readonly EvidenceEvent[] {
  const events = new Map(
    alert.findings.flatMap((finding) => finding.evidence.map((event) => [event.id, event])),
  );
  return [...events.values()].sort((a, b) => a.timestamp - b.timestamp || byArrival(a.id, b.id));
}

function byArrival(a: EventId, b: EventId): number {
  const [left, right] = [parseEventId(a), parseEventId(b)];
  if (left === undefined || right === undefined || left.origin !== right.origin) return a < b ? -1 : 1;
  return left.ordinal - right.ordinal;
}

function findingView(finding: Finding): AlertFinding {
  const { id, title, level, tags } = finding.rule;
  return {
    key: finding.key,
    version: finding.version,
    rule: { id, title, level, tags: [...tags] },
    group: [...finding.group],
    count: finding.count,
    firstSeen: formatMicros(finding.firstSeen),
    lastSeen: formatMicros(finding.lastSeen),
    sentence: finding.sentence,
    matched: [...finding.matched],
  };
}

function stepView({ step, at, actor, change }: AlertTransition): AlertStep {
  return { step, at: formatMicros(at), actor, kind: change.kind, detail: changeInWords(change) };
}

function changeInWords(change: AlertTransition["change"]): string {
  switch (change.kind) {
    case "acknowledge":
      return "";
    case "assign":
      return change.assignee ?? "";
    case "close":
      return change.text === undefined ? change.reason : `${change.reason}: ${change.text}`;
    case "reopen":
      return change.text ?? "";
    case "note":
      return change.text;
    case "tag":
      return [...change.add.map((tag) => `+${tag}`), ...change.remove.map((tag) => `-${tag}`)].join(" ");
    case "reweighed":
      return `${change.severity}, score ${change.score}`;
    case "opened":
    case "joined":
    case "retracted":
    case "withdrawn":
    case "returned":
      return change.finding;
    case "amended":
      return `${change.finding} (version ${change.version})`;
    case "superseded":
      return `${change.finding} into ${change.into}`;
    case "absorbed":
    case "absorbed-into":
      return change.alert;
    default:
      return assertNever(change);
  }
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
