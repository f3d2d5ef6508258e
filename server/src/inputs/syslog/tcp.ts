import { syslogHost } from "@tyto/domain";
import type { TlsIdentity } from "@tyto/domain";
import type { Input, InputContext } from "../ports.ts";
import { FrameSession } from "../stream/frame-session.ts";
import type { StreamProtocol } from "../stream/ports.ts";
import { StreamInput } from "../stream/stream-input.ts";
import type { StreamOptions } from "../stream/stream-input.ts";
import { SyslogFramer } from "./framer.ts";

export interface SyslogTcpOptions extends Omit<StreamOptions, "tls"> {
  readonly maxFrameBytes?: number;
}

export interface SyslogTlsOptions extends SyslogTcpOptions {
  readonly tls: TlsIdentity;
}

const MAX_FRAME_BYTES = 64 * 1024;

/** Syslog over TCP (RFC 6587). When the journal is behind, the socket is not read, and the sender's window closes. */
export function syslogTcp(options: SyslogTcpOptions, context: InputContext): Input {
  const { maxFrameBytes = MAX_FRAME_BYTES, ...rest } = options;
  const names = { kind: "syslog-tcp", title: "syslog over TCP", flag: "--syslog-tcp" } as const;
  return new StreamInput(syslogProtocol(names, maxFrameBytes), rest, context);
}

/** Syslog over TLS (RFC 5425). Senders that send lines instead of counted frames are understood as well. */
export function syslogTls(options: SyslogTlsOptions, context: InputContext): Input {
  const { maxFrameBytes = MAX_FRAME_BYTES, ...rest } = options;
  const names = { kind: "syslog-tls", title: "syslog over TLS", flag: "--syslog-tls" } as const;
  return new StreamInput(syslogProtocol(names, maxFrameBytes), rest, context);
}

function syslogProtocol(
  names: Pick<StreamProtocol, "kind" | "title" | "flag">,
  maxFrameBytes: number,
): StreamProtocol {
  const { kind } = names;
  return {
    ...names,
    refusal: "lost",
    clientsRead: false,
    open: (link, services) =>
      new FrameSession({ kind, framer: new SyslogFramer(maxFrameBytes), hostOf: syslogHost, link, services }),
  };
}
