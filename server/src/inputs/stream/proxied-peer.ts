import { BlockList, isIPv6 } from "node:net";
import type { Socket } from "node:net";
import { readProxyHeader } from "./proxy-header.ts";
import { readHead } from "./read-head.ts";

/** The proxies whose header is believed: addresses and networks such as `10.0.0.0/8`. */
export class TrustedProxies {
  readonly #list = new BlockList();

  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = "", bits] = network.split("/");
      const family = isIPv6(address) ? "ipv6" : "ipv4";
      if (bits === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(bits), family);
    }
  }

  has(address: string): boolean {
    return this.#list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  }
}

export type ProxiedPeer =
  | { readonly kind: "peer"; readonly address: string | undefined }
  | { readonly kind: "malformed" | "late" | "gone" };

/** Reads the header that a proxy sends first, and leaves what follows unread. */
export async function readProxiedPeer(socket: Socket, timeoutMs: number): Promise<ProxiedPeer> {
  const outcome = await readHead<ProxiedPeer>(socket, timeoutMs, (bytes) => {
    const header = readProxyHeader(bytes);
    switch (header.kind) {
      case "incomplete":
        return undefined;
      case "malformed":
        return { value: { kind: "malformed" }, length: 0 };
      case "header":
        return { value: { kind: "peer", address: header.address }, length: header.length };
    }
  });
  return typeof outcome === "string" ? { kind: outcome } : outcome;
}
