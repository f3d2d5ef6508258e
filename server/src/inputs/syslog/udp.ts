import { syslogHost } from "@tyto/domain";
import { DatagramInput } from "../datagram/datagram-input.ts";
import type { DatagramOptions } from "../datagram/datagram-input.ts";
import type { Input, InputContext } from "../ports.ts";
import { trimFrameEnd } from "./framer.ts";

/** Syslog over UDP: one datagram, one record. */
export function syslogUdp(options: DatagramOptions, context: InputContext): Input {
  const protocol = {
    kind: "syslog-udp",
    title: "syslog over UDP",
    flag: "--syslog-udp",
    take: (datagram: Uint8Array) => [{ bytes: trimFrameEnd(datagram) }],
    hostOf: syslogHost,
  } as const;
  return new DatagramInput(protocol, options, context);
}
