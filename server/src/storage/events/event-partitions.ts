import { micros } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { EngineClient } from "../engine/engine-client.ts";
import { deleteRows } from "../engine/mutation.ts";

const MICROS_PER_WEEK = 7 * 24 * 60 * 60 * 1_000_000;

/** One week of one retention class: what is dropped as a whole. */
export interface EventPartition {
  readonly id: string;
  readonly retention: string;
  /** Monday, UTC, of the events' own time. */
  readonly from: Micros;
  readonly to: Micros;
  readonly rows: number;
  readonly bytes: number;
}

/** What came in within some days, by the time of its arrival. */
export interface ArrivalRate {
  readonly rows: number;
  readonly first: Micros | null;
}

/** The partitions of the table of events. */
export class EventPartitions {
  readonly #client: EngineClient;

  constructor(client: EngineClient) {
    this.#client = client;
  }

  /** Oldest first. */
  async list(): Promise<readonly EventPartition[]> {
    const { data } = await this.#client.rows({
      sql: `SELECT partition_id, any(partition), sum(rows), sum(bytes_on_disk) FROM system.parts
        WHERE database = currentDatabase() AND table = 'events' AND active GROUP BY partition_id`,
    });
    return data
      .map(([id, key, rows, bytes]) => partitionOf(String(id), String(key), Number(rows), Number(bytes)))
      .sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1));
  }

  /** When the newest of its rows arrived. Old events may have arrived today. */
  async newestArrival(id: string): Promise<Micros> {
    const { data } = await this.#client.rows({
      sql: "SELECT toUnixTimestamp64Micro(max(ingested)) FROM events WHERE _partition_id = {p0:String}",
      params: { p0: id },
    });
    return micros(Number(data[0]?.[0] ?? 0));
  }

  async countBySource(id: string): Promise<Readonly<Record<string, number>>> {
    const { data } = await this.#client.rows({
      sql: "SELECT source, count() FROM events WHERE _partition_id = {p0:String} GROUP BY source ORDER BY source",
      params: { p0: id },
    });
    return Object.fromEntries(data.map(([source, rows]) => [String(source), Number(rows)]));
  }

  async arrivedSince(since: Micros): Promise<ArrivalRate> {
    const { data } = await this.#client.rows({
      sql: `SELECT count(), toUnixTimestamp64Micro(min(ingested)) FROM events
        WHERE ingested >= fromUnixTimestamp64Micro({p0:Int64})`,
      params: { p0: since },
    });
    const [rows = 0, first = 0] = data[0] ?? [];
    return { rows: Number(rows), first: Number(rows) === 0 ? null : micros(Number(first)) };
  }

  /**
   * With the earlier forms of its events, in whatever week they are, and with the earlier forms of this week: they go first, so that a
   * crash leaves none without its event.
   * @param id as `list` gave it: 32 hexadecimal digits.
   */
  async drop(id: string): Promise<void> {
    if (!/^[0-9a-f]{32}$/.test(id)) throw new Error(`invariant broken: ${id} is no partition`);
    // Partitions are cut alike, so the same week has the same id in both tables.
    await this.#client.command({
      sql: `ALTER TABLE earlier_events DROP PARTITION ID '${id}'`,
      lane: "write",
    });
    const ofItsEvents = `(origin, ordinal) IN (SELECT origin, ordinal FROM events WHERE _partition_id = '${id}')`;
    const { data } = await this.#client.rows({
      sql: `SELECT count() FROM earlier_events WHERE ${ofItsEvents}`,
    });
    if (Number(data[0]?.[0] ?? 0) > 0) await deleteRows(this.#client, "earlier_events", ofItsEvents);
    await this.#client.command({ sql: `ALTER TABLE events DROP PARTITION ID '${id}'`, lane: "write" });
  }
}

/** The engine shows a key as `('standard','2026-01-05')`. */
function partitionOf(id: string, key: string, rows: number, bytes: number): EventPartition {
  const [, retention = "", monday = ""] = /^\('([^']*)','(\d{4}-\d{2}-\d{2})'\)$/.exec(key) ?? [];
  const from = Date.parse(`${monday}T00:00:00Z`) * 1_000;
  if (Number.isNaN(from)) throw new Error(`invariant broken: ${key} is no partition of events`);
  return { id, retention, from: micros(from), to: micros(from + MICROS_PER_WEEK), rows, bytes };
}
