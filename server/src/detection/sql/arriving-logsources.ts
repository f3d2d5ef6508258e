import { TytoError } from "@tyto/domain";
import type { EventId, Micros, SourceId } from "@tyto/domain";
import { compileSourceSamples, texts } from "../../query/index.ts";
import { FACT_KEYS, factsOf } from "../logsource/facts.ts";
import type { LogsourceFacts } from "../logsource/facts.ts";
import type { ResolvedLogsource } from "../logsource/logsource-map.ts";
import { facts, isPresent } from "./lower-fact.ts";
import { StoredEvents } from "./stored-events.ts";
import type { BacktestWorld } from "./stored-events.ts";

export interface ArrivingLogsources {
  /** Sources that sent events which the logsource admits. Logsources without any are left out. */
  readonly sources: ReadonlyMap<ResolvedLogsource, ReadonlySet<SourceId>>;
  /** False: a limit was met, and some was not looked at. */
  readonly isExact: boolean;
}

/** Combinations of facts that are looked at. */
const MAX_SAMPLES = 4_000;

/**
 * Which logsources events arrived for, asked of the store: it holds them all, and nothing need be counted while they come in. The
 * store tells apart what gates tell apart, and gives an event of each kind; the gates themselves look at that. Of what no pack has
 * read, kinds that only its field names tell apart are one.
 * @throws TytoError `query-cancelled`, `engine-unavailable`.
 */
export async function arrivingLogsources(
  logsources: readonly ResolvedLogsource[],
  range: { readonly from: Micros; readonly to: Micros },
  world: BacktestWorld,
): Promise<ArrivingLogsources> {
  const stored = new StoredEvents(range, world);
  const kinds = [
    texts({ kind: "pack" }),
    ...FACT_KEYS.map((name) => facts(name)),
    isPresent("dns.question.name"),
  ];
  const samples: { readonly id: EventId; readonly source: SourceId }[] = [];
  let isExact: boolean;
  try {
    const rows = await stored.ask(compileSourceSamples(kinds, stored.bounds).query, MAX_SAMPLES);
    isExact = rows.length < MAX_SAMPLES;
    for (const [source, id] of rows)
      samples.push({ id: String(id) as EventId, source: String(source) as SourceId });
  } catch (error) {
    if (!(error instanceof TytoError) || error.code !== "query-timeout") throw error;
    isExact = false;
  }
  const events = await stored.read(samples.map(({ id }) => ({ eventId: id, timestamp: range.from })));
  const sourceOf = new Map(samples.map(({ id, source }) => [id, source]));
  const sources = new Map<ResolvedLogsource, Set<SourceId>>();
  for (const event of events) {
    const source = sourceOf.get(event.id);
    if (source !== undefined) note(sources, logsources, { source, facts: factsOf(event) });
  }
  return { sources, isExact };
}

function note(
  sources: Map<ResolvedLogsource, Set<SourceId>>,
  logsources: readonly ResolvedLogsource[],
  seen: { readonly source: SourceId; readonly facts: LogsourceFacts },
): void {
  for (const logsource of logsources) {
    if (!logsource.admits(seen.facts)) continue;
    const known = sources.get(logsource) ?? new Set<SourceId>();
    known.add(seen.source);
    sources.set(logsource, known);
  }
}
