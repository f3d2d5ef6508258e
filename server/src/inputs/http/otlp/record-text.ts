/** A value of OpenTelemetry as JSON has it. Bytes are base64, integers beyond 2^53 are digits in a text. */
export type PlainValue =
  string | number | boolean | null | readonly PlainValue[] | { readonly [key: string]: PlainValue };
export type PlainObject = { [key: string]: PlainValue };

/** What all records of a scope have in common, as text. */
export interface ScopeText {
  readonly resource: string;
  readonly scope: string;
}

export interface LogFields {
  readonly log: PlainObject;
  readonly body: PlainValue;
}

/**
 * The record that is kept: a log record of OTLP with its resource and scope, attributes as an object, one form for protobuf and JSON.
 * `{"resource": {…}, "scope": {…}, "log": {timeUnixNano, severityNumber, severityText, traceId, spanId, attributes, …}, "body": …}`
 */
export function recordText({ resource, scope }: ScopeText, { log, body }: LogFields): string {
  const start = `{"resource":${resource},"scope":${scope},"log":${JSON.stringify(inOrder(log))}`;
  return body === null ? `${start}}` : `${start},"body":${JSON.stringify(body)}}`;
}

/** Senders of protobuf write their fields in any order. */
const LOG_FIELDS = [
  "timeUnixNano",
  "observedTimeUnixNano",
  "severityNumber",
  "severityText",
  "eventName",
  "traceId",
  "spanId",
  "flags",
  "attributes",
];

function inOrder(log: PlainObject): PlainObject {
  return Object.fromEntries(
    LOG_FIELDS.flatMap((name) => {
      const value = log[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** Own keys only, whatever they are called. */
export function emptyObject(): PlainObject {
  return Object.create(null) as PlainObject;
}

export function integerValue(value: bigint): PlainValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

/** JSON has no such numbers; OTLP writes their names. */
export function doubleValue(value: number): PlainValue {
  return Number.isFinite(value) ? value : String(value);
}

/** Deeper values are left out: the pipeline would not read them either. */
export const MAX_VALUE_DEPTH = 100;
