import { CRITICALITIES, SEVERITIES } from "@tyto/domain";
import type { Asset, AssetList, AssetQuery, Criticality, Overview, Severity } from "@tyto/domain";
import { badField } from "./errors.ts";
import { readNumberCursor } from "./paging.ts";
import { assetView } from "./views/asset-view.ts";

const DEFAULT_PAGE = 200;
const SHOWN_LABELS = 100;
const SHOWN_CRITICAL = 24;

/** A page of the register, the most critical first, then by name. */
export function listAssets(all: readonly Asset[], query: AssetQuery): AssetList {
  const { limit = DEFAULT_PAGE, cursor } = query;
  const matching = all.filter(filterOf(query)).sort(byWorth);
  const start = cursor === undefined ? 0 : readNumberCursor(cursor);
  const end = start + limit;
  const countOf = (test: (asset: Asset) => boolean): number => all.filter(test).length;
  return {
    items: matching.slice(start, end).map(assetView),
    nextCursor: end < matching.length ? String(end) : null,
    total: matching.length,
    counts: {
      host: countOf(({ kind }) => kind === "host"),
      service: countOf(({ kind }) => kind === "service"),
      person: countOf(({ kind }) => kind === "person"),
      learned: countOf(({ origin }) => origin === "learned"),
      critical: countOf(({ criticality }) => criticality === "critical"),
    },
    labels: labelsOf(all),
  };
}

function filterOf({ kind, criticality, label, origin, text }: AssetQuery): (asset: Asset) => boolean {
  const wanted = criticality === undefined ? undefined : readCriticalities(criticality);
  const part = text?.trim().toLowerCase();
  return (asset) =>
    (kind === undefined || asset.kind === kind) &&
    (wanted === undefined || wanted.has(asset.criticality)) &&
    (label === undefined || asset.labels.includes(label.toLowerCase())) &&
    (origin === undefined || (asset.origin === "learned") === (origin === "learned")) &&
    (part === undefined ||
      [asset.name, asset.owner ?? "", ...asset.aliases].some((name) => name.toLowerCase().includes(part)));
}

function readCriticalities(text: string): ReadonlySet<Criticality | null> {
  return new Set(
    text.split(",").map((part) => {
      if (part.trim() === "none") return null;
      const found = CRITICALITIES.find((one) => one === part.trim());
      if (found !== undefined) return found;
      throw badField(
        "query.criticality",
        `query.criticality is one of ${[...CRITICALITIES, "none"].join(", ")}, or several with commas between`,
      );
    }),
  );
}

const rankOf = ({ criticality }: Asset): number =>
  criticality === null ? -1 : CRITICALITIES.indexOf(criticality);

function byWorth(a: Asset, b: Asset): number {
  return rankOf(b) - rankOf(a) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

function labelsOf(all: readonly Asset[]): string[] {
  const counts = new Map<string, number>();
  for (const label of all.flatMap(({ labels }) => labels)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, SHOWN_LABELS)
    .map(([label]) => label);
}

/** How the assets marked critical are doing: the ones with the worst open alerts first. */
export function criticalAssets(
  all: Iterable<Asset>,
  open: readonly { readonly asset: string; readonly severity: Severity; readonly count: number }[],
): Pick<Overview, "criticalAssets" | "criticalAssetCount"> {
  const states = [...all]
    .filter(({ criticality }) => criticality === "critical")
    .map((asset) => {
      const own = open.filter((one) => one.asset === asset.id);
      const worst = Math.max(-1, ...own.map(({ severity }) => SEVERITIES.indexOf(severity)));
      const { id, kind, name, labels, lastSeen } = assetView(asset);
      const openAlerts = own.reduce((sum, { count }) => sum + count, 0);
      return {
        rank: worst,
        state: { id, kind, name, labels, lastSeen, openAlerts, worst: SEVERITIES[worst] ?? null },
      };
    })
    .sort(
      (a, b) =>
        b.rank - a.rank || b.state.openAlerts - a.state.openAlerts || (a.state.name < b.state.name ? -1 : 1),
    );
  return {
    criticalAssets: states.slice(0, SHOWN_CRITICAL).map(({ state }) => state),
    criticalAssetCount: states.length,
  };
}
