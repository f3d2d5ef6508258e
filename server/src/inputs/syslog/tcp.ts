import type { TlsIdentity } from "@tyto/domain";
import type { Input, InputContext } from "../ports.ts";
import type { StreamProtocol } from "../stream/ports.ts";
import { StreamInput } from "../stream/stream-input.ts";
import type { StreamOptions } from "../stream/stream-input.ts";
import { SyslogSession } from "./syslog-session.ts";

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
  const protocol = {
    kind: "syslog-tcp",
    title: "syslog over TCP",
    flag: "--syslog-tcp",
    refusal: "lost",
    open: (link, services) => new SyslogSession({ kind: "syslog-tcp", maxFrameBytes, link, services }),
  } as const satisfies StreamProtocol;
  return new StreamInput(protocol, rest, context);
}

/** Syslog over TLS (RFC 5425). Senders that send lines instead of counted frames are understood as well. */
export function syslogTls(options: SyslogTlsOptions, context: InputContext): Input {
  const { maxFrameBytes = MAX_FRAME_BYTES, ...rest } = options;
  const protocol = {
    kind: "syslog-tls",
    title: "syslog over TLS",
    flag: "--syslog-tls",
    refusal: "lost",
    open: (link, services) => new SyslogSession({ kind: "syslog-tls", maxFrameBytes, link, services }),
  } as const satisfies StreamProtocol;
  return new StreamInput(protocol, rest, context);
}
