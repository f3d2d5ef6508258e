/** What correlation leaves out, and why. Each only ever grows. */
export interface CorrelationCounters {
  /** Hits further behind their group than the lateness horizon, or behind what a full group has forgotten. */
  readonly lateHits: number;
  /** Oldest hits of groups that held more than a group may, and hits that a full closed window did not take. */
  readonly hitsOverGroupCap: number;
  /** Groups, least recently touched first, given up because all of them together held too much. */
  readonly groupsOverTotalCap: number;
  /** Hits stamped later than the clock: they count, and move no horizon. */
  readonly futureHits: number;
  /** Matches that lack the value which the correlation measures, or a number where it needs one: they are no hits. */
  readonly valuelessHits: number;
}

export class CorrelationCounts implements CorrelationCounters {
  lateHits = 0;
  hitsOverGroupCap = 0;
  groupsOverTotalCap = 0;
  futureHits = 0;
  valuelessHits = 0;
}
