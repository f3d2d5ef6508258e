import { pickOne } from "../../url-search.ts";

export const OVERVIEW_ROLES = ["analyst", "manager", "engineer"] as const;
export type OverviewRole = (typeof OVERVIEW_ROLES)[number];

/** Nothing set: what this browser showed last, else everything. */
export interface OverviewSearch {
  readonly role?: OverviewRole | "all" | undefined;
  /** `on`: for a screen on the wall, without what surrounds the page. */
  readonly kiosk?: "on" | undefined;
}

export function parseOverviewSearch(search: Readonly<Record<string, unknown>>): OverviewSearch {
  const role = pickOne(search["role"], [...OVERVIEW_ROLES, "all"] as const);
  return {
    ...(role === undefined ? {} : { role }),
    ...(Object.hasOwn(search, "kiosk") && search["kiosk"] !== undefined ? { kiosk: "on" as const } : {}),
  };
}

export type OverviewCard =
  | "threats"
  | "response"
  | "mine"
  | "entities"
  | "tactics"
  | "assets"
  | "newest"
  | "flow"
  | "health"
  | "sources";

/** Which cards each role sees, and in which order. */
export const CARDS_OF: Readonly<Record<OverviewRole | "all", readonly OverviewCard[]>> = {
  analyst: ["threats", "mine", "tactics", "entities", "newest", "assets", "response", "health"],
  manager: ["threats", "response", "tactics", "entities", "health", "assets"],
  engineer: ["health", "flow", "sources", "newest", "tactics", "threats", "response"],
  all: [
    "threats",
    "response",
    "flow",
    "mine",
    "tactics",
    "entities",
    "newest",
    "assets",
    "health",
    "sources",
  ],
};

const REMEMBERED = "tyto.overview-role";

/** What this browser showed last. */
export function rememberedRole(): OverviewRole | "all" {
  try {
    return pickOne(localStorage.getItem(REMEMBERED), OVERVIEW_ROLES) ?? "all";
  } catch {
    return "all";
  }
}

export function rememberRole(role: OverviewRole | "all"): void {
  try {
    localStorage.setItem(REMEMBERED, role);
  } catch {
    // A browser that keeps nothing shows everything next time.
  }
}
