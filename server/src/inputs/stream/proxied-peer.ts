import { BlockList, isIPv6 } from "node:net";
import type { Socket } from "node:net";
import { readProxyHeader } from "./proxy-header.ts";

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
  let held = Buffer.alloc(0);
  return new Promise((resolve) => {
    const deadline = setTimeout(() => settle({ kind: "late" }), timeoutMs);
    const onReadable = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      held = Buffer.concat([held, chunk]);
      const header = readProxyHeader(held);
      if (header.kind === "malformed") settle({ kind: "malformed" });
      if (header.kind !== "header") return;
      const rest = held.subarray(header.length);
      settle({ kind: "peer", address: header.address });
      if (rest.length > 0) socket.unshift(rest);
    };
    const onGone = (): void => settle({ kind: "gone" });
    const settle = (outcome: ProxiedPeer): void => {
      clearTimeout(deadline);
      socket.off("readable", onReadable);
      socket.off("end", onGone);
      socket.off("close", onGone);
      resolve(outcome);
    };
    socket.on("readable", onReadable);
    socket.once("end", onGone);
    socket.once("close", onGone);
  });
}
