import { TytoError } from "@tyto/domain";
import type { Micros, SourceId } from "@tyto/domain";
import { compileGateCounts } from "../../query/index.ts";
import type { ResolvedLogsource } from "../logsource/logsource-map.ts";
import { lowerGate } from "./lower-gate.ts";
import { StoredEvents } from "./stored-events.ts";
import type { BacktestWorld } from "./stored-events.ts";

export interface ArrivingLogsources {
  /** Sources that sent events which the logsource admits, by how many they sent. Logsources without any are left out. */
  readonly sources: ReadonlyMap<ResolvedLogsource, ReadonlyMap<SourceId, number>>;
  /** False: a limit was met, and older days were not looked at. */
  readonly isExact: boolean;
}

/** Gates in one statement: each repeats what it asks of an event's facts. */
const GATES_PER_QUERY = 32;
const MAX_SOURCES = 10_000;

/**
 * Which logsources events arrived for, asked of the store: it holds them all, and nothing need be counted while they come in.
 * @throws TytoError `query-cancelled`, `engine-unavailable`.
 */
export async function arrivingLogsources(
  logsources: readonly ResolvedLogsource[],
  range: { readonly from: Micros; readonly to: Micros },
  world: BacktestWorld,
): Promise<ArrivingLogsources> {
  const stored = new StoredEvents(range, world);
  const sources = new Map<ResolvedLogsource, Map<SourceId, number>>();
  try {
    for (const bounds of stored.chunks()) {
      for (let at = 0; at < logsources.length; at += GATES_PER_QUERY) {
        const some = logsources.slice(at, at + GATES_PER_QUERY);
        const rows = await stored.ask(compileGateCounts(some.map(lowerGate), bounds).query, MAX_SOURCES);
        for (const [source, ...counts] of rows)
          note(sources, some, String(source) as SourceId, counts.map(Number));
      }
    }
  } catch (error) {
    // The newest days come first: what they say holds, though older ones took too long.
    if (error instanceof TytoError && error.code === "query-timeout") return { sources, isExact: false };
    throw error;
  }
  return { sources, isExact: true };
}

function note(
  sources: Map<ResolvedLogsource, Map<SourceId, number>>,
  logsources: readonly ResolvedLogsource[],
  source: SourceId,
  counts: readonly number[],
): void {
  logsources.forEach((logsource, index) => {
    const count = counts[index] ?? 0;
    if (count === 0) return;
    const known = sources.get(logsource) ?? new Map<SourceId, number>();
    known.set(source, (known.get(source) ?? 0) + count);
    sources.set(logsource, known);
  });
}
