import { LANES, priorityOf, sequence, SOURCE_PRIORITIES } from "@tyto/domain";
import type { Lane, RawRecord, Sequence, SourcePriority } from "@tyto/domain";
import type { Journal } from "../storage/index.ts";

interface ReadLimits {
  readonly records: number;
  readonly bytes: number;
}

/** What was read for one batch, in the order of the journal. */
export interface LanesRead {
  readonly records: readonly RawRecord[];
  /** By lane: up to here all of its records have been read, these included. */
  readonly positions: readonly Sequence[];
}

/**
 * What of a batch stays with a priority while it has something waiting, whatever higher ones have: nothing starves. Highest first takes
 * the rest.
 */
const RESERVED: Readonly<Record<SourcePriority, number>> = { high: 0, normal: 0.2, low: 0.1 };

/**
 * Reads the journal's lanes beside each other: each batch takes what is waiting of the highest priority first, and of one priority its
 * lanes in equal parts. So a record waits for one or two batches at most before it is read, unless its own lane is behind.
 */
export class LaneReader {
  readonly #journal: Pick<Journal, "head" | "laneHead" | "readLane">;
  /** By lane, the next sequence to look at. */
  readonly #cursors: Sequence[];
  #turn = 0;

  /** @param positions by lane, up to where its records are done. */
  constructor(journal: Pick<Journal, "head" | "laneHead" | "readLane">, positions: readonly Sequence[]) {
    this.#journal = journal;
    this.#cursors = LANES.map((lane) => sequence((positions[lane] ?? 0) + 1));
  }

  get positions(): readonly Sequence[] {
    return this.#cursors.map((next) => sequence(next - 1));
  }

  /** Records between the lane that is most behind and the head: no lane has more waiting. */
  get backlog(): number {
    const waiting = this.#waiting().map((lane) => this.#cursor(lane));
    return waiting.length === 0 ? 0 : this.#journal.head - Math.min(...waiting) + 1;
  }

  /** First sequence that would be news; what waits below it can be read at once. */
  get news(): Sequence {
    const [lane] = this.#waiting();
    return lane === undefined ? sequence(this.#journal.head + 1) : this.#cursor(lane);
  }

  /** Whatever is there; empty when nothing was found yet. A read that fails has moved nothing and may be repeated. */
  async read(limits: ReadLimits): Promise<LanesRead> {
    const records: RawRecord[] = [];
    const moved = new Map<Lane, Sequence>();
    let room = limits;
    for (const { lane, share } of this.#plan(limits)) {
      const own = share(room);
      // One look: a lane that has none in the stretch it looked at goes on in the next batch, so that the others need not wait.
      const found = await this.#journal.readLane(lane, this.#cursor(lane), own);
      moved.set(lane, found.next);
      for (const record of found.records) records.push(record);
      room = less(room, found.records);
      if (room.records <= 0 || room.bytes <= 0) break;
    }
    for (const [lane, next] of moved) this.#cursors[lane] = next;
    this.#turn += 1;
    if (moved.size > 1) records.sort((a, b) => a.sequence - b.sequence);
    return { records, positions: this.positions };
  }

  /** Which lanes are read, in which order, and what each may take of the room that is left. */
  #plan(
    all: ReadLimits,
  ): readonly { readonly lane: Lane; readonly share: (room: ReadLimits) => ReadLimits }[] {
    const waiting = this.#waiting();
    const of = (priority: SourcePriority): readonly Lane[] =>
      waiting.filter((lane) => priorityOf(lane) === priority);
    return SOURCE_PRIORITIES.flatMap((priority, rank) => {
      const lower = SOURCE_PRIORITIES.slice(rank + 1).filter((one) => of(one).length > 0);
      const kept = lower.reduce((sum, one) => sum + RESERVED[one], 0);
      const own = of(priority);
      // They take turns at being the first: the last one has what the others leave.
      const start = own.length === 0 ? 0 : this.#turn % own.length;
      return [...own.slice(start), ...own.slice(0, start)].map((lane, index) => ({
        lane,
        share: (room) => shareOf(room, all, { kept, parts: own.length - index }),
      }));
    });
  }

  /** Lanes with records that were not looked at. The others move up to the head: what is there is not theirs. */
  #waiting(): readonly Lane[] {
    const { head } = this.#journal;
    return LANES.filter((lane) => {
      if (this.#journal.laneHead(lane) >= this.#cursor(lane)) return true;
      this.#cursors[lane] = sequence(Math.max(this.#cursor(lane), head + 1));
      return false;
    });
  }

  #cursor(lane: Lane): Sequence {
    return this.#cursors[lane] ?? sequence(1);
  }
}

function less(room: ReadLimits, taken: readonly RawRecord[]): ReadLimits {
  return {
    records: room.records - taken.length,
    bytes: room.bytes - taken.reduce((sum, { bytes }) => sum + bytes.length, 0),
  };
}

/** An equal part of the room, less what of the whole is kept for lower priorities. */
function shareOf(
  room: ReadLimits,
  all: ReadLimits,
  { kept, parts }: { readonly kept: number; readonly parts: number },
): ReadLimits {
  const part = (left: number, whole: number): number => Math.max(1, Math.ceil((left - whole * kept) / parts));
  return { records: part(room.records, all.records), bytes: part(room.bytes, all.bytes) };
}
