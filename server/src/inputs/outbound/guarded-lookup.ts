import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { isPrivateAddress } from "./addresses.ts";

/** A name that leads into the own network, where the connection does not allow that. */
export class PrivateAddress extends Error {
  constructor(host: string) {
    super(`${host} is a private address`);
    this.name = "PrivateAddress";
  }
}

/**
 * Resolves names for sockets and refuses private addresses. The socket connects to what was checked, so a name that changes its answer
 * in between gains nothing.
 */
export function guardedLookup(allowPrivate: boolean): LookupFunction {
  return (host, options, answer) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return answer(error, []);
      const fit = allowPrivate ? addresses : addresses.filter(({ address }) => !isPrivateAddress(address));
      const [first] = fit;
      if (first === undefined) return answer(new PrivateAddress(host), []);
      if (options.all === true) answer(null, fit);
      else answer(null, first.address, first.family);
    });
  };
}

/** Literal addresses are never looked up. @throws PrivateAddress */
export function refusePrivateLiteral(host: string, allowPrivate: boolean): void {
  if (allowPrivate) return;
  const isLiteral = /^[\d.]+$/.test(host) || host.includes(":");
  if (isLiteral && isPrivateAddress(host)) throw new PrivateAddress(host);
}
