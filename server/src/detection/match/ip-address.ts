/** Sixteen bytes; IPv4 stands in the IPv4-mapped range, so that `::ffff:192.0.2.1` and `192.0.2.1` are one address. */
export type IpAddress = readonly number[];

const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] as const;

/** Reads IPv4 (dotted, four decimal parts) and IPv6 (RFC 4291, any case, compressed, IPv4 tail, zone dropped). */
export function parseIp(text: string): IpAddress | undefined {
  if (text.length > 64) return undefined;
  if (text.includes(":")) return parseV6(text.split("%", 1)[0] ?? "");
  const v4 = parseV4(text);
  return v4 === undefined ? undefined : [...MAPPED_PREFIX, ...v4];
}

function parseV4(text: string): readonly number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes: number[] = [];
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes.push(Number(part));
  }
  return bytes;
}

function parseV6(text: string): IpAddress | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "");
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? "") : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

function parseGroups(text: string): readonly number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (group.includes(".") && index === groups.length - 1) {
      const v4 = parseV4(group);
      if (v4 === undefined) return undefined;
      bytes.push(...v4);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes;
}

function isMapped(address: IpAddress): boolean {
  return MAPPED_PREFIX.every((byte, index) => address[index] === byte);
}

/** Canonical text: dotted for IPv4, RFC 5952 for IPv6. `undefined` when the text is no address. */
export function canonicalIp(text: string): string | undefined {
  const address = parseIp(text.trim());
  if (address === undefined) return undefined;
  if (isMapped(address)) return address.slice(12).join(".");
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((address[i * 2] ?? 0) << 8) | (address[i * 2 + 1] ?? 0),
  );
  const run = longestZeroRun(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(":");
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

export interface IpNetwork {
  readonly address: IpAddress;
  /** Leading bits that count, of 128. */
  readonly bits: number;
  readonly hasHostBits: boolean;
}

/** Reads `address/bits`; a bare address is a network of one. */
export function parseNetwork(text: string): IpNetwork | undefined {
  const [addressText = "", bitsText, more] = text.split("/");
  const address = parseIp(addressText);
  if (address === undefined || more !== undefined) return undefined;
  const isV4 = !addressText.includes(":");
  const width = isV4 ? 32 : 128;
  if (bitsText !== undefined && !/^\d{1,3}$/.test(bitsText)) return undefined;
  const length = bitsText === undefined ? width : Number(bitsText);
  if (length > width) return undefined;
  const bits = isV4 ? length + 96 : length;
  const hasHostBits = address.some((byte, index) => (byte & ~maskOf(bits, index) & 0xff) !== 0);
  return { address, bits, hasHostBits };
}

function maskOf(bits: number, index: number): number {
  const own = Math.min(Math.max(bits - index * 8, 0), 8);
  return (0xff << (8 - own)) & 0xff;
}

/** An IPv4 address lies in an IPv6 network only when that network is written for mapped addresses. */
export function isInNetwork(address: IpAddress, network: IpNetwork): boolean {
  if (network.bits < 96 && isMapped(address)) return false;
  return network.address.every((byte, index) => {
    const mask = maskOf(network.bits, index);
    return (byte & mask) === ((address[index] ?? 0) & mask);
  });
}
