import { isIP } from "node:net";

/**
 * Whether a `Host` header names this server. A page of an attacker can point its own *name* at a loopback or inside address
 * (DNS rebinding) and would then be same-origin with us; it cannot do so with a literal address.
 */
export function isKnownHost(hostHeader: string, names: ReadonlySet<string>): boolean {
  const name = hostName(hostHeader);
  if (name === undefined) return false;
  return name === "localhost" || name.endsWith(".localhost") || isIP(name) !== 0 || names.has(name);
}

/** Lower-case name or address without port and brackets; `undefined` for what is no host. */
function hostName(header: string): string | undefined {
  const m = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:/\\@\s[\]]+))(?::\d{1,5})?$/.exec(header);
  return (m?.[1] ?? m?.[2])?.toLowerCase().replace(/\.$/, "");
}
