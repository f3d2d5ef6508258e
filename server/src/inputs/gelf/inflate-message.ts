import { gunzipSync, inflateSync } from "node:zlib";
import { isGzip } from "../gunzip.ts";
import type { Frame } from "../senders.ts";
import { trimFrameEnd } from "../syslog/framer.ts";

/** RFC 1950: deflate with a window of at most 32 KB, and a check of both bytes. */
function isZlib(head: Uint8Array): boolean {
  const [method = 0, flags = 0] = head;
  return (method & 0x0f) === 8 && method >> 4 <= 7 && (method * 256 + flags) % 31 === 0;
}

/** A GELF message as it was sent: gzip, zlib or plain. What cannot be inflated within the limit stays as it came, with its fault. */
export function inflateMessage(bytes: Uint8Array, maxInflatedBytes: number): Frame {
  const inflate = isGzip(bytes) ? gunzipSync : isZlib(bytes) ? inflateSync : undefined;
  if (inflate === undefined) {
    const plain = trimFrameEnd(bytes);
    if (plain.length <= maxInflatedBytes) return { bytes: plain };
    return { bytes: plain.subarray(0, maxInflatedBytes), fault: "oversize" };
  }
  try {
    return { bytes: trimFrameEnd(inflate(bytes, { maxOutputLength: maxInflatedBytes })) };
  } catch (error) {
    const isTooLong = error instanceof RangeError;
    return { bytes, fault: isTooLong ? "oversize" : "bad-frame" };
  }
}
