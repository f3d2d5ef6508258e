import { DEFAULT_TENANT, parseEventId } from "@tyto/domain";
import type { EventId } from "@tyto/domain";
import type { QueryAccess } from "../query/index.ts";
import type { StoredEvent } from "../storage/index.ts";
import type { ApiDependencies } from "./dependencies.ts";

type Parts = Pick<ApiDependencies, "engine" | "query" | "now" | "random">;

const IDS_PER_QUESTION = 500;
const LIMITS = { timeoutMs: 30_000, maxMemoryBytes: 256 * 1024 * 1024 } as const;
const BEGINNING = "1970-01-01T00:00:00Z";
/** Clocks of senders may be wrong by years. */
const END = "2200-01-01T00:00:00Z";

/** Whole events by id as somebody with these limits sees them: what is restricted does not exist, what is masked is left out. */
export async function visibleEvents(
  parts: Parts,
  access: QueryAccess | undefined,
  ids: readonly EventId[],
): Promise<readonly StoredEvent[]> {
  const { engine } = parts;
  if (access === undefined) return engine.events.byIds(ids);
  const visible = access.restrictions.has("Events") ? await letThrough(parts, access, ids) : ids;
  return (await engine.events.byIds(visible)).map((event) => withoutMasked(event, access.masked));
}

/** The engine decides, with the same words as in any search. */
async function letThrough(
  { engine, query, now, random }: Parts,
  access: QueryAccess,
  ids: readonly EventId[],
): Promise<readonly EventId[]> {
  const known = new Set<string>();
  const valid = ids.filter((id) => parseEventId(id) !== undefined);
  for (let start = 0; start < valid.length; start += IDS_PER_QUESTION) {
    const some = valid.slice(start, start + IDS_PER_QUESTION);
    const compiled = await query.compileSearch({
      kql: `Events | where id in (${some.map((id) => JSON.stringify(id)).join(", ")}) | project id`,
      from: BEGINNING,
      to: END,
      now: now(),
      tenant: DEFAULT_TENANT,
      access,
      limit: some.length,
    });
    // Who may see it is not known then, so nobody does.
    if (!compiled.ok) return [];
    const { rows } = await engine.queries.run(compiled.query, {
      limits: { ...LIMITS, maxRows: some.length + 1 },
      queryId: `visible events ${Buffer.from(random(12)).toString("hex")}`,
    });
    for (const [id] of compiled.shape(rows).rows) known.add(String(id));
  }
  return valid.filter((id) => known.has(id));
}

function withoutMasked(event: StoredEvent, masked: ReadonlySet<string>): StoredEvent {
  if (masked.size === 0) return event;
  const fields = Object.fromEntries(Object.entries(event.fields).filter(([name]) => !isMasked(masked, name)));
  return { ...event, fields, raw: masked.has("raw") ? new Uint8Array() : event.raw };
}

function isMasked(masked: ReadonlySet<string>, name: string): boolean {
  return [...masked].some((one) => name === one || name.startsWith(`${one}.`) || one.startsWith(`${name}.`));
}
