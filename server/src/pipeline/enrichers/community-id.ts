import { hash } from "node:crypto";
import { numberOf, textOf } from "./enricher.ts";
import type { Fields } from "./enricher.ts";
import { ipBytes } from "./ip-bytes.ts";

/** One flow as its first packet shows it. For ICMP the ports are type and code. */
export interface Flow {
  readonly sourceIp: string;
  readonly destinationIp: string;
  /** IANA's number. */
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

const ICMP = 1;
const TCP = 6;
const UDP = 17;
const ICMP6 = 58;
const SCTP = 132;

/**
 * ICMP types that are one half of a question and its answer. The code's place is taken by the other half's type, so that both
 * directions are one flow. Types that are not here go one way only.
 */
const ICMP_COUNTERPARTS: ReadonlyMap<number, number> = new Map([
  [0, 8],
  [8, 0],
  [9, 10],
  [10, 9],
  [13, 14],
  [14, 13],
  [15, 16],
  [16, 15],
  [17, 18],
  [18, 17],
]);
const ICMP6_COUNTERPARTS: ReadonlyMap<number, number> = new Map([
  [128, 129],
  [129, 128],
  [130, 131],
  [131, 130],
  [133, 134],
  [134, 133],
  [135, 136],
  [136, 135],
  [139, 140],
  [140, 139],
  [144, 145],
  [145, 144],
]);

/**
 * Writes `network.community_id`, version 1 with seed 0, where both ends and the protocol stand. A pack whose product translates
 * addresses may ask with the scratch field `_both_sides` for the ids of the flow before and behind the translator.
 */
export function addCommunityId(fields: Fields): void {
  if (fields.has("network.community_id")) return;
  const protocol = Number(textOf(fields, "network.iana_number") ?? Number.NaN);
  if (!isCovered(protocol)) return;
  const sourceIp = textOf(fields, "source.ip");
  const destinationIp = textOf(fields, "destination.ip");
  if (sourceIp === undefined || destinationIp === undefined) return;
  const isIcmp = protocol === ICMP || protocol === ICMP6;
  // A pack that knows type and code says so in scratch fields; flow exporters and Zeek log them in the ports' places.
  const sourcePort = (isIcmp ? scratch(fields, "_icmp_type") : undefined) ?? numberOf(fields, "source.port");
  const destinationPort =
    (isIcmp ? scratch(fields, "_icmp_code") : undefined) ?? numberOf(fields, "destination.port");
  if (sourcePort === undefined || destinationPort === undefined) return;
  // Port 0 stands for one that is not known yet: a socket before it is bound. The id would be no flow's.
  if (!isIcmp && (sourcePort === 0 || destinationPort === 0)) return;
  const flow: Flow = { sourceIp, destinationIp, protocol, sourcePort, destinationPort };
  const id = communityId(flow);
  if (id === undefined) return;
  const other = fields.has("_both_sides") ? communityId(translatedFlow(fields, flow)) : undefined;
  fields.set("network.community_id", other === undefined || other === id ? id : [id, other]);
}

/** The same flow on the other side of the translator: another sensor sees it so. */
function translatedFlow(fields: Fields, flow: Flow): Flow {
  return {
    protocol: flow.protocol,
    sourceIp: textOf(fields, "source.nat.ip") ?? flow.sourceIp,
    destinationIp: textOf(fields, "destination.nat.ip") ?? flow.destinationIp,
    sourcePort: numberOf(fields, "source.nat.port") ?? flow.sourcePort,
    destinationPort: numberOf(fields, "destination.nat.port") ?? flow.destinationPort,
  };
}

function isCovered(protocol: number): boolean {
  return protocol === TCP || protocol === UDP || protocol === ICMP || protocol === ICMP6 || protocol === SCTP;
}

function scratch(fields: Fields, name: string): number | undefined {
  const value = fields.get(name);
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 0 ? number : undefined;
}

/** Community ID version 1 with seed 0; `undefined` when an end is no address or the two are of different families. */
export function communityId(flow: Flow): string | undefined {
  const source = ipBytes(flow.sourceIp);
  const destination = ipBytes(flow.destinationIp);
  if (source === undefined || destination?.length !== source.length) return undefined;
  const { sourcePort, destinationPort, isOneWay } = portsOf(flow);
  const order = compareBytes(source, destination);
  const isOrdered = isOneWay || order < 0 || (order === 0 && sourcePort <= destinationPort);
  const size = source.length;
  const bytes = new Uint8Array(2 + 2 * size + 6);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0);
  bytes.set(isOrdered ? source : destination, 2);
  bytes.set(isOrdered ? destination : source, 2 + size);
  view.setUint8(2 + 2 * size, flow.protocol);
  view.setUint16(4 + 2 * size, isOrdered ? sourcePort : destinationPort);
  view.setUint16(6 + 2 * size, isOrdered ? destinationPort : sourcePort);
  return `1:${hash("sha1", bytes, "base64")}`;
}

function portsOf(flow: Flow): {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly isOneWay: boolean;
} {
  const { protocol, sourcePort, destinationPort } = flow;
  if (protocol !== ICMP && protocol !== ICMP6) return { sourcePort, destinationPort, isOneWay: false };
  const counterpart = (protocol === ICMP ? ICMP_COUNTERPARTS : ICMP6_COUNTERPARTS).get(sourcePort);
  return counterpart === undefined
    ? { sourcePort, destinationPort, isOneWay: true }
    : { sourcePort, destinationPort: counterpart, isOneWay: false };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i += 1) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
