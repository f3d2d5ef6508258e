import { micros } from "@tyto/domain";
import type { EventId, EvidenceEvent, Micros } from "@tyto/domain";
import { escapeKeyPart } from "../../finding/finding-key.ts";
import type { GroupField, GroupKey } from "../../correlation/group-key.ts";

/** A finding as the engine counted it. */
export interface CountedFinding {
  readonly group: GroupKey;
  /** The hit that names it. */
  readonly first: { readonly at: Micros; readonly id: EventId };
  readonly firstSeen: Micros;
  readonly lastSeen: Micros;
  /** Occurrences. */
  readonly count: number;
  /** The highest measure of its windows. */
  readonly peak: number;
  /** How many events there are. */
  readonly events: number;
  /** The earliest of them. */
  readonly evidence: readonly EvidenceEvent[];
}

/** Rows of `compileFindings`. */
export function readFinding(row: readonly unknown[], groupBy: readonly GroupField[]): CountedFinding {
  const [key, at, id, firstSeen, lastSeen, count, peak, events, times, ids, occurrences] = row;
  const counts = numbersOf(occurrences);
  const names = textsOf(ids);
  return {
    group: textsOf(key)
      .map((value, index) => `${escapeKeyPart(groupBy[index]?.name ?? "")}=${escapeKeyPart(value)}`)
      .join("&"),
    first: { at: micros(Number(at)), id: String(id) as EventId },
    firstSeen: micros(Number(firstSeen)),
    lastSeen: micros(Number(lastSeen)),
    count: Number(count),
    peak: Number(peak),
    events: Number(events),
    evidence: numbersOf(times).map((time, index) => ({
      id: (names[index] ?? "") as EventId,
      timestamp: micros(time),
      occurrences: counts[index] ?? 1,
    })),
  };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function numbersOf(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.map(Number) : [];
}
