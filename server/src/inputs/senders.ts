import { isIPv6 } from "node:net";
import type { InputFault, InputKind } from "@tyto/domain";
import type { SourceKey } from "./ports.ts";

/** One record, framing removed. With a fault: the bytes as far as the limit goes. */
export interface Frame {
  readonly bytes: Uint8Array;
  readonly fault?: InputFault;
}

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

/** No token is named: a sender is whom the socket saw and the host that the record names. */
function senderKey(input: InputKind, { identity, name }: Sender, host: string | undefined): SourceKey {
  return host === undefined
    ? { input, discriminator: identity, name }
    : { input, discriminator: `${identity} ${host}`, name: host };
}

/** Collects frames by sender and fault, in order of first sight. */
export class SenderGroups {
  readonly #input: InputKind;
  readonly #hostOf: (record: Uint8Array) => string | undefined;
  readonly #groups = new Map<string, SenderGroup>();

  /** @param hostOf the host that a record names, if it does. */
  constructor(input: InputKind, hostOf: (record: Uint8Array) => string | undefined) {
    this.#input = input;
    this.#hostOf = hostOf;
  }

  /** @returns the group that the frame is in now. */
  add(frame: Frame, sender: Sender): SenderGroup {
    const host = this.#hostOf(frame.bytes);
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
