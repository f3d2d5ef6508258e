import { DatagramInput } from "../datagram/datagram-input.ts";
import type { DatagramOptions, DatagramProtocol } from "../datagram/datagram-input.ts";
import type { Input, InputContext } from "../ports.ts";
import type { Frame } from "../senders.ts";
import { FrameSession } from "../stream/frame-session.ts";
import type { StreamProtocol } from "../stream/ports.ts";
import { StreamInput } from "../stream/stream-input.ts";
import type { StreamOptions } from "../stream/stream-input.ts";
import { ChunkAssembly, isChunk } from "./chunk-assembly.ts";
import { inflateMessage } from "./inflate-message.ts";
import { NulFramer } from "./nul-framer.ts";

const MAX_MESSAGE_BYTES = 1024 * 1024;
/** Of a message in parts, as Graylog's specification has it. */
const LIFETIME_SECONDS = 5;
/** Where a document names its host: at the beginning, whatever the client. */
const HOST_WITHIN_BYTES = 2_048;
const HOST = /(?<!\\)"host"\s*:\s*"([^"\\]{1,255})"/;

/** GELF over UDP: plain, gzip or zlib, whole or in up to 128 parts. */
export function gelfUdp(
  options: DatagramOptions & { readonly maxMessageBytes?: number; readonly maxWaitingBytes?: number },
  context: InputContext,
): Input {
  const { maxMessageBytes = MAX_MESSAGE_BYTES, maxWaitingBytes = 32 * 1024 * 1024, ...rest } = options;
  const assembly = new ChunkAssembly({
    maxHeldBytes: maxWaitingBytes,
    maxMessages: 10_000,
    maxMessageBytes,
    lifetime: LIFETIME_SECONDS,
  });
  const protocol: DatagramProtocol = {
    kind: "gelf-udp",
    title: "GELF over UDP",
    flag: "--gelf-udp",
    take: (datagram, peer): readonly Frame[] => {
      if (!isChunk(datagram)) return [inflateMessage(datagram, maxMessageBytes)];
      const outcome = assembly.take(datagram, peer);
      switch (outcome.kind) {
        case "message":
          return [inflateMessage(outcome.bytes, maxMessageBytes)];
        case "malformed":
          return [{ bytes: datagram, fault: "bad-frame" }];
        case "waiting":
          return [];
      }
    },
    hostOf: gelfHost,
    giveUp: (isLast) => assembly.giveUp(isLast),
  };
  return new DatagramInput(protocol, rest, context);
}

/** GELF over TCP, in the clear or over TLS: documents that NUL ends. */
export function gelfTcp(
  options: StreamOptions & { readonly maxMessageBytes?: number },
  context: InputContext,
): Input {
  const { maxMessageBytes = MAX_MESSAGE_BYTES, ...rest } = options;
  const protocol: StreamProtocol = {
    kind: "gelf-tcp",
    title: "GELF over TCP",
    flag: "--gelf-tcp",
    refusal: "lost",
    clientsRead: false,
    open: (link, services) =>
      new FrameSession({
        kind: "gelf-tcp",
        framer: new NulFramer(maxMessageBytes),
        hostOf: gelfHost,
        link,
        services,
      }),
  };
  return new StreamInput(protocol, rest, context);
}

/** The host that the document says it is from. */
function gelfHost(document: Uint8Array): string | undefined {
  const head = document.subarray(0, HOST_WITHIN_BYTES);
  return HOST.exec(Buffer.from(head.buffer, head.byteOffset, head.length).toString("utf8"))?.[1];
}
