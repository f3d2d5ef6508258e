import { DEFAULT_TENANT, WITHDRAWN } from "@tyto/domain";
import type { Alert, EvidenceEvent, Finding, FindingKey } from "@tyto/domain";
import type { EngineClient } from "../engine/engine-client.ts";
import type { AlertProjections } from "../ports.ts";
import { engineInstant } from "./field-values.ts";

/**
 * Alerts and findings as KQL sees them. The relational store is the truth; this is a copy that may be appended again at any
 * time: of each alert and finding the highest `revision` counts.
 */
export class EngineAlertProjections implements AlertProjections {
  readonly #client: EngineClient;

  constructor(client: EngineClient) {
    this.#client = client;
  }

  async append(alerts: readonly Alert[]): Promise<void> {
    if (alerts.length === 0) return;
    const findings = alerts.flatMap(findingRows);
    if (findings.length > 0) await this.#client.insert("finding_versions", Buffer.concat(findings));
    await this.#client.insert("alert_versions", Buffer.concat(alerts.map(alertRow)));
  }
}

function line(row: Readonly<Record<string, unknown>>): Buffer {
  return Buffer.from(
    `${JSON.stringify(row, (_, value: unknown) => (typeof value === "string" ? value.toWellFormed() : value))}\n`,
  );
}

/** Lists are kept as JSON text. */
const json = (value: unknown): string => JSON.stringify(value);

/** An alert whose findings another one took over is no alert any more. */
function alertRow(alert: Alert): Buffer {
  return line({
    tenant: DEFAULT_TENANT,
    id: alert.id,
    revision: alert.transitions.at(-1)?.step ?? 0,
    is_deleted: alert.absorbedInto === null ? 0 : 1,
    timestamp: engineInstant(alert.lastSeen),
    title: alert.title,
    severity: alert.severity,
    status: alert.status,
    assignee: alert.assignee ?? "",
    close_reason: alert.closeReason ?? "",
    cause: alert.cause,
    rule_ids: json([...new Set(alert.findings.map(({ rule }) => rule.id))]),
    first_seen: engineInstant(alert.firstSeen),
    last_seen: engineInstant(alert.lastSeen),
    created: engineInstant(alert.createdAt),
    updated: engineInstant(alert.updatedAt),
    count: alert.count,
    entities: json(alert.entities),
    event_ids: json(eventIds(alert.findings.flatMap(({ evidence }) => evidence))),
  });
}

function eventIds(evidence: readonly EvidenceEvent[]): readonly string[] {
  const sorted = [...evidence].sort((a, b) => a.timestamp - b.timestamp || (a.id < b.id ? -1 : 1));
  return [...new Set(sorted.map(({ id }) => id))];
}

function findingRows(alert: Alert): readonly Buffer[] {
  if (alert.absorbedInto !== null) return [];
  const standing = alert.closeReason === WITHDRAWN ? [] : alert.findings;
  const present = new Set(standing.map(({ key }) => key));
  const gone = alert.transitions.flatMap(({ change }) =>
    (change.kind === "superseded" || change.kind === "retracted" || change.kind === "withdrawn") &&
    !present.has(change.finding)
      ? [change.finding]
      : [],
  );
  return [
    ...standing.map((finding) => findingRow(finding, alert)),
    ...gone.map((key) => tombstone(key, alert)),
  ];
}

function findingRow(finding: Finding, alert: Alert): Buffer {
  return line({
    tenant: DEFAULT_TENANT,
    key: finding.key,
    revision: alert.updatedAt,
    is_deleted: 0,
    timestamp: engineInstant(finding.lastSeen),
    version: finding.version,
    alert: alert.id,
    rule_id: finding.rule.id,
    rule_title: finding.rule.title,
    level: finding.rule.level,
    cause: finding.rule.cause,
    tags: json(finding.rule.tags),
    sentence: finding.sentence,
    first_seen: engineInstant(finding.firstSeen),
    last_seen: engineInstant(finding.lastSeen),
    count: finding.count,
    entities: json(finding.entities),
    event_ids: json(eventIds(finding.evidence)),
  });
}

function tombstone(key: FindingKey, alert: Alert): Buffer {
  return line({ tenant: DEFAULT_TENANT, key, revision: alert.updatedAt, is_deleted: 1 });
}
