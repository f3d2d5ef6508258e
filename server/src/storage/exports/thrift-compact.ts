/** Thrift's compact protocol, as far as Parquet's footer uses it: read into plain values, and written back. */
export type ThriftValue =
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "int"; readonly type: 3 | 4 | 5 | 6; readonly value: bigint }
  | { readonly kind: "double"; readonly bytes: Buffer }
  | { readonly kind: "binary"; readonly bytes: Buffer }
  | { readonly kind: "list"; readonly type: number; readonly items: readonly ThriftValue[] }
  | { readonly kind: "struct"; readonly fields: ThriftStruct };

/** By field id. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;

const TRUE = 1;
const FALSE = 2;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const SET = 10;
const STRUCT = 12;
const MAX_DEPTH = 64;

/** @throws RangeError for bytes that are no struct. */
export function readThrift(bytes: Buffer): ThriftStruct {
  let at = 0;
  const byte = (): number => {
    const value = bytes[at++];
    if (value === undefined) throw new RangeError("the footer ends too early");
    return value;
  };
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const part = byte();
      value |= BigInt(part & 127) << shift;
      if (part < 128) return value;
    }
    throw new RangeError("a number of the footer is too long");
  };
  const integer = (): bigint => {
    const raw = varint();
    return (raw >> 1n) ^ -(raw & 1n);
  };
  const take = (length: number): Buffer => {
    if (length < 0 || at + length > bytes.length) throw new RangeError("the footer ends too early");
    at += length;
    return bytes.subarray(at - length, at);
  };
  const value = (type: number, depth: number): ThriftValue => {
    if (depth > MAX_DEPTH) throw new RangeError("the footer is nested too deeply");
    switch (type) {
      case TRUE:
      case FALSE:
        return { kind: "bool", value: type === TRUE };
      case 3:
        return { kind: "int", type, value: BigInt(byte()) };
      case 4:
      case 5:
      case 6:
        return { kind: "int", type, value: integer() };
      case DOUBLE:
        return { kind: "double", bytes: take(8) };
      case BINARY:
        return { kind: "binary", bytes: take(Number(varint())) };
      case LIST:
      case SET:
        return list(depth);
      case STRUCT:
        return { kind: "struct", fields: struct(depth + 1) };
      default:
        throw new RangeError(`the footer has a value of type ${type}`);
    }
  };
  const list = (depth: number): ThriftValue => {
    const head = byte();
    const size = head >> 4 === 15 ? Number(varint()) : head >> 4;
    if (size > bytes.length) throw new RangeError("a list of the footer is too long");
    const type = head & 15;
    const items: ThriftValue[] = [];
    for (let index = 0; index < size; index++) {
      items.push(type === TRUE || type === FALSE ? value(byte(), depth + 1) : value(type, depth + 1));
    }
    return { kind: "list", type, items };
  };
  const struct = (depth: number): ThriftStruct => {
    const fields = new Map<number, ThriftValue>();
    let last = 0;
    for (;;) {
      const head = byte();
      if (head === 0) return fields;
      last = head >> 4 === 0 ? Number(integer()) : last + (head >> 4);
      fields.set(last, value(head & 15, depth));
    }
  };
  return struct(0);
}

export function writeThrift(fields: ThriftStruct): Buffer {
  const pieces: Buffer[] = [];
  const varint = (value: bigint): void => {
    const bytes: number[] = [];
    let rest = value;
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    pieces.push(Buffer.from(bytes));
  };
  const integer = (value: bigint): void => varint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));
  const body = (value: ThriftValue): void => {
    switch (value.kind) {
      case "bool":
        return;
      case "int":
        if (value.type === 3) pieces.push(Buffer.from([Number(value.value) & 255]));
        else integer(value.value);
        return;
      case "double":
        pieces.push(value.bytes);
        return;
      case "binary":
        varint(BigInt(value.bytes.length));
        pieces.push(value.bytes);
        return;
      case "list":
        list(value);
        return;
      case "struct":
        struct(value.fields);
    }
  };
  const list = ({ type, items }: Extract<ThriftValue, { readonly kind: "list" }>): void => {
    if (items.length < 15) pieces.push(Buffer.from([(items.length << 4) | type]));
    else {
      pieces.push(Buffer.from([0xf0 | type]));
      varint(BigInt(items.length));
    }
    for (const item of items) {
      if (item.kind === "bool") pieces.push(Buffer.from([item.value ? TRUE : FALSE]));
      else body(item);
    }
  };
  const struct = (inner: ThriftStruct): void => {
    let last = 0;
    for (const [id, value] of [...inner].sort(([a], [b]) => a - b)) {
      const type = typeOf(value);
      const step = id - last;
      if (step > 0 && step < 16) pieces.push(Buffer.from([(step << 4) | type]));
      else {
        pieces.push(Buffer.from([type]));
        integer(BigInt(id));
      }
      body(value);
      last = id;
    }
    pieces.push(Buffer.from([0]));
  };
  struct(fields);
  return Buffer.concat(pieces);
}

function typeOf(value: ThriftValue): number {
  switch (value.kind) {
    case "bool":
      return value.value ? TRUE : FALSE;
    case "int":
      return value.type;
    case "double":
      return DOUBLE;
    case "binary":
      return BINARY;
    case "list":
      return LIST;
    case "struct":
      return STRUCT;
  }
}
