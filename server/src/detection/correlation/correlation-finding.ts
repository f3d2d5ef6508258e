import type { Finding } from "@tyto/domain";
import { entitiesOfEpisode } from "./episode-summary.ts";
import type { EpisodeSummary } from "./episode-summary.ts";
import { groupEntities } from "./group-key.ts";
import type { GroupKey } from "./group-key.ts";
import type { LinkedCorrelation } from "./linked-correlation.ts";

/** What a finding says, without its key and version. */
export function correlationFinding(
  correlation: LinkedCorrelation,
  key: GroupKey,
  summary: EpisodeSummary,
): Omit<Finding, "key" | "version"> {
  const group = groupEntities(key, correlation.groupBy);
  const namesOf = (field: string): readonly string[] =>
    summary.names.filter(([name]) => name === field).map(([, value]) => value);
  return {
    rule: correlation.summary,
    group,
    entities: entitiesOfEpisode(summary, group),
    firstSeen: summary.from,
    lastSeen: summary.last,
    count: summary.count,
    evidence: summary.evidence,
    matched: [],
    sentence: correlation.sentence.say({
      namesOf,
      count: summary.count,
      value: summary.peak,
      durationMicros: summary.last - summary.from,
    }),
  };
}
