import { isIP } from "node:net";
import { fill, numberOf, textOf } from "./enricher.ts";
import type { Fields } from "./enricher.ts";
import { protocolName, protocolNumber } from "./protocols.ts";

/** `network.transport` and `network.iana_number`, each from the other; a number in the name's place becomes the name. */
export function addProtocol(fields: Fields): void {
  const transport = textOf(fields, "network.transport");
  if (transport === undefined) {
    const number = Number(textOf(fields, "network.iana_number") ?? Number.NaN);
    return fill(fields, "network.transport", protocolName(number));
  }
  const name = transport.toLowerCase();
  const number = /^\d{1,3}$/.test(name) ? Number(name) : protocolNumber(name);
  if (number === undefined) return;
  fill(fields, "network.iana_number", String(number));
  // A known name keeps its own spelling (`icmp6`), but for capitals, which ECS does not have here.
  const written = name === String(number) ? protocolName(number) : name;
  if (written !== undefined && written !== transport) fields.set("network.transport", written);
}

/** Which IP, where the event is about a connection and not only about somebody's address. */
export function addNetworkType(fields: Fields): void {
  if (fields.has("network.type")) return;
  const source = textOf(fields, "source.ip");
  const destination = textOf(fields, "destination.ip");
  const isConnection = (source !== undefined && destination !== undefined) || fields.has("network.transport");
  if (!isConnection) return;
  const version = isIP(source ?? destination ?? "");
  if (version !== 0) fields.set("network.type", version === 4 ? "ipv4" : "ipv6");
}

/** What both directions carried, where both are known. */
export function addTotals(fields: Fields): void {
  addTotal(fields, "bytes");
  addTotal(fields, "packets");
}

function addTotal(fields: Fields, unit: "bytes" | "packets"): void {
  const there = numberOf(fields, unit === "bytes" ? "source.bytes" : "source.packets");
  const back = numberOf(fields, unit === "bytes" ? "destination.bytes" : "destination.packets");
  if (there === undefined || back === undefined) return;
  const total = there + back;
  if (Number.isSafeInteger(total)) fill(fields, `network.${unit}`, total);
}
