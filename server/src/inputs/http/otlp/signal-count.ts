import { ProtobufReader } from "../wire/protobuf.ts";

/** Signals that are no logs: they are refused, each one counted, as OTLP asks. */
export type OtherSignal = "traces" | "metrics";

/** Places of what is counted, from the request down; in metrics the data points stand below one field of several. */
const PROTOBUF_PATHS: Readonly<Record<OtherSignal, readonly (readonly number[])[]>> = {
  traces: [[1], [2], [2]],
  metrics: [[1], [2], [2], [5, 7, 9, 10, 11], [1]],
};
const METRIC_KINDS = ["gauge", "sum", "histogram", "exponentialHistogram", "summary"];
const JSON_PATHS: Readonly<Record<OtherSignal, readonly (readonly string[])[]>> = {
  traces: [["resourceSpans"], ["scopeSpans"], ["spans"]],
  metrics: [["resourceMetrics"], ["scopeMetrics"], ["metrics"], METRIC_KINDS, ["dataPoints"]],
};

/** Spans or data points of the request. @throws BrokenProtobuf */
export function countProtobuf(bytes: Uint8Array, signal: OtherSignal): number {
  return countFields(bytes, PROTOBUF_PATHS[signal]);
}

function countFields(bytes: Uint8Array, [fields = [], ...below]: readonly (readonly number[])[]): number {
  const reader = new ProtobufReader(bytes);
  let count = 0;
  while (reader.next()) {
    if (!fields.includes(reader.field)) reader.skip();
    else if (below.length > 0) count += countFields(reader.bytes(), below);
    else {
      reader.bytes();
      count += 1;
    }
  }
  return count;
}

export function countJson(request: unknown, signal: OtherSignal): number {
  return countKeys(request, JSON_PATHS[signal]);
}

/** One list at each step and no deeper: the sender chooses how deep its lists are. */
function countKeys(value: unknown, [keys, ...below]: readonly (readonly string[])[]): number {
  if (typeof value !== "object" || value === null) return 0;
  if (keys === undefined) return 1;
  const lists = keys.map((key) => (value as Readonly<Record<string, unknown>>)[key]);
  const isStep = (list: unknown): list is object => typeof list === "object" && list !== null;
  return lists
    .filter(isStep)
    .flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : [list]))
    .reduce((sum: number, one) => sum + countKeys(one, below), 0);
}
