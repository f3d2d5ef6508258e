import { BlockList, isIP } from "node:net";
import { textOf } from "./enricher.ts";
import type { Enricher } from "./enricher.ts";
import { BoundedCache } from "./bounded-cache.ts";

/** Private use, loopback and link-local addresses: inside wherever the inside is. */
export const PRIVATE_NETWORKS = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
] as const;

/**
 * `network.direction` as seen from the perimeter, where the pack said nothing.
 *
 * With networks of the operator's it is derived for every connection. Without, private addresses are taken for the inside, and that is
 * a guess (a company's own public addresses would be outside), so it is made only where the pack asks for it with the scratch
 * field `_direction`: for products that stand at the perimeter.
 */
export function createDirectionEnricher(internal: readonly string[] | undefined): Enricher {
  const inside = createNetworkTest(internal ?? PRIVATE_NETWORKS);
  const isGuess = internal === undefined;
  return (fields) => {
    if (fields.has("network.direction") || (isGuess && !fields.has("_direction"))) return;
    const source = textOf(fields, "source.ip");
    const destination = textOf(fields, "destination.ip");
    if (source === undefined || destination === undefined) return;
    const isFromInside = inside(source);
    const isToInside = inside(destination);
    fields.set(
      "network.direction",
      isFromInside ? (isToInside ? "internal" : "outbound") : isToInside ? "inbound" : "external",
    );
  };
}

/** @param networks `10.0.0.0/8`, `2001:db8::/32` or single addresses; the configuration has checked them. */
function createNetworkTest(networks: readonly string[]): (ip: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    const isSix = isIP(address) === 6;
    list.addSubnet(address, Number(bits ?? (isSix ? 128 : 32)), isSix ? "ipv6" : "ipv4");
  }
  const cache = new BoundedCache((ip) => list.check(ip, isIP(ip) === 6 ? "ipv6" : "ipv4"), {
    size: 20_000,
    longestText: 45,
  });
  return (ip) => isIP(ip) !== 0 && cache.get(ip);
}
