import type { InputKind, Source } from "@tyto/domain";

/** How much of each source had been received when the waiting began. */
export type Baseline = ReadonlyMap<string, number>;

/** Which sources count as what is waited for. */
export interface Awaited {
  readonly inputs: readonly InputKind[];
  /** The name of the connection or webhook; sources of its parts begin with it. Absent: any name. */
  readonly name?: string;
}

export type Arrival =
  | { readonly kind: "waiting" }
  | { readonly kind: "arrived"; readonly source: Source; readonly isNew: boolean };

type Counted = Pick<Source, "id" | "received">;

export function baselineOf(sources: readonly Counted[]): Baseline {
  return new Map(sources.map(({ id, received }) => [id, received]));
}

/** A source that was not there before speaks for itself; one that was may be somebody else's, and comes second. */
export function arrivalOf(sources: readonly Source[], awaited: Awaited, before: Baseline): Arrival {
  const grown = sources.filter(
    (source) => isAwaited(source, awaited) && source.received > (before.get(source.id) ?? 0),
  );
  const fresh = grown.find(({ id }) => !before.has(id));
  const source = fresh ?? grown[0];
  return source === undefined ? { kind: "waiting" } : { kind: "arrived", source, isNew: fresh !== undefined };
}

function isAwaited({ input, name }: Source, awaited: Awaited): boolean {
  if (!awaited.inputs.some((one) => one === input)) return false;
  return awaited.name === undefined || name === awaited.name || name.startsWith(`${awaited.name}: `);
}
