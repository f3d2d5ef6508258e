import type { Entity, Finding } from "./finding.ts";
import type { AlertId, FindingKey } from "./ids.ts";
import type { Micros } from "./micros.ts";
import type { AlertAsset } from "./asset.ts";
import type { Severity } from "./severity.ts";

export const ALERT_STATUSES = ["new", "acknowledged", "closed"] as const;
export type AlertStatus = (typeof ALERT_STATUSES)[number];

export const CLOSE_REASONS = [
  "true-positive",
  "benign-positive",
  "false-positive",
  "duplicate",
  "automated",
  "other",
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];
/** Nobody closed it: late data withdrew the last of its findings. */
export const WITHDRAWN = "withdrawn";

/** What the queue counts and filters by, beside an alert's own columns, its rules and its entities. */
export const ALERT_FACETS = ["tactic", "criticality", "label", "tag", "asset"] as const;
export type AlertFacetName = (typeof ALERT_FACETS)[number];

/** What a person can do to an alert. */
export type AlertAction =
  /** Whoever acknowledges an alert that nobody has becomes its owner, unless the setting says otherwise. */
  | { readonly kind: "acknowledge"; readonly keepsOwner?: true }
  | { readonly kind: "assign"; readonly assignee: string | null }
  | { readonly kind: "close"; readonly reason: CloseReason; readonly text?: string }
  | { readonly kind: "reopen"; readonly text?: string }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "tag"; readonly add: readonly string[]; readonly remove: readonly string[] };

/** What detection does to an alert. */
export type AlertGrowth =
  | { readonly kind: "opened"; readonly finding: FindingKey }
  | { readonly kind: "joined"; readonly finding: FindingKey }
  | { readonly kind: "amended"; readonly finding: FindingKey; readonly version: number }
  | { readonly kind: "superseded"; readonly finding: FindingKey; readonly into: FindingKey }
  /** The finding left the alert: late data showed that it never held. */
  | { readonly kind: "retracted"; readonly finding: FindingKey }
  /** So did the last one. It stays to be looked at; the alert is closed. */
  | { readonly kind: "withdrawn"; readonly finding: FindingKey }
  /** Later data brought a withdrawn alert's finding back, and opened the alert again. */
  | { readonly kind: "returned"; readonly finding: FindingKey }
  /** The register of assets changed, and with it what the alert weighs. */
  | { readonly kind: "reweighed"; readonly score: number; readonly severity: Severity }
  | { readonly kind: "absorbed"; readonly alert: AlertId }
  | { readonly kind: "absorbed-into"; readonly alert: AlertId };

/** One recorded step of an alert's life. The list of them is the audit. */
export interface AlertTransition {
  /** 1 for the first, no gaps. */
  readonly step: number;
  readonly at: Micros;
  /** `detection`, or a user's or a token's name. */
  readonly actor: string;
  readonly change: AlertAction | AlertGrowth;
}

/** Why an alert weighs what it does; `points` are what each reason adds to the score. */
export interface PriorityReason {
  readonly text: string;
  readonly points: number;
}

/** What comes first: findings' severity, raised by what is at stake. */
export interface AlertPriority {
  /** 1 to 100. */
  readonly score: number;
  /** What the findings alone say; the alert's severity may be higher. */
  readonly base: Severity;
  readonly reasons: readonly PriorityReason[];
}

/** Findings of one cause, grouped for a person. Changes only through recorded transitions. */
export interface Alert {
  readonly id: AlertId;
  readonly title: string;
  readonly severity: Severity;
  readonly priority: AlertPriority;
  /** Those of its entities that the register knows, the most critical first. */
  readonly assets: readonly AlertAsset[];
  /** Words that people put on it, in lower case, sorted. */
  readonly userTags: readonly string[];
  readonly status: AlertStatus;
  readonly assignee: string | null;
  readonly closeReason: CloseReason | typeof WITHDRAWN | null;
  /** The alert that took this one's findings over, when late data showed that both are one. */
  readonly absorbedInto: AlertId | null;
  /** Closed alerts of the same cause and entities, which this one follows. */
  readonly related: readonly AlertId[];
  readonly cause: string;
  readonly findings: readonly Finding[];
  readonly entities: readonly Entity[];
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
  /** Occurrences over the distinct evidence events of all findings. */
  readonly count: number;
  readonly transitions: readonly AlertTransition[];
}
