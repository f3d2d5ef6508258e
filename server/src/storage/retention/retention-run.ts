import { MICROS_PER_DAY, micros } from "@tyto/domain";
import type { Micros, RetentionClass } from "@tyto/domain";
import { RETENTION_CLASSES } from "@tyto/domain";
import type { EventPartition, EventPartitions } from "../events/event-partitions.ts";
import type { RetentionPolicy } from "./retention-settings.ts";

/** A week of events whose time is over. */
export interface ExpiredPartition extends EventPartition {
  readonly keptDays: number;
  readonly newestArrival: Micros;
}

/** A day that was brought back from an archive and must not go again at once. */
export interface Hold {
  readonly day: string;
  readonly until: Micros;
}

/**
 * What may go: weeks whose last day is further back than the class keeps, and into which nothing has arrived for as long. So an old log
 * that is imported today stays for its whole time. How full the disk is makes no difference.
 */
export async function expiredPartitions(
  partitions: Pick<EventPartitions, "list" | "newestArrival">,
  {
    policy,
    holds,
    now,
  }: { readonly policy: RetentionPolicy; readonly holds: readonly Hold[]; readonly now: Micros },
): Promise<readonly ExpiredPartition[]> {
  const expired: ExpiredPartition[] = [];
  for (const partition of await partitions.list()) {
    const keptDays = daysOf(partition.retention, policy);
    const before = micros(now - keptDays * MICROS_PER_DAY);
    if (partition.to > before || isHeld(partition, holds, now)) continue;
    const newestArrival = await partitions.newestArrival(partition.id);
    if (newestArrival < before) expired.push({ ...partition, keptDays, newestArrival });
  }
  return expired;
}

/** A class that this version does not know is kept as long as the longest. */
function daysOf(retention: string, { days }: RetentionPolicy): number {
  const known: RetentionClass | undefined = RETENTION_CLASSES.find((one) => one === retention);
  return known === undefined ? Math.max(...Object.values(days)) : days[known];
}

function isHeld({ from, to }: EventPartition, holds: readonly Hold[], now: Micros): boolean {
  return holds.some(({ day, until }) => {
    const at = Date.parse(`${day}T00:00:00Z`) * 1_000;
    return until > now && at >= from && at < to;
  });
}
