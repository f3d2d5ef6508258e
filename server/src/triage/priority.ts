import { CRITICALITIES, SEVERITIES } from "@tyto/domain";
import type { AlertAsset, AlertPriority, Asset, Entity, PriorityReason, Severity } from "@tyto/domain";

/** What the register says of a thing that alerts are about. Synchronous: it answers from memory. */
export type AssetLookup = (entity: Entity) => Asset | undefined;

export const NO_ASSETS: AssetLookup = () => undefined;

/** Of findings that name no known asset. */
const BASE_SCORE: Readonly<Record<Severity, number>> = { low: 20, medium: 40, high: 60, critical: 80 };
const POINTS_OF_CRITICALITY = { low: -10, medium: 0, high: 10, critical: 20 } as const;
/** Labels that say what would be lost. */
const WEIGHTY_LABELS = ["confidential", "core"] as const;
const POINTS_OF_LABEL = 10;
const MAX_ASSETS = 50;

/** What an alert weighs, and why. */
export interface Weight {
  readonly severity: Severity;
  readonly priority: AlertPriority;
  readonly assets: readonly AlertAsset[];
}

/**
 * Weighs findings' severity by what they touch. A critical asset raises the severity by one step; criticality and weighty labels move
 * the score. Only the most critical asset counts, so that a scan of a hundred hosts does not outweigh all else.
 */
export function weigh(base: Severity, entities: readonly Entity[], lookup: AssetLookup): Weight {
  const assets = knownAssets(entities, lookup);
  const reasons: PriorityReason[] = [];
  const [top] = assets;
  if (top !== undefined && top.criticality !== null && top.criticality !== "medium") {
    reasons.push({
      text: `${top.name} is a ${top.kind} of ${top.criticality} criticality`,
      points: POINTS_OF_CRITICALITY[top.criticality],
    });
  }
  for (const label of WEIGHTY_LABELS) {
    const holder = assets.find((asset) => asset.labels.includes(label));
    if (holder !== undefined)
      reasons.push({ text: `${holder.name} is labelled ${label}`, points: POINTS_OF_LABEL });
  }
  const points = reasons.reduce((sum, reason) => sum + reason.points, BASE_SCORE[base]);
  return {
    severity: top?.criticality === "critical" ? oneStepUp(base) : base,
    priority: { score: Math.max(1, Math.min(100, points)), base, reasons },
    assets,
  };
}

/** The most critical first, then by name: a total order, so that the order of entities does not matter. */
function knownAssets(entities: readonly Entity[], lookup: AssetLookup): readonly AlertAsset[] {
  const found = new Map<string, AlertAsset>();
  for (const entity of entities) {
    const asset = lookup(entity);
    // Learned only: that it exists says nothing about what it is worth.
    if (asset === undefined || (asset.criticality === null && asset.labels.length === 0)) continue;
    const { id, kind, name, criticality, labels } = asset;
    found.set(id, { id, kind, name, criticality, labels });
  }
  return [...found.values()]
    .sort((a, b) => rankOf(b) - rankOf(a) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .slice(0, MAX_ASSETS);
}

const rankOf = ({ criticality }: AlertAsset): number =>
  criticality === null ? -1 : CRITICALITIES.indexOf(criticality);

function oneStepUp(severity: Severity): Severity {
  return SEVERITIES[SEVERITIES.indexOf(severity) + 1] ?? severity;
}
