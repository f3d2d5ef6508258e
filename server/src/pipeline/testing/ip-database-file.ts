import { isIP } from "node:net";
import { ipBytes } from "../enrichers/ip-bytes.ts";

/** Values that a record of the format may hold, as far as tests need them. */
export type RecordValue = string | number | readonly RecordValue[] | { readonly [key: string]: RecordValue };

interface Node {
  left: Node | Leaf | null;
  right: Node | Leaf | null;
}
interface Leaf {
  readonly offset: number;
}

const SEPARATOR_BYTES = 16;

/** A file in MaxMind's format (version 2.0, IPv6 tree, 24-bit records) with one record per network. */
export function ipDatabaseFile(networks: Readonly<Record<string, RecordValue>>): Buffer {
  const root: Node = { left: null, right: null };
  const data: Buffer[] = [];
  let offset = 0;
  for (const [network, record] of Object.entries(networks)) {
    const encoded = encode(record);
    insert(root, network, { offset });
    data.push(encoded);
    offset += encoded.length;
  }
  const nodes = numbered(root);
  const description = encode({
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1_772_000_000,
    database_type: "Test",
    description: { en: "made by a test" },
    ip_version: 6,
    languages: ["en"],
    node_count: nodes.length,
    record_size: 24,
  });
  return Buffer.concat([
    treeBytes(nodes),
    Buffer.alloc(SEPARATOR_BYTES),
    ...data,
    Buffer.from("\xab\xcd\xefMaxMind.com", "latin1"),
    description,
  ]);
}

/** IPv4 networks lie under `::/96`. */
function insert(root: Node, network: string, leaf: Leaf): void {
  const [address = "", size = ""] = network.split("/");
  const isFour = isIP(address) === 4;
  const bytes = ipBytes(isFour ? `::${address}` : address) ?? new Uint8Array(16);
  const bits = Number(size) + (isFour ? 96 : 0);
  let node = root;
  for (let i = 0; i < bits; i += 1) {
    const side = ((bytes[i >> 3] ?? 0) >> (7 - (i & 7))) & 1 ? "right" : "left";
    if (i === bits - 1) {
      node[side] = leaf;
      return;
    }
    const next = node[side];
    const inner: Node = next !== null && "left" in next ? next : { left: null, right: null };
    node[side] = inner;
    node = inner;
  }
}

function numbered(root: Node): readonly Node[] {
  const nodes: Node[] = [root];
  for (const node of nodes) {
    for (const side of [node.left, node.right]) if (side !== null && "left" in side) nodes.push(side);
  }
  return nodes;
}

function treeBytes(nodes: readonly Node[]): Buffer {
  const numbers = new Map(nodes.map((node, i) => [node, i]));
  const bytes = Buffer.alloc(nodes.length * 6);
  const valueOf = (side: Node | Leaf | null): number => {
    if (side === null) return nodes.length;
    return "left" in side ? (numbers.get(side) ?? 0) : nodes.length + SEPARATOR_BYTES + side.offset;
  };
  nodes.forEach((node, i) => {
    bytes.writeUIntBE(valueOf(node.left), i * 6, 3);
    bytes.writeUIntBE(valueOf(node.right), i * 6 + 3, 3);
  });
  return bytes;
}

const TYPE = { text: 2, double: 3, uint32: 6, map: 7, list: 11 } as const;

function encode(value: RecordValue): Buffer {
  if (typeof value === "string") {
    const bytes = Buffer.from(value);
    return Buffer.concat([control(TYPE.text, bytes.length), bytes]);
  }
  if (typeof value === "number") return encodeNumber(value);
  if (Array.isArray(value)) {
    const items = value as readonly RecordValue[];
    return Buffer.concat([control(TYPE.list, items.length), ...items.map(encode)]);
  }
  const entries = Object.entries(value);
  return Buffer.concat([
    control(TYPE.map, entries.length),
    ...entries.flatMap(([key, item]) => [encode(key), encode(item)]),
  ]);
}

function encodeNumber(value: number): Buffer {
  const isWhole = Number.isInteger(value) && value >= 0;
  const bytes = Buffer.alloc(isWhole ? 4 : 8);
  if (isWhole) bytes.writeUInt32BE(value);
  else bytes.writeDoubleBE(value);
  return Buffer.concat([control(isWhole ? TYPE.uint32 : TYPE.double, bytes.length), bytes]);
}

/** Types beyond 7 are written behind the control byte, less 7; sizes from 29 on with a byte of their own. */
function control(type: number, size: number): Buffer {
  const short = Math.min(size, 29);
  const bytes = type > 7 ? [short, type - 7] : [(type << 5) | short];
  return Buffer.from(size >= 29 ? [...bytes, size - 29] : bytes);
}
