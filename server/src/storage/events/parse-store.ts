import { DEFAULT_TENANT, parseEventId, TIME_ORIGINS } from "@tyto/domain";
import type { Event, EventId, Micros, QuarantinedRecord, Sequence } from "@tyto/domain";
import type { EngineClient } from "../engine/engine-client.ts";
import { deleteRows } from "../engine/mutation.ts";
import type {
  EarlierForm,
  EventPlace,
  ParsedEvent,
  ParseStore,
  QuarantineChoice,
  RejectedRow,
  ReparseScope,
  ShownForms,
} from "../ports.ts";
import { FIELD_COLUMNS } from "./columns.ts";
import { eventRow } from "./event-row.ts";
import type { MisfitCounts } from "./event-row.ts";
import type { EventVisibility } from "./event-visibility.ts";
import { engineInstant } from "./field-values.ts";
import { QUARANTINED_SELECT, quarantinedRecord, quarantineWhere } from "./quarantine-rows.ts";
import { RowWriter } from "./row-writer.ts";
import { sentWith, STORED_EVENT_SELECT, storedEvent } from "./stored-event.ts";

/** Events of one page, and about how much they may hold: one that is larger comes alone. */
const PAGE_EVENTS = 2_000;
const PAGE_RECORDS = 500;
const PAGE_BYTES = 16 * 1024 * 1024;

const FIELD_NAMES = FIELD_COLUMNS.map(({ name }) => `\`${name}\``).join(", ");
const EARLIER_COLUMNS = `tenant, retention, origin, ordinal, source, timestamp, time_origin, pack, parse, ${FIELD_NAMES}, rest`;

const PARSED_SELECT = `${STORED_EVENT_SELECT}, time_origin, sent_as, header, parse, retention`;
/** The columns of `storedEvent`, for a form that has no raw bytes of its own. */
const EARLIER_SELECT = STORED_EVENT_SELECT.replace("sequence,", "0,")
  .replace("toUnixTimestamp64Micro(ingested)", "toUnixTimestamp64Micro(replaced)")
  .replace("raw, raw_encoding", "'', ''");

/** Forms of events beside the one that is seen: a newer one in the making, and the earlier ones that were replaced. */
export class EngineParseStore implements ParseStore {
  readonly #client: EngineClient;
  readonly #visibility: EventVisibility;
  readonly #now: () => Micros;
  readonly #misfits: MisfitCounts = { "list-in-scalar": 0, "wrong-type": 0 };
  #writer: { readonly parse: number; readonly rows: RowWriter } | undefined;

  constructor(client: EngineClient, visibility: EventVisibility, now: () => Micros) {
    this.#client = client;
    this.#visibility = visibility;
    this.#now = now;
  }

  show(forms: ShownForms): Promise<void> {
    return this.#visibility.show(forms);
  }

  async count(scope: ReparseScope): Promise<number> {
    const { where, params } = whereOf(scope);
    const { data } = await this.#client.rows({ sql: `SELECT count() FROM events WHERE ${where}`, params });
    return Number(data[0]?.[0] ?? 0);
  }

  async page(scope: ReparseScope, after: EventPlace | undefined): Promise<readonly ParsedEvent[]> {
    const { where, params } = whereOf(scope, after);
    const sizes = await this.#client.rows({
      sql: `SELECT toUnixTimestamp64Micro(timestamp), origin, ordinal, length(raw) + length(rest) FROM events
        WHERE ${where} ORDER BY timestamp, origin, ordinal LIMIT ${PAGE_EVENTS}`,
      params,
    });
    const last = lastWithin(sizes.data);
    if (last === undefined) return [];
    const [timestamp, origin, ordinal] = last;
    const { data } = await this.#client.rows({
      sql: `SELECT ${PARSED_SELECT} FROM events WHERE ${where} AND timestamp <= {u0:DateTime64(6, 'UTC')}
        AND (timestamp, origin, ordinal) <= ({u0:DateTime64(6, 'UTC')}, {u1:String}, {u2:UInt64})
        ORDER BY timestamp, origin, ordinal`,
      params: { ...params, u0: engineInstant(Number(timestamp)), u1: origin, u2: ordinal },
    });
    return data.map(parsedEvent);
  }

  async insert(
    parse: number,
    forms: readonly { readonly event: Event; readonly retention: string }[],
  ): Promise<readonly RejectedRow[]> {
    // One writer for a parse: it remembers which of its inserts may have been stored although they failed.
    if (this.#writer?.parse !== parse)
      this.#writer = { parse, rows: new RowWriter(this.#client, "events", { parse }) };
    return this.#writer.rows.write(
      forms.map(({ event, retention }) => ({
        id: event.id,
        sequence: event.sequence,
        json: `{"parse":${parse},"retention":${JSON.stringify(retention)},${eventRow(event, this.#misfits).slice(1)}`,
      })),
    );
  }

  async keepEarlier(parse: number, range: { readonly from: Micros; readonly to: Micros }): Promise<void> {
    await this.#client.command({
      // Those that an interrupted attempt has kept already are not kept twice.
      sql: `INSERT INTO earlier_events (${EARLIER_COLUMNS}, replaced_by, replaced)
        SELECT ${EARLIER_COLUMNS}, {p0:UInt32}, {p1:DateTime64(6, 'UTC')} FROM events
        WHERE timestamp >= {p2:DateTime64(6, 'UTC')} AND timestamp <= {p3:DateTime64(6, 'UTC')} AND parse < {p0:UInt32}
        AND (origin, ordinal) IN (SELECT origin, ordinal FROM events WHERE parse = {p0:UInt32})
        AND (origin, ordinal) NOT IN (SELECT origin, ordinal FROM earlier_events WHERE replaced_by = {p0:UInt32})`,
      params: {
        p0: parse,
        p1: engineInstant(this.#now()),
        p2: engineInstant(range.from),
        p3: engineInstant(range.to),
      },
      settings: { max_block_size: "8192" },
      lane: "write",
    });
  }

  async dropReplaced(parse: number): Promise<void> {
    await deleteRows(
      this.#client,
      "events",
      `parse < ${parse} AND (origin, ordinal) IN (SELECT origin, ordinal FROM earlier_events WHERE replaced_by = ${parse})`,
    );
  }

  async discard(parse: number): Promise<void> {
    await deleteRows(this.#client, "events", `parse = ${parse}`);
    await deleteRows(this.#client, "earlier_events", `replaced_by = ${parse}`);
  }

  async earlier(id: EventId): Promise<readonly EarlierForm[]> {
    const identity = parseEventId(id);
    if (identity === undefined) return [];
    const { data } = await this.#client.rows({
      sql: `SELECT ${EARLIER_SELECT}, parse, replaced_by FROM earlier_events
        WHERE tenant = {p0:String} AND origin = {p1:String} AND ordinal = {p2:UInt64} ORDER BY replaced_by DESC`,
      params: { p0: DEFAULT_TENANT, p1: identity.origin, p2: identity.ordinal },
    });
    return data.map((row) => {
      const { timestamp, ingested: replacedAt, pack, fields } = storedEvent(row);
      return {
        timestamp,
        replacedAt,
        pack,
        fields,
        parse: Number(row.at(-2)),
        replacedBy: Number(row.at(-1)),
      };
    });
  }

  async stored(ids: readonly EventId[]): Promise<ReadonlyMap<EventId, ParsedEvent>> {
    if (ids.length === 0) return new Map();
    const { data } = await this.#client.rows({
      sql: `SELECT ${PARSED_SELECT} FROM events WHERE tenant = {p0:String}
        AND origin IN {p1:Array(String)} AND ordinal IN {p2:Array(UInt64)} AND concat(origin, '-', toString(ordinal)) IN {p3:Array(String)}`,
      params: { p0: DEFAULT_TENANT, ...identityLists(ids), p3: ids },
      // Behind every insert that may still be running.
      lane: "write",
    });
    return new Map(data.map(parsedEvent).map((event) => [event.id, event]));
  }

  insertReplayed(events: readonly Event[]): Promise<readonly RejectedRow[]> {
    // Its range of sequences may span the whole table, so nothing is looked up by it: each attempt has a writer of its own.
    return new RowWriter(this.#client, "events").write(
      events.map((event) => ({
        id: event.id,
        sequence: event.sequence,
        json: eventRow(event, this.#misfits),
      })),
    );
  }

  async quarantinedPage(
    choice: QuarantineChoice,
    before: Sequence | undefined,
  ): Promise<readonly QuarantinedRecord[]> {
    const { where, params } = quarantineWhere({ ...choice, ...(before === undefined ? {} : { before }) });
    const sizes = await this.#client.rows({
      sql: `SELECT sequence, 0, 0, length(raw) FROM quarantined WHERE ${where} ORDER BY sequence DESC LIMIT ${PAGE_RECORDS}`,
      params,
      lane: "write",
    });
    const last = lastWithin(sizes.data);
    if (last === undefined) return [];
    const { data } = await this.#client.rows({
      sql: `SELECT ${QUARANTINED_SELECT} FROM quarantined WHERE ${where} AND sequence >= {u0:UInt64} ORDER BY sequence DESC`,
      params: { ...params, u0: last[0] },
      lane: "write",
    });
    return data.map(quarantinedRecord);
  }

  async removeQuarantined(ids: readonly EventId[]): Promise<void> {
    if (ids.length === 0) return;
    const { p1, p2 } = identityLists(ids);
    // Mutations keep their text: it holds identities and nothing of what the records say.
    const list = (values: readonly (string | number)[], quote: string): string =>
      values.map((value) => `${quote}${value}${quote}`).join(", ");
    await deleteRows(
      this.#client,
      "quarantined",
      `origin IN (${list(p1, "'")}) AND ordinal IN (${list(p2, "")}) AND concat(origin, '-', toString(ordinal)) IN (${list(ids, "'")})`,
    );
  }
}

function identityLists(ids: readonly EventId[]): {
  readonly p1: readonly string[];
  readonly p2: readonly number[];
} {
  const parts = ids.map(parseEventId).filter((part) => part !== undefined);
  return {
    p1: [...new Set(parts.map(({ origin }) => origin))],
    p2: [...new Set(parts.map(({ ordinal }) => ordinal))],
  };
}

function whereOf(
  scope: ReparseScope,
  after?: EventPlace,
): { readonly where: string; readonly params: Readonly<Record<string, unknown>> } {
  const { from, to, upTo, below, sources, pack } = scope;
  const conditions = [
    "tenant = {p0:String}",
    "timestamp >= {p1:DateTime64(6, 'UTC')}",
    "timestamp < {p2:DateTime64(6, 'UTC')}",
    "sequence <= {p3:UInt64}",
    "parse < {p4:UInt32}",
  ];
  const params: Record<string, unknown> = {
    p0: DEFAULT_TENANT,
    p1: engineInstant(Math.max(from, after?.timestamp ?? from)),
    p2: engineInstant(to),
    p3: upTo,
    p4: below,
  };
  if (sources !== undefined) {
    conditions.push("source IN {p5:Array(String)}");
    params["p5"] = sources;
  }
  if (pack !== undefined) {
    conditions.push("(pack = {p6:String} OR startsWith(pack, concat({p6:String}, '/')))");
    params["p6"] = pack;
  }
  const identity = after === undefined ? undefined : parseEventId(after.id);
  if (after !== undefined && identity !== undefined) {
    conditions.push("(timestamp, origin, ordinal) > ({p7:DateTime64(6, 'UTC')}, {p8:String}, {p9:UInt64})");
    params["p7"] = engineInstant(after.timestamp);
    params["p8"] = identity.origin;
    params["p9"] = identity.ordinal;
  }
  return { where: conditions.join(" AND "), params };
}

/** The last row that still fits into a page; the first one always does. */
function lastWithin(rows: readonly (readonly unknown[])[]): readonly unknown[] | undefined {
  let bytes = 0;
  let last = rows[0];
  for (const row of rows) {
    bytes += Number(row[3]);
    if (bytes > PAGE_BYTES) break;
    last = row;
  }
  return last;
}

function parsedEvent(row: readonly unknown[]): ParsedEvent {
  const [timeOrigin, sentAs, header, parse, retention] = row.slice(-5);
  return {
    ...storedEvent(row),
    timeOrigin: TIME_ORIGINS.find((one) => one === timeOrigin) ?? "received",
    ...sentWith(sentAs, header),
    parse: Number(parse),
    retention: String(retention),
  };
}
