import type { Entity, Event, Finding, MatchedTerm, RuleSummary } from "@tyto/domain";
import { namesIn, subjectsOf } from "./entities.ts";
import { eventFindingKey } from "./finding-key.ts";
import type { Sentence } from "./sentence.ts";

/** How many occurrences an event stands for: `tyto.occurrences`, else one. Nought = it repeats what another line said. */
export function occurrencesOf(event: Event): number {
  const value = event.fields["tyto.occurrences"];
  const count = typeof value === "number" ? value : typeof value === "string" ? Number(value) : 1;
  return Number.isInteger(count) && count >= 0 ? Math.min(count, 1_000_000) : 1;
}

/** The finding of a rule that looks at one event. */
export function findingOfEvent(
  rule: RuleSummary,
  sentence: Sentence,
  seen: {
    readonly event: Event;
    readonly entities: readonly Entity[];
    readonly matched: readonly MatchedTerm[];
  },
): Finding {
  const { event, entities, matched } = seen;
  // A line that only repeats another still was seen once.
  const occurrences = Math.max(occurrencesOf(event), 1);
  return {
    key: eventFindingKey(rule.id, event.id),
    version: 1,
    rule,
    group: subjectsOf(event, entities),
    entities,
    firstSeen: event.timestamp,
    lastSeen: event.timestamp,
    count: occurrences,
    evidence: [{ id: event.id, timestamp: event.timestamp, occurrences }],
    matched,
    sentence: sentence.say({
      namesOf: (field) => [...new Set(namesIn(event, field))],
      count: occurrences,
      durationMicros: 0,
    }),
  };
}
