import type { Input, InputContext } from "../ports.ts";
import type { StreamProtocol } from "../stream/ports.ts";
import { StreamInput } from "../stream/stream-input.ts";
import type { StreamOptions } from "../stream/stream-input.ts";
import { RelpSession } from "./relp-session.ts";

export interface RelpOptions extends StreamOptions {
  /** Longer messages are cut, marked and acknowledged: a sender would repeat them for ever. */
  readonly maxFrameBytes?: number;
}

/** RELP, in the clear or over TLS: rsyslog keeps a message until it is durable here. */
export function relp(options: RelpOptions, context: InputContext): Input {
  const { maxFrameBytes = 256 * 1024, ...rest } = options;
  const protocol: StreamProtocol = {
    kind: "relp",
    title: "RELP",
    flag: "--relp",
    refusal: "left-to-sender",
    clientsRead: true,
    open: (link, services) => new RelpSession({ maxFrameBytes, link, services }),
  };
  return new StreamInput(protocol, rest, context);
}
