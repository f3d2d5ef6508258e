import { decodeMsgpack, isMap, textOf } from "./canonical-json.ts";
import { MsgpackScanner, readMsgpackHead } from "./msgpack-scanner.ts";

/** Repeated in every record of a message. */
const MAX_TAG_CHARACTERS = 512;
const MAX_MESSAGE_PARTS = 4;
const MAX_OPTION_BYTES = 4_096;

interface Named {
  readonly tag: string;
  /** The bytes that tell two chunks of one name apart. */
  readonly content: Uint8Array;
  /** The name by which the sender wants an acknowledgement; absent where it wants none. */
  readonly chunk: string | undefined;
}

export type FluentMessage =
  /** Nothing to take: old senders send nil to see whether someone is there. */
  | { readonly kind: "heartbeat" | "malformed" }
  | (Named & { readonly kind: "event"; readonly time: Uint8Array; readonly record: Uint8Array })
  /** `entries`: of `[time, record]`, one behind the other. */
  | (Named & { readonly kind: "entries"; readonly entries: Uint8Array; readonly count: number })
  /** The same without their number, maybe compressed. */
  | (Named & { readonly kind: "packed"; readonly entries: Uint8Array });

const MALFORMED: FluentMessage = { kind: "malformed" };

/** Takes one whole message apart, as far as to where its events are. @param maxDepth as the message was scanned. */
export function readFluentMessage(bytes: Uint8Array, maxDepth: number): FluentMessage {
  const head = readMsgpackHead(bytes);
  if (bytes[0] === 0xc0) return { kind: "heartbeat" };
  if (head.kind !== "array" || head.length < 2 || head.length > MAX_MESSAGE_PARTS) return MALFORMED;
  const parts = elements(bytes.subarray(head.headBytes), maxDepth);
  const [tagBytes, body, third, fourth] = parts;
  const tag = tagOf(tagBytes);
  if (tag === undefined || body === undefined) return MALFORMED;
  const { kind, headBytes, length } = readMsgpackHead(body);
  const inside = body.subarray(headBytes);
  switch (kind) {
    case "other":
      if (third === undefined) return MALFORMED;
      return { kind: "event", tag, time: body, record: third, content: bytes, chunk: chunkOf(fourth) };
    case "array":
      return { kind: "entries", tag, entries: inside, count: length, content: body, chunk: chunkOf(third) };
    case "binary":
    case "text":
      return { kind: "packed", tag, entries: inside, content: body, chunk: chunkOf(third) };
    case "map":
      return MALFORMED;
  }
}

/** The values that stand one behind the other: at most four of them. */
function elements(bytes: Uint8Array, maxDepth: number): readonly Uint8Array[] {
  const scanner = new MsgpackScanner({ maxBytes: bytes.length, maxDepth });
  return scanner.push(bytes).map((value) => value.bytes);
}

function tagOf(bytes: Uint8Array | undefined): string | undefined {
  const kind = bytes === undefined ? undefined : readMsgpackHead(bytes).kind;
  if (bytes === undefined || (kind !== "text" && kind !== "binary") || bytes.length > MAX_TAG_CHARACTERS * 4)
    return undefined;
  const value = decodeMsgpack(bytes);
  const tag = value instanceof Uint8Array ? textOf(value) : value;
  return typeof tag === "string" && tag.length <= MAX_TAG_CHARACTERS ? tag : undefined;
}

function chunkOf(option: Uint8Array | undefined): string | undefined {
  if (option === undefined || option.length > MAX_OPTION_BYTES) return undefined;
  const value = decodeMsgpack(option);
  const chunk = isMap(value) ? value["chunk"] : undefined;
  if (chunk instanceof Uint8Array) return textOf(chunk);
  return typeof chunk === "string" ? chunk : undefined;
}
