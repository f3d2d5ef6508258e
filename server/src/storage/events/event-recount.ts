import { eventId, originId } from "@tyto/domain";
import type { EventId, Sequence } from "@tyto/domain";
import type { EngineClient } from "../engine/engine-client.ts";

interface Range {
  readonly first: Sequence;
  readonly last: Sequence;
}

/** Ranges of one statement: their text stays far below what a statement may have. */
const RANGES_PER_QUERY = 2_000;

/** What the engine holds of stretches of the journal, read from the rows themselves. */
export class EventRecount {
  readonly #client: EngineClient;

  constructor(client: EngineClient) {
    this.#client = client;
  }

  /** Rows in both tables, for each of the ranges. They are in order and do not overlap; what lies between them is not counted. */
  async count(ranges: readonly Range[]): Promise<readonly number[]> {
    const counts: number[] = [];
    for (let at = 0; at < ranges.length; at += RANGES_PER_QUERY)
      counts.push(...(await this.#count(ranges.slice(at, at + RANGES_PER_QUERY))));
    return counts;
  }

  async #count(ranges: readonly Range[]): Promise<readonly number[]> {
    const [first, last] = [ranges[0]?.first ?? 0, ranges.at(-1)?.last ?? 0];
    const where = "WHERE sequence BETWEEN {p0:UInt64} AND {p1:UInt64}";
    // Behind every insert that may still be running.
    const { data } = await this.#client.rows({
      sql: `SELECT roundDown(sequence, {p2:Array(UInt64)}) AS first, count() FROM (
          SELECT sequence FROM events ${where} UNION ALL SELECT sequence FROM quarantined ${where}
        ) GROUP BY first`,
      params: { p0: first, p1: last, p2: boundariesOf(ranges) },
      lane: "write",
    });
    const found = new Map(data.map(([start, count]) => [Number(start), Number(count)]));
    return ranges.map((range) => found.get(range.first) ?? 0);
  }

  /** Identities of stored and quarantined records within the range. */
  async present({ first, last }: Range): Promise<ReadonlySet<EventId>> {
    const where = "WHERE sequence BETWEEN {p0:UInt64} AND {p1:UInt64}";
    const { data } = await this.#client.rows({
      sql: `SELECT origin, ordinal FROM events ${where} UNION ALL SELECT origin, ordinal FROM quarantined ${where}`,
      params: { p0: first, p1: last },
      lane: "write",
    });
    return new Set(data.map(([origin, ordinal]) => eventId(originId(String(origin)), Number(ordinal))));
  }
}

/** Where each range begins, and where a gap behind one does. */
function boundariesOf(ranges: readonly Range[]): readonly number[] {
  return ranges.flatMap(({ first, last }, index) =>
    ranges[index + 1]?.first === last + 1 ? [first] : [first, last + 1],
  );
}
