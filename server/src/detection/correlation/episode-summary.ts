import type { Entity, EntityType, EvidenceEvent, Micros } from "@tyto/domain";
import { evidenceOf } from "./evidence.ts";
import { MAX_DIGEST } from "./hit.ts";
import type { Hit, Position } from "./hit.ts";

const MAX_EVIDENCE = 1_000;
/** Distinct entities, and distinct names per field, that are counted; a finding shows 100 and a sentence three. */
const MAX_TALLIED = 1_000;

/** Everything a finding says about its episode. Can be kept (`sealed`) while the hits themselves are forgotten. */
export interface EpisodeSummary {
  /** Its first hit, which names it. */
  readonly first: Position;
  /** Its earliest event: of a chain, that of an inner window. */
  readonly from: Micros;
  readonly last: Micros;
  /** Occurrences. */
  readonly count: number;
  readonly hits: number;
  /** Sum of the digests of its hits. */
  readonly digest: number;
  /** The highest measure of its windows. */
  readonly peak: number;
  /** Earliest first. */
  readonly evidence: readonly EvidenceEvent[];
  readonly entities: readonly (readonly [type: EntityType, value: string, times: number])[];
  readonly names: readonly (readonly [field: string, value: string, times: number])[];
}

/** Sums up hits in their order, going on from what was sealed of the same episode. Equal sets of hits give equal summaries. */
export function summarise(
  hits: readonly Hit[],
  peak: number,
  sealed: EpisodeSummary | undefined,
): EpisodeSummary | undefined {
  const first = sealed?.first ?? hits[0];
  if (first === undefined) return undefined;
  const entities = new Tally(sealed?.entities);
  const names = new Tally(sealed?.names);
  const evidence = [...(sealed?.evidence ?? [])];
  const known = new Set(evidence.map(({ id }) => id));
  const events = evidenceOf(hits);
  let count = sealed?.count ?? 0;
  for (const hit of events) {
    if (known.has(hit.id)) continue;
    count += hit.occurrences;
    if (evidence.length < MAX_EVIDENCE) {
      evidence.push({ id: hit.id, timestamp: hit.at, occurrences: hit.occurrences });
    }
    for (const { type, value } of hit.entities) entities.add(type, value);
    for (const [field, values] of Object.entries(hit.names)) {
      for (const value of values) names.add(field, value);
    }
  }
  return {
    first: { at: first.at, id: first.id },
    from: Math.min(sealed?.from ?? first.at, events[0]?.at ?? first.at) as Micros,
    last: hits.at(-1)?.at ?? sealed?.last ?? first.at,
    count,
    hits: (sealed?.hits ?? 0) + hits.length,
    digest: digestOfHits(hits, sealed),
    peak,
    evidence,
    entities: entities.rows(),
    names: names.rows(),
  };
}

export function digestOfHits(hits: readonly Hit[], sealed: EpisodeSummary | undefined): number {
  return hits.reduce((sum, hit) => (sum + hit.digest) % MAX_DIGEST, sealed?.digest ?? 0);
}

/** Entities of an episode: those it is about, then the most frequent; at most 100. */
export function entitiesOfEpisode(summary: EpisodeSummary, group: readonly Entity[]): readonly Entity[] {
  const merged = new Map(group.map((entity) => [`${entity.type} ${entity.value}`, entity]));
  for (const [type, value] of summary.entities) {
    if (merged.size >= 100) break;
    merged.set(`${type} ${value}`, { type, value });
  }
  return [...merged.values()];
}

class Tally<Kind extends string> {
  readonly #rows = new Map<string, { readonly kind: Kind; readonly value: string; times: number }>();

  constructor(rows: readonly (readonly [Kind, string, number])[] = []) {
    for (const [kind, value, times] of rows) this.#rows.set(`${kind} ${value}`, { kind, value, times });
  }

  add(kind: Kind, value: string): void {
    const key = `${kind} ${value}`;
    const row = this.#rows.get(key);
    if (row !== undefined) row.times++;
    else if (this.#rows.size < MAX_TALLIED) this.#rows.set(key, { kind, value, times: 1 });
  }

  /** Most frequent first, then by name: the same for every order of arrival. */
  rows(): readonly (readonly [Kind, string, number])[] {
    return [...this.#rows.values()]
      .sort((a, b) => b.times - a.times || compare(a.kind, b.kind) || compare(a.value, b.value))
      .map(({ kind, value, times }) => [kind, value, times] as const);
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
