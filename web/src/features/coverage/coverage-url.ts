import type { CoverageFilter, CoverageScore } from "@tyto/domain";
import { pickOne, pickText } from "../../url-search.ts";

export const COVERAGE_DAYS = ["1", "7", "30", "90"] as const;
export const COVERAGE_STATES = ["covered", "arriving", "enabled", "none"] as const;
export type CoverageState = (typeof COVERAGE_STATES)[number];

/** The state of the matrix. Nothing set: all techniques, all rules, telemetry of a week. */
export interface CoverageSearch {
  readonly q?: string | undefined;
  readonly tag?: string | undefined;
  readonly source?: string | undefined;
  readonly pack?: string | undefined;
  readonly level?: string | undefined;
  /** `only`: rules that run. */
  readonly enabled?: "only" | undefined;
  readonly days?: (typeof COVERAGE_DAYS)[number] | undefined;
  readonly state?: CoverageState | undefined;
  /** `shown`: sub-techniques too. */
  readonly subs?: "shown" | undefined;
  readonly view?: "list" | undefined;
  /** The technique in the side panel. */
  readonly technique?: string | undefined;
}

export function parseCoverageSearch(search: Readonly<Record<string, unknown>>): CoverageSearch {
  const days = pickOne(search["days"], COVERAGE_DAYS);
  const state = pickOne(search["state"], COVERAGE_STATES);
  const enabled = pickOne(search["enabled"], ["only"] as const);
  const subs = pickOne(search["subs"], ["shown"] as const);
  const view = pickOne(search["view"], ["list"] as const);
  return {
    ...pickText(search, ["q", "tag", "source", "pack", "level", "technique"]),
    ...(days === undefined ? {} : { days }),
    ...(state === undefined ? {} : { state }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(subs === undefined ? {} : { subs }),
    ...(view === undefined ? {} : { view }),
  };
}

export function coverageFilterOf({ tag, source, pack, level, enabled }: CoverageSearch): CoverageFilter {
  return { tag, source, pack, level, onlyEnabled: enabled === "only" };
}

/** States by score. */
export const STATE_OF: Readonly<Record<CoverageScore, CoverageState>> = {
  0: "none",
  1: "enabled",
  2: "arriving",
  3: "covered",
};
