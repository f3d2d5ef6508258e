/** What correlation leaves out, and why. Each only ever grows. */
export interface CorrelationCounters {
  /** Hits further behind their group than the lateness horizon, or behind what a full group has forgotten. */
  readonly lateHits: number;
  /** Oldest hits of groups that held more than a group may. */
  readonly hitsOverGroupCap: number;
  /** Groups, least recently touched first, given up because all of them together held too much. */
  readonly groupsOverTotalCap: number;
  /** Hits stamped later than the clock: they count, and move no horizon. */
  readonly futureHits: number;
}

export class CorrelationCounts implements CorrelationCounters {
  lateHits = 0;
  hitsOverGroupCap = 0;
  groupsOverTotalCap = 0;
  futureHits = 0;
}
