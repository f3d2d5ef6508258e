/**
 * Brings a value of ClickHouse's JSON to what JavaScript takes it for. 64-bit integers come quoted, since `JSON.parse` rounds
 * beyond 2^53: they become numbers, or stay text where a number could not hold them.
 */
export type ValueReader = (value: unknown) => unknown;

const AS_IS: ValueReader = (value) => value;

const WIDE_INTEGER = /^U?Int(?:64|128|256)$/;

function readInteger(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** How to read the values of a column, by its engine type. */
export function valueReader(type: string): ValueReader {
  if (WIDE_INTEGER.test(type)) return readInteger;
  const wrapped = /^(?:Nullable|LowCardinality)\((.*)\)$/.exec(type)?.[1];
  if (wrapped !== undefined) return valueReader(wrapped);
  const element = /^Array\((.*)\)$/.exec(type)?.[1];
  if (element === undefined) return AS_IS;
  const read = valueReader(element);
  return read === AS_IS ? AS_IS : (value) => (Array.isArray(value) ? value.map(read) : value);
}
