/** The lowest and the highest address of a network, as IPv6 text; an IPv4 address is mapped (`::ffff:192.0.2.1`). */
export interface IpRange {
  readonly low: string;
  readonly high: string;
}

const IPV4_MAPPED = 0xffffn << 32n;
const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const ALL_ONES = (1n << 128n) - 1n;

/** An address as the engine's IPv6 type reads it; `undefined` when the text is none. */
export function parseIp(text: string): string | undefined {
  const value = addressBits(text);
  return value === undefined ? undefined : formatBits(value);
}

/** Reads `192.0.2.0/24`, `2001:db8::/32`, or one address. `undefined` when the text is no network. */
export function parseIpRange(text: string): IpRange | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const bits = addressBits(address);
  if (bits === undefined) return undefined;
  const width = address.includes(":") ? 128 : 32;
  const prefix = slash < 0 ? width : prefixLength(text.slice(slash + 1), width);
  if (prefix === undefined) return undefined;
  const hostMask = (1n << BigInt(width - prefix)) - 1n;
  const low = bits & (ALL_ONES ^ hostMask);
  return { low: formatBits(low), high: formatBits(low | hostMask) };
}

function prefixLength(text: string, width: number): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= width ? Number(text) : undefined;
}

function addressBits(text: string): bigint | undefined {
  return text.includes(":") ? ipv6Bits(text) : ipv4Bits(text);
}

function ipv4Bits(text: string): bigint | undefined {
  const parts = IPV4.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n) | IPV4_MAPPED;
}

/** RFC 4291, section 2.2: groups, one `::`, and an IPv4 tail. */
function ipv6Bits(text: string): bigint | undefined {
  const lastColon = text.lastIndexOf(":");
  const tail = text.slice(lastColon + 1);
  if (tail.includes(".")) {
    const v4 = ipv4Bits(tail);
    if (v4 === undefined) return undefined;
    const low = v4 & 0xffffffffn;
    const groups = `${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
    return ipv6Bits(text.slice(0, lastColon + 1) + groups);
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [left, right] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const head = left ?? [];
  const rest = right ?? [];
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => "0"), ...rest];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

function formatBits(bits: bigint): string {
  if (bits >> 32n === 0xffffn) {
    const octets = [24n, 16n, 8n, 0n].map((shift) => ((bits >> shift) & 0xffn).toString());
    return `::ffff:${octets.join(".")}`;
  }
  return Array.from({ length: 8 }, (_, index) =>
    ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16),
  ).join(":");
}
