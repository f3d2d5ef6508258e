import { isIP } from "node:net";
import { fill, textOf } from "./enricher.ts";
import type { Fields } from "./enricher.ts";

const ENDS = ["source", "destination", "client", "server"].map((set) => ({
  address: `${set}.address`,
  ip: `${set}.ip`,
  domain: `${set}.domain`,
}));

/** `10.900.0.1` is neither address nor name. */
const NAME = /^(?=.*[A-Za-z])[\w.-]{1,253}$/;

/** ECS, "address": what the log has there, be it an address or a name; the one it is stands in `ip` or `domain` too. */
export function addAddresses(fields: Fields): void {
  for (const { address, ip, domain } of ENDS) {
    const text = textOf(fields, address);
    if (text === undefined) {
      fill(fields, address, textOf(fields, ip) ?? textOf(fields, domain));
    } else if (isIP(text) !== 0 && !text.includes("%")) fill(fields, ip, text);
    else if (!fields.has(ip) && NAME.test(text)) fill(fields, domain, text);
  }
}
