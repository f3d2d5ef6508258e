import { DEFAULT_TENANT, eventId, originId, parseEventId, sequence, sourceId, TytoError } from "@tyto/domain";
import type {
  Event,
  EventId,
  OriginId,
  QuarantinedRecord,
  QuarantineReason,
  RetentionClass,
  Sequence,
  SourceId,
} from "@tyto/domain";
import type { EngineClient } from "../engine/engine-client.ts";
import type {
  EventStore,
  QuarantineChoice,
  QuarantineCount,
  QuarantinePage,
  RecordIdentity,
  RejectedRow,
  StoredEvent,
} from "../ports.ts";
import { eventRow } from "./event-row.ts";
import type { MisfitCounts } from "./event-row.ts";
import type { EventVisibility } from "./event-visibility.ts";
import { QUARANTINED_SELECT, quarantinedRecord, quarantinedRow, quarantineWhere } from "./quarantine-rows.ts";
import { RowWriter } from "./row-writer.ts";
import { STORED_EVENT_SELECT, storedEvent } from "./stored-event.ts";

const MAX_ROWS = 50_000;
const MAX_IDS = 1_000;
/** Identities per statement: their text stays far below what a statement may have. */
const IDENTITIES_PER_QUERY = 20_000;

/** Events and quarantined records in the engine. */
export class EngineEventStore implements EventStore {
  readonly #client: EngineClient;
  readonly #visibility: EventVisibility;
  readonly #classOf: (source: SourceId) => RetentionClass;
  readonly #events: RowWriter;
  readonly #quarantined: RowWriter;
  readonly #misfits: MisfitCounts = { "list-in-scalar": 0, "wrong-type": 0 };

  constructor(
    client: EngineClient,
    options: {
      readonly visibility: EventVisibility;
      /** The retention class that events of a source are stored in. */
      readonly classOf?: ((source: SourceId) => RetentionClass) | undefined;
    },
  ) {
    this.#client = client;
    this.#visibility = options.visibility;
    this.#classOf = options.classOf ?? (() => DEFAULT_CLASS);
    this.#events = new RowWriter(client, "events");
    this.#quarantined = new RowWriter(client, "quarantined");
  }

  /** Values that their typed column could not hold as they were, since the start. */
  get misfits(): Readonly<MisfitCounts> {
    return { ...this.#misfits };
  }

  async insert(events: readonly Event[]): Promise<readonly RejectedRow[]> {
    checkCount(events.length);
    return this.#events.write(
      events.map((event) => ({
        id: event.id,
        sequence: event.sequence,
        json: withClass(eventRow(event, this.#misfits), this.#classOf(event.source)),
      })),
    );
  }

  async insertQuarantined(records: readonly QuarantinedRecord[]): Promise<void> {
    checkCount(records.length);
    const rejected = await this.#quarantined.write(
      records.map((record) => ({ id: record.id, sequence: record.sequence, json: quarantinedRow(record) })),
    );
    const [first] = rejected;
    if (first !== undefined)
      throw new TytoError("store-failed", `a quarantined record was refused: ${first.message}`);
  }

  async presentAfter(after: Sequence): Promise<ReadonlySet<EventId>> {
    const { data } = await this.#client.rows({
      sql: `SELECT origin, ordinal FROM events WHERE sequence > {p0:UInt64}
        UNION ALL SELECT origin, ordinal FROM quarantined WHERE sequence > {p0:UInt64}`,
      params: { p0: after },
      lane: "write",
    });
    return new Set(data.map(([origin, ordinal]) => eventId(originId(String(origin)), Number(ordinal))));
  }

  async present(identities: readonly RecordIdentity[]): Promise<ReadonlyMap<EventId, Sequence>> {
    const found = new Map<EventId, Sequence>();
    for (const [origin, ordinals] of byOrigin(identities)) {
      for (let at = 0; at < ordinals.length; at += IDENTITIES_PER_QUERY) {
        await this.#presentOf(origin, ordinals.slice(at, at + IDENTITIES_PER_QUERY), found);
      }
    }
    return found;
  }

  async #presentOf(
    origin: OriginId,
    ordinals: readonly number[],
    found: Map<EventId, Sequence>,
  ): Promise<void> {
    const where = "WHERE origin = {p0:String} AND ordinal IN {p1:Array(UInt64)}";
    const { data } = await this.#client.rows({
      sql: `SELECT ordinal, sequence FROM events ${where} UNION ALL SELECT ordinal, sequence FROM quarantined ${where}`,
      params: { p0: origin, p1: ordinals },
      lane: "write",
    });
    for (const [ordinal, place] of data) found.set(eventId(origin, Number(ordinal)), sequence(Number(place)));
  }

  async byIds(ids: readonly EventId[]): Promise<readonly StoredEvent[]> {
    if (ids.length > MAX_IDS) throw new TytoError("bad-request", `at most ${MAX_IDS} events at a time`);
    const found = new Map<EventId, StoredEvent>();
    const identities = ids.map(parseEventId).filter((identity) => identity !== undefined);
    for (const [origin, ordinals] of byOrigin(identities)) {
      const { data } = await this.#visibility.read((settings) =>
        this.#client.rows({
          sql: `SELECT ${STORED_EVENT_SELECT} FROM events
          WHERE tenant = {p0:String} AND origin = {p1:String} AND ordinal IN {p2:Array(UInt64)}`,
          params: { p0: DEFAULT_TENANT, p1: origin, p2: ordinals },
          settings,
        }),
      );
      for (const row of data) {
        const event = storedEvent(row);
        found.set(event.id, event);
      }
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  async quarantined(page: QuarantinePage): Promise<readonly QuarantinedRecord[]> {
    const { where, params } = quarantineWhere(page);
    const { data } = await this.#client.rows({
      sql: `SELECT ${QUARANTINED_SELECT} FROM quarantined WHERE ${where} ORDER BY sequence DESC, ordinal DESC LIMIT {p1:UInt64}`,
      params: { ...params, p1: page.limit },
    });
    return data.map(quarantinedRecord);
  }

  async countQuarantined(choice: QuarantineChoice): Promise<readonly QuarantineCount[]> {
    const { where, params } = quarantineWhere(choice);
    const { data } = await this.#client.rows({
      sql: `SELECT reason, source, pack, count() FROM quarantined WHERE ${where} GROUP BY reason, source, pack ORDER BY count() DESC, reason, source, pack LIMIT 1000`,
      params,
    });
    return data.map(([reason, source, pack, count]) => ({
      reason: String(reason) as QuarantineReason,
      source: sourceId(String(source)),
      pack: String(pack),
      count: Number(count),
    }));
  }

  async countBySource(): Promise<
    ReadonlyMap<SourceId, { readonly stored: number; readonly quarantined: number }>
  > {
    const { data } = await this.#visibility.read((settings) =>
      this.#client.rows({
        sql: `SELECT source, sum(stored), sum(quarantined) FROM (
          SELECT source, count() AS stored, 0 AS quarantined FROM events GROUP BY source
          UNION ALL SELECT source, 0 AS stored, count() AS quarantined FROM quarantined GROUP BY source
        ) GROUP BY source`,
        settings,
        lane: "write",
      }),
    );
    return new Map(
      data.map(([source, stored, quarantined]) => [
        sourceId(String(source)),
        { stored: Number(stored), quarantined: Number(quarantined) },
      ]),
    );
  }
}

const DEFAULT_CLASS: RetentionClass = "standard";

/** The table's default is not written. */
function withClass(row: string, retention: RetentionClass): string {
  return retention === DEFAULT_CLASS ? row : `{"retention":"${retention}",${row.slice(1)}`;
}

function checkCount(count: number): void {
  if (count > MAX_ROWS) throw new TytoError("internal", `a call inserts at most ${MAX_ROWS} rows`);
}

function byOrigin(identities: readonly RecordIdentity[]): ReadonlyMap<OriginId, readonly number[]> {
  const groups = new Map<OriginId, number[]>();
  for (const { origin, ordinal } of identities) {
    const group = groups.get(origin);
    if (group === undefined) groups.set(origin, [ordinal]);
    else group.push(ordinal);
  }
  return groups;
}
