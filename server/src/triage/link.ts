import { MICROS_PER_DAY } from "@tyto/domain";
import type { Entity, Finding } from "@tyto/domain";

/** Findings further apart in event time than this are separate matters. */
export const LINK_WINDOW_MICROS = MICROS_PER_DAY;

const keyOf = (entity: Entity): string => `${entity.type} ${entity.value}`;

/**
 * Whether two findings belong to one alert: same cause, at most a day apart by event time, and what one of them is about occurs
 * among the entities of the other. Symmetric; grows with evidence and never shrinks, so the order of arrival does not matter.
 */
export function areLinked(a: Finding, b: Finding): boolean {
  if (a.rule.cause !== b.rule.cause) return false;
  if (a.firstSeen - b.lastSeen > LINK_WINDOW_MICROS || b.firstSeen - a.lastSeen > LINK_WINDOW_MICROS) {
    return false;
  }
  return meets(a.group, b) || meets(b.group, a);
}

function meets(group: readonly Entity[], other: Finding): boolean {
  const known = new Set([...other.group, ...other.entities].map(keyOf));
  return group.some((entity) => known.has(keyOf(entity)));
}

/** Distinct entities of several findings: those that findings are about first. */
export function mergeEntities(findings: readonly Finding[]): readonly Entity[] {
  const merged = new Map<string, Entity>();
  for (const entity of findings.flatMap((finding) => finding.group)) merged.set(keyOf(entity), entity);
  for (const entity of findings.flatMap((finding) => finding.entities)) merged.set(keyOf(entity), entity);
  return [...merged.values()];
}
