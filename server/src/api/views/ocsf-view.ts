import { parseEventId, TytoError } from "@tyto/domain";
import type { EventId } from "@tyto/domain";
import { toOcsf } from "../../ocsf/index.ts";
import type { StoredEvent } from "../../storage/index.ts";

/** As many whole events as the store gives at a time. */
const EVENTS_PER_READ = 500;

interface Table {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly unknown[])[];
}

/** @throws TytoError when the rows name no event that could be read whole: before the engine is asked, since it costs nothing to say. */
export function refuseWithoutId(columns: Table["columns"]): void {
  if (columns.some(({ name }) => name === "id")) return;
  throw new TytoError("bad-request", "OCSF is for whole events, and these rows have no `id`", {
    hint: "Ask for rows of Events without project or summarize, or keep the column `id`.",
  });
}

/** The events that the rows name, whole and in the rows' order, as OCSF. A row that is no event, or one that has left meanwhile, gives none. */
export async function ocsfTable(
  { columns, rows }: Table,
  byIds: (ids: readonly EventId[]) => Promise<readonly StoredEvent[]>,
): Promise<Table> {
  const at = columns.findIndex(({ name }) => name === "id");
  const ids = rows.map((row) => row[at]).filter(isEventId);
  const exported: (readonly unknown[])[] = [];
  for (let start = 0; start < ids.length; start += EVENTS_PER_READ) {
    const found = await byIds(ids.slice(start, start + EVENTS_PER_READ));
    for (const event of found) exported.push([toOcsf(event)]);
  }
  return { columns: [{ name: "event", type: "dynamic" }], rows: exported };
}

function isEventId(value: unknown): value is EventId {
  return typeof value === "string" && parseEventId(value) !== undefined;
}
