/** What became of one item. */
export interface ItemOutcome {
  readonly action: string;
  readonly index: string;
  readonly id: string;
  readonly status: number;
  readonly error?: { readonly type: string; readonly reason: string };
}

/** `{took, errors, items}`, in the order of the request; of it what `filter_path` asks for, since shippers read two fields of twelve. */
export function bulkReply(
  outcomes: readonly ItemOutcome[],
  tookMs: number,
  filterPath: string | null,
): string {
  const wanted = filterPath === null ? undefined : wantedParts(filterPath);
  const errors = outcomes.some(({ error }) => error !== undefined);
  const items = outcomes.map((outcome) => ({
    [outcome.action]: selected(itemBody(outcome), wanted?.ofItems),
  }));
  const body: Record<string, unknown> = {};
  if (wanted === undefined || wanted.hasErrors) body["errors"] = errors;
  if (wanted === undefined || wanted.hasTook) body["took"] = tookMs;
  if (wanted?.ofItems.size !== 0) body["items"] = items;
  return JSON.stringify(body);
}

interface WantedParts {
  readonly hasErrors: boolean;
  readonly hasTook: boolean;
  /** Fields of each item; `*`: all of them; empty: no items. */
  readonly ofItems: ReadonlySet<string>;
}

/** Patterns that we do not understand ask for everything: too much is never wrong. */
function wantedParts(filterPath: string): WantedParts {
  const patterns = filterPath
    .slice(0, 2_000)
    .split(",")
    .map((pattern) => pattern.trim());
  const hasOther = patterns.some(
    (pattern) => !/^(?:errors|took|items(?:\.\*(?:\.[a-z_]+(?:\.[a-z_*]+)*)?)?)$/.test(pattern),
  );
  if (hasOther) return { hasErrors: true, hasTook: true, ofItems: new Set("*") };
  const ofItems = patterns
    .filter((pattern) => pattern.startsWith("items"))
    .map((pattern) => pattern.split(".")[2] ?? "*");
  return {
    hasErrors: patterns.includes("errors"),
    hasTook: patterns.includes("took"),
    ofItems: new Set(ofItems),
  };
}

function selected(
  item: Readonly<Record<string, unknown>>,
  fields: ReadonlySet<string> | undefined,
): Readonly<Record<string, unknown>> {
  if (fields === undefined || fields.has("*")) return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => fields.has(name)));
}

export function itemBody({ index, id, status, error }: ItemOutcome): Readonly<Record<string, unknown>> {
  const place = { _index: index, _id: id };
  if (error !== undefined) return { ...place, status, error };
  const shards = { total: 1, successful: 1, failed: 0 };
  return { ...place, _version: 1, result: "created", _shards: shards, _seq_no: 0, _primary_term: 1, status };
}
