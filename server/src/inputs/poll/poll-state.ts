import Type from "typebox";
import { Compile } from "typebox/compile";
import type { TimeRange } from "../pull/ports.ts";

const RangeSchema = Type.Object({
  from: Type.Number(),
  to: Type.Number(),
  /** Of the page that comes next; absent before the first. */
  next: Type.Optional(Type.String()),
  pages: Type.Integer({ minimum: 0 }),
});
const StreamSchema = Type.Object({
  /** Everything before is here, but for what the API shows late. Milliseconds. */
  watermark: Type.Number(),
  /** What lies before is not asked for again: the first round began here, or something here could not be read. */
  floor: Type.Number(),
  range: Type.Optional(RangeSchema),
  /** Short hashes of records within the overlap, with their times: not handed on again. */
  seen: Type.Array(Type.Tuple([Type.String(), Type.Number()])),
});
const BackfillSchema = Type.Object({
  stream: Type.String(),
  to: Type.Number(),
  at: Type.Number(),
  range: Type.Optional(RangeSchema),
});
const PollStateSchema = Type.Object({
  version: Type.Literal(1),
  streams: Type.Record(Type.String(), StreamSchema),
  backfills: Type.Array(BackfillSchema),
});

type StoredState = Type.Static<typeof PollStateSchema>;
export type PollRange = Readonly<Omit<Type.Static<typeof RangeSchema>, "next">> & {
  readonly next?: string | undefined;
};
export interface StreamState {
  readonly watermark: number;
  readonly floor: number;
  readonly range?: PollRange | undefined;
  readonly seen: readonly (readonly [string, number])[];
}
export interface Backfill {
  readonly stream: string;
  readonly to: number;
  /** Everything before is done. */
  readonly at: number;
  readonly range?: PollRange | undefined;
}
export interface PollState {
  readonly streams: Readonly<Record<string, StreamState>>;
  readonly backfills: readonly Backfill[];
}

const schema = Compile(PollStateSchema);

export function readPollState(cursor: unknown): PollState {
  if (!schema.Check(cursor)) return { streams: {}, backfills: [] };
  const { streams, backfills }: StoredState = cursor;
  return { streams, backfills };
}

export function pollCursor(state: PollState): unknown {
  return { version: 1, ...state };
}

/** @param streams all that the collector has. */
export function withBackfill(cursor: unknown, range: TimeRange, streams: readonly string[]): unknown {
  const state = readPollState(cursor);
  const added = streams.map((stream) => ({ stream, at: range.from, to: range.to }));
  return pollCursor({ ...state, backfills: [...state.backfills, ...added] });
}
