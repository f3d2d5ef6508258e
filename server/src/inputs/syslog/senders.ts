import { isIPv6 } from "node:net";
import { syslogHost } from "@tyto/domain";
import type { InputFault, InputKind } from "@tyto/domain";
import type { SourceKey } from "../ports.ts";
import type { Frame } from "./framer.ts";

/** Frames that came together from one sender with the same fault (or none): one batch. */
export interface SenderGroup {
  readonly key: SourceKey;
  readonly peer: string;
  readonly fault?: InputFault;
  readonly records: Uint8Array[];
}

/** Whom the socket saw. */
interface Sender {
  readonly address: string;
  /** The subject of a certificate, else the address. */
  readonly identity: string;
  readonly name: string;
}

/** Syslog names no token: a sender is whom the socket saw and the host that the header names. */
function senderKey(input: InputKind, { identity, name }: Sender, host: string | undefined): SourceKey {
  return host === undefined
    ? { input, discriminator: identity, name }
    : { input, discriminator: `${identity} ${host}`, name: host };
}

/** Collects frames by sender and fault, in order of first sight. */
export class SenderGroups {
  readonly #input: InputKind;
  readonly #groups = new Map<string, SenderGroup>();

  constructor(input: InputKind) {
    this.#input = input;
  }

  /** @returns the group that the frame is in now. */
  add(frame: Frame, sender: Sender): SenderGroup {
    const host = syslogHost(frame.bytes);
    const id = `${frame.fault ?? ""} ${sender.identity} ${host ?? ""}`;
    const known = this.#groups.get(id);
    if (known !== undefined) {
      known.records.push(frame.bytes);
      return known;
    }
    const fault = frame.fault === undefined ? {} : { fault: frame.fault };
    const group = {
      key: senderKey(this.#input, sender, host),
      peer: sender.address,
      ...fault,
      records: [frame.bytes],
    };
    this.#groups.set(id, group);
    return group;
  }

  values(): readonly SenderGroup[] {
    return [...this.#groups.values()];
  }
}

/** `::ffff:192.0.2.1` is 192.0.2.1: the same sender over a socket that takes both families. */
export function peerAddress(address: string | undefined): string {
  return (address ?? "unknown").replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
}

/** `host:port`, the host in brackets where it is IPv6. */
export function boundAddress(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
