import type { Input, InputContext } from "../ports.ts";
import type { StreamProtocol } from "../stream/ports.ts";
import { StreamInput } from "../stream/stream-input.ts";
import type { StreamOptions } from "../stream/stream-input.ts";
import { Turns } from "../stream/turns.ts";
import { LumberjackSession } from "./lumberjack-session.ts";

export interface LumberjackOptions extends StreamOptions {
  /** Longer documents are cut, marked and acknowledged: a sender would repeat them for ever. */
  readonly maxDocumentBytes?: number;
  readonly maxInflatedBytes?: number;
  readonly keepAliveMs?: number;
}

const MEBIBYTE = 1024 * 1024;
/** A slice of a bomb inflates to 17 MB before it is noticed. */
const INFLATING_AT_ONCE = 4;

/** Lumberjack, version 2: Beats, Elastic Agent and Logstash, in the clear or over TLS. */
export function lumberjack(options: LumberjackOptions, context: InputContext): Input {
  const {
    maxDocumentBytes = MEBIBYTE,
    maxInflatedBytes = 256 * MEBIBYTE,
    keepAliveMs = 3_000,
    ...rest
  } = options;
  const limits = { maxDocumentBytes, maxDeclaredBytes: 32 * MEBIBYTE, maxWindow: 1_000_000 };
  const inflate = { maxInflatedBytes, maxRatio: 200 };
  const turns = new Turns(INFLATING_AT_ONCE);
  const protocol: StreamProtocol = {
    kind: "lumberjack",
    title: "Lumberjack",
    flag: "--lumberjack",
    refusal: "left-to-sender",
    clientsRead: true,
    open: (link, services) => new LumberjackSession({ limits, inflate, keepAliveMs, turns, link, services }),
  };
  return new StreamInput(protocol, rest, context);
}
