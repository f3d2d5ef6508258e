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
  /** Datagrams of a message whose other parts did not come in time, or for which there was no room. */
  "dropped_incomplete",
  /** Not taken and not acknowledged: their sender keeps them and sends them again. */
  "records_left_to_sender",
  "connections_opened",
  "connections_refused",
  "connections_idle",
  "connections_broken",
  /** Beyond what one peer may open. */
  "connections_crowded",
  /** Owed the rest of a frame, of a handshake or the reading of an answer for too long. */
  "connections_slow",
  /** Held the most when all together held too much. */
  "connections_heavy",
  /** No TLS, or a certificate that nobody vouches for. */
  "connections_untrusted",
  /** Broke the protocol's rules. */
  "connections_protocol",
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
