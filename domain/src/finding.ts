import type { EventId, FindingKey, RuleId } from "./ids.ts";
import type { Level } from "./severity.ts";
import type { Micros } from "./micros.ts";

/** Kinds of things that alerts are about. */
export const ENTITY_TYPES = [
  "user",
  "host",
  "ip",
  "process",
  "file",
  "hash",
  "domain",
  "url",
  "service",
] as const;
export type EntityType = (typeof ENTITY_TYPES)[number];

export interface Entity {
  readonly type: EntityType;
  /** As logged; user and host names lower-cased, IP addresses in canonical text. */
  readonly value: string;
}

/** The part of a rule that findings and alerts show. */
export interface RuleSummary {
  readonly id: RuleId;
  readonly title: string;
  readonly level: Level;
  /** `attack.t1110` and so on, as the rule has them. */
  readonly tags: readonly string[];
  /**
   * Rules that see one cause from several sides share this word (`brute-force`): their findings fold into one alert when
   * they share an entity. A rule without one stands alone, by its id.
   */
  readonly cause: string;
}

/** What in an event made the rule match. */
export interface MatchedTerm {
  readonly field: string;
  readonly value: string;
  /** Sigma modifiers, joined by `|`; empty for plain equality. */
  readonly modifier: string;
}

export interface EvidenceEvent {
  readonly id: EventId;
  readonly timestamp: Micros;
  /** How many occurrences this line stands for ("message repeated 5 times" = 5). */
  readonly occurrences: number;
}

/**
 * One rule matched some events. The key is rule, group and canonical window, a pure function of the events concerned and
 * never of their order of arrival; evidence is versioned, so that late data amends a finding and never doubles it.
 */
export interface Finding {
  readonly key: FindingKey;
  /** 1 at first; +1 at each amendment. */
  readonly version: number;
  readonly rule: RuleSummary;
  /** What the finding is about: the group of a correlation, else the entities of its event. Links findings of one cause. */
  readonly group: readonly Entity[];
  /** Every entity seen in the evidence, `group` included; capped at 100. */
  readonly entities: readonly Entity[];
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
  /** Occurrences, which may be more than the events kept as evidence. */
  readonly count: number;
  /** By event time, then id; capped at 1,000, earliest first. */
  readonly evidence: readonly EvidenceEvent[];
  /** For a single-event rule: what matched. Empty for correlations. */
  readonly matched: readonly MatchedTerm[];
  /** One plain sentence: who did what, where, and what was unusual. Values between `**` are names. */
  readonly sentence: string;
}

/** What detection says about a batch of events. */
export type FindingChange =
  /** New, or a higher version of one that is known. */
  | { readonly kind: "upsert"; readonly finding: Finding }
  /** Late data merged this canonical window into another; `into` was upserted before this. */
  | { readonly kind: "supersede"; readonly key: FindingKey; readonly into: FindingKey }
  /** Late data showed that this never held: an average that sank, a window that opened elsewhere. */
  | { readonly kind: "retract"; readonly key: FindingKey };
