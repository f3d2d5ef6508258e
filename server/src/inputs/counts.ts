import type { InputFault } from "@tyto/domain";

/** Everything an input counts. What is dropped has its reason in the name: a closed set. */
export const INPUT_COUNTS = [
  "records_accepted",
  "bytes_accepted",
  /** Datagrams and lines with nothing in them: no record, no loss. */
  "records_empty",
  "faults_oversize",
  "faults_bad_frame",
  "faults_truncated_stream",
  /** What lay beyond the size limit of a record that was cut. */
  "bytes_cut",
  "dropped_back_pressure",
  "dropped_shutdown",
  "dropped_sink_failed",
  "connections_opened",
  "connections_refused",
  "connections_idle",
  "connections_broken",
] as const;

export type InputCount = (typeof INPUT_COUNTS)[number];
export type InputCounts = Record<InputCount, number>;

const COUNT_OF_FAULT = {
  oversize: "faults_oversize",
  "bad-frame": "faults_bad_frame",
  "truncated-stream": "faults_truncated_stream",
} as const satisfies Record<InputFault, InputCount>;

/** Running totals of one input. */
export class Counter {
  readonly #totals = Object.fromEntries(INPUT_COUNTS.map((name) => [name, 0])) as InputCounts;

  add(name: InputCount, amount = 1): void {
    this.#totals[name] += amount;
  }

  /** Books a batch that is durable. */
  accepted(records: readonly Uint8Array[], fault: InputFault | undefined): void {
    this.#totals.records_accepted += records.length;
    for (const record of records) this.#totals.bytes_accepted += record.length;
    if (fault !== undefined) this.#totals[COUNT_OF_FAULT[fault]] += records.length;
  }

  totals(): Readonly<InputCounts> {
    return { ...this.#totals };
  }
}
