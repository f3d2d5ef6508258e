import type { TailBatch } from "@tyto/domain";

/** What a live tail shows: newest first, a bounded number, and how many it had to leave out. */
export interface TailState {
  readonly columns: TailBatch["columns"];
  readonly rows: TailBatch["rows"];
  readonly skipped: number;
  /** Came in while the person looked at something. */
  readonly waiting: readonly TailBatch[];
}

export const NO_TAIL: TailState = { columns: [], rows: [], skipped: 0, waiting: [] };
const MOST_ROWS = 2_000;
const MOST_WAITING = 60;

/** While it is paused what comes in waits; what has waited too long counts as skipped. */
export function received(state: TailState, batch: TailBatch, isPaused: boolean): TailState {
  if (!isPaused) return shown(state, batch);
  const waiting = [...state.waiting, batch];
  const [oldest] = waiting;
  if (waiting.length <= MOST_WAITING || oldest === undefined) return { ...state, waiting };
  return {
    ...state,
    waiting: waiting.slice(1),
    skipped: state.skipped + oldest.rows.length + oldest.skipped,
  };
}

export function resumed(state: TailState): TailState {
  return state.waiting.reduce<TailState>((next, batch) => shown(next, batch), { ...state, waiting: [] });
}

export function waitingRows({ waiting }: TailState): number {
  return waiting.reduce((sum, batch) => sum + batch.rows.length + batch.skipped, 0);
}

function shown(state: TailState, batch: TailBatch): TailState {
  return {
    ...state,
    columns: batch.columns,
    rows: [...batch.rows, ...state.rows].slice(0, MOST_ROWS),
    skipped: state.skipped + batch.skipped,
  };
}
