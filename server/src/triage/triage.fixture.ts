import { eventId, micros, MICROS_PER_MINUTE, ruleId } from "@tyto/domain";
import type {
  Alert,
  AlertId,
  Entity,
  Finding,
  FindingChange,
  FindingKey,
  Level,
  Micros,
  OriginId,
} from "@tyto/domain";
import type { AlertLookup } from "./fold.ts";
import { mergeEntities } from "./link.ts";

export const NOW = micros(1_000 * MICROS_PER_MINUTE);

export const minute = (minutes: number): Micros => micros(minutes * MICROS_PER_MINUTE);
export const ip = (value: string): Entity => ({ type: "ip", value });
export const user = (value: string): Entity => ({ type: "user", value });
export const upsert = (finding: Finding): FindingChange => ({ kind: "upsert", finding });
export const keyOf = (text: string): FindingKey => text as FindingKey;

interface FindingSample {
  readonly key: string;
  readonly version?: number;
  readonly title?: string;
  readonly level?: Level;
  readonly cause?: string;
  readonly group?: readonly Entity[];
  readonly entities?: readonly Entity[];
  /** In minutes. */
  readonly at?: number;
  readonly until?: number;
  readonly count?: number;
  /** Ordinals of its evidence. */
  readonly events?: readonly number[];
}

/** A finding about 192.0.2.1 at one minute past midnight, unless the sample says otherwise. */
export function finding(sample: FindingSample): Finding {
  const { key, version = 1, title = key, level = "medium", cause = "brute-force", at = 1 } = sample;
  const { until = at, group = [ip("192.0.2.1")], events = [1] } = sample;
  return {
    key: keyOf(key),
    version,
    rule: { id: ruleId("11111111-2222-4333-8444-555555555555"), title, level, tags: [], cause },
    group,
    entities: sample.entities ?? group,
    firstSeen: minute(at),
    lastSeen: minute(until),
    count: sample.count ?? events.length,
    evidence: events.map((ordinal) => ({
      id: eventId("00000000000000aa" as OriginId, ordinal),
      timestamp: minute(at),
      occurrences: 1,
    })),
    matched: [],
    sentence: `${title} happened`,
  };
}

/** What the repository port promises, in memory. */
export class AlertShelf implements AlertLookup {
  readonly alerts = new Map<AlertId, Alert>();

  put(alerts: readonly Alert[]): void {
    for (const alert of alerts) this.alerts.set(alert.id, alert);
  }

  live(): readonly Alert[] {
    return [...this.alerts.values()].filter((alert) => alert.absorbedInto === null);
  }

  byId(id: AlertId): Promise<Alert | undefined> {
    return Promise.resolve(this.alerts.get(id));
  }

  byFinding(key: FindingKey): Promise<Alert | undefined> {
    return Promise.resolve(this.live().find((alert) => alert.findings.some((one) => one.key === key)));
  }

  candidates(query: Parameters<AlertLookup["candidates"]>[0]): Promise<readonly Alert[]> {
    const wanted = new Set(query.entities.map(({ type, value }) => `${type} ${value}`));
    return Promise.resolve(
      this.live().filter(
        (alert) =>
          alert.cause === query.cause &&
          alert.firstSeen <= query.last + query.windowMicros &&
          alert.lastSeen >= query.first - query.windowMicros &&
          mergeEntities(alert.findings).some(({ type, value }) => wanted.has(`${type} ${value}`)),
      ),
    );
  }
}
