import type { Event, FieldValue, SourceId } from "@tyto/domain";
import type { Condition } from "../../content/index.ts";
import { compileCondition } from "../compile/condition.ts";
import type { FieldHolder, Test } from "../compile/condition.ts";
import type { FilterVerdict } from "../ledger-draft.ts";

/** A filter that runs. */
export interface FilterDefinition {
  readonly id: string;
  /** Every source, when null. */
  readonly source: SourceId | null;
  readonly condition: Condition;
  /** One event of so many stays; none, when null. */
  readonly keepOneIn: number | null;
}

/** What people leave out before storage. Synchronous, never throws. */
export interface EventFilters {
  /** The first filter that leaves the event out. */
  verdictOf(event: Event): FilterVerdict | undefined;
}

/** Compiled once; in the order in which they are given. */
export function compileFilters(definitions: readonly FilterDefinition[]): EventFilters {
  const forAll = definitions.filter(({ source }) => source === null).map(compiled);
  const bySource = new Map<SourceId, CompiledFilter[]>();
  for (const definition of definitions) {
    if (definition.source === null) continue;
    const own = bySource.get(definition.source) ?? [];
    bySource.set(definition.source, own);
    own.push(compiled(definition));
  }
  const holder = new EventFields();
  const find = (filters: readonly CompiledFilter[], event: Event): FilterVerdict | undefined =>
    filters.find(({ test, keepOneIn }) => test(holder) && !isKept(event.id, keepOneIn))?.verdict;
  return {
    verdictOf(event) {
      const own = bySource.get(event.source);
      if (own === undefined && forAll.length === 0) return undefined;
      holder.turnTo(event);
      return (own === undefined ? undefined : find(own, event)) ?? find(forAll, event);
    },
  };
}

interface CompiledFilter {
  readonly test: Test;
  readonly keepOneIn: number | null;
  readonly verdict: FilterVerdict;
}

function compiled({ id, condition, keepOneIn }: FilterDefinition): CompiledFilter {
  const reason = keepOneIn === null ? "source-filter" : "source-sample";
  return { test: compileCondition(condition), keepOneIn, verdict: { reason, filter: id } };
}

/** The same for an event whenever it is asked: a replay keeps what the first run has kept. */
function isKept(id: string, keepOneIn: number | null): boolean {
  return keepOneIn !== null && hashOf(id) % keepOneIn === 0;
}

/** FNV-1a, and a last stir (MurmurHash3's): ids differ in their last digits only. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** An event's fields with its pack and its raw line, as the search has them. One object for all events. */
class EventFields implements FieldHolder {
  #event: Event | undefined;
  readonly #decoder = new TextDecoder("utf-8");
  readonly fields = {
    has: (name: string): boolean => this.#get(name) !== undefined,
    get: (name: string): FieldValue | undefined => this.#get(name),
  };

  turnTo(event: Event): void {
    this.#event = event;
  }

  #get(name: string): FieldValue | undefined {
    const event = this.#event;
    if (event === undefined) return undefined;
    if (name === "raw") return this.#decoder.decode(event.raw);
    return name === "pack" ? event.pack : event.fields[name];
  }
}
