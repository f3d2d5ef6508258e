import { BlockList, isIP, isIPv6 } from "node:net";

/** Addresses that are no public ones (IANA's special-purpose registries): what a request from outside must not be turned against. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv4");
}
for (const [network, prefix] of [
  ["::", 127],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv6");
}

/** IPv4 within IPv6: mapped, translated (NAT64) and 6to4. */
const EMBEDDED =
  /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$|^2002:([0-9a-f]{1,4}):([0-9a-f]{1,4}):/i;

/** Whether a literal address is private, loopback, link-local, multicast or otherwise not public. What is no address is. */
export function isPrivateAddress(address: string): boolean {
  const literal = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  if (isIP(literal) === 0) return true;
  if (!isIPv6(literal)) return PRIVATE.check(literal, "ipv4");
  const canonical = new URL(`http://[${literal}]/`).hostname.slice(1, -1);
  const m = EMBEDDED.exec(canonical);
  if (m !== null) return PRIVATE.check(dotted(m[1] ?? m[3] ?? "0", m[2] ?? m[4] ?? "0"), "ipv4");
  return PRIVATE.check(canonical, "ipv6");
}

function dotted(high: string, low: string): string {
  const value = (parseInt(high, 16) << 16) | parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join(".");
}
