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

/** Syslog names no token: a sender is the address that the socket saw and the host that the header names. */
export function senderKey(input: InputKind, peer: string, host: string | undefined): SourceKey {
  return host === undefined
    ? { input, discriminator: peer, name: peer }
    : { input, discriminator: `${peer} ${host}`, name: host };
}

/** Collects frames by sender and fault, in order of first sight. */
export class SenderGroups {
  readonly #input: InputKind;
  readonly #groups = new Map<string, SenderGroup>();

  constructor(input: InputKind) {
    this.#input = input;
  }

  add(frame: Frame, peer: string): void {
    const host = syslogHost(frame.bytes);
    const id = `${frame.fault ?? ""} ${peer} ${host ?? ""}`;
    const group = this.#groups.get(id);
    if (group !== undefined) {
      group.records.push(frame.bytes);
      return;
    }
    const fault = frame.fault === undefined ? {} : { fault: frame.fault };
    this.#groups.set(id, { key: senderKey(this.#input, peer, host), peer, ...fault, records: [frame.bytes] });
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
