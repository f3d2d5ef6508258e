import { isIP } from "node:net";

const SIGNATURE_V2 = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
const SIGNATURE_V1 = Uint8Array.from(Buffer.from("PROXY "));
/** "PROXY UNKNOWN" with two addresses and ports in full, CR LF included. */
const MAX_V1_BYTES = 107;
const V2_HEADER_BYTES = 16;
/** Addresses take 216 bytes at most; what follows are hints (TLVs) that proxies keep short. */
const MAX_V2_BODY_BYTES = 4_096;
const LF = 0x0a;

export type ProxyHeader =
  /** So far a header, and not yet whole. */
  | { readonly kind: "incomplete" }
  | { readonly kind: "malformed" }
  /** `address`: of who connected to the proxy; absent when the proxy speaks for itself or does not say. */
  | { readonly kind: "header"; readonly length: number; readonly address?: string };

const INCOMPLETE: ProxyHeader = { kind: "incomplete" };
const MALFORMED: ProxyHeader = { kind: "malformed" };

/** Reads the PROXY protocol's header, version 1 or 2, at the beginning of what a proxy sent. */
export function readProxyHeader(bytes: Uint8Array): ProxyHeader {
  if (startsLike(bytes, SIGNATURE_V2))
    return bytes.length < V2_HEADER_BYTES ? INCOMPLETE : readVersion2(bytes);
  if (startsLike(bytes, SIGNATURE_V1)) return readVersion1(bytes);
  return MALFORMED;
}

/** Whether the bytes are the signature's, as far as both go. */
function startsLike(bytes: Uint8Array, signature: Uint8Array): boolean {
  const length = Math.min(bytes.length, signature.length);
  for (let i = 0; i < length; i += 1) if (bytes[i] !== signature[i]) return false;
  return true;
}

function readVersion1(bytes: Uint8Array): ProxyHeader {
  const end = bytes.subarray(0, MAX_V1_BYTES).indexOf(LF);
  if (end === -1) return bytes.length < MAX_V1_BYTES ? INCOMPLETE : MALFORMED;
  const line = Buffer.from(bytes.subarray(0, end + 1)).toString("latin1");
  if (!line.endsWith("\r\n")) return MALFORMED;
  const [, protocol, source = "", , sourcePort = ""] = line.slice(0, -2).split(" ");
  if (protocol === "UNKNOWN") return { kind: "header", length: end + 1 };
  const family = protocol === "TCP4" ? 4 : protocol === "TCP6" ? 6 : 0;
  if (family === 0 || isIP(source) !== family || !/^\d{1,5}$/.test(sourcePort)) return MALFORMED;
  return { kind: "header", length: end + 1, address: source };
}

function readVersion2(bytes: Uint8Array): ProxyHeader {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const command = view.readUInt8(12);
  const family = view.readUInt8(13) >> 4;
  const bodyBytes = view.readUInt16BE(14);
  if (command !== 0x20 && command !== 0x21) return MALFORMED;
  if (bodyBytes > MAX_V2_BODY_BYTES) return MALFORMED;
  const length = V2_HEADER_BYTES + bodyBytes;
  if (bytes.length < length) return INCOMPLETE;
  const isLocal = command === 0x20;
  if (isLocal || (family !== 1 && family !== 2)) return { kind: "header", length };
  const addressBytes = family === 1 ? 4 : 16;
  if (bodyBytes < 2 * addressBytes + 4) return MALFORMED;
  const source = view.subarray(V2_HEADER_BYTES, V2_HEADER_BYTES + addressBytes);
  return { kind: "header", length, address: family === 1 ? source.join(".") : ipv6Text(source) };
}

/** As Node writes them: the longest run of zeros is `::`. */
function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  const text = groups.join(":");
  const runs = [...text.matchAll(/(?:^|:)(0(?::0)+)(?=:|$)/g)].map((match) => match[1] ?? "");
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), "");
  if (longest === "") return text;
  const at = text.search(new RegExp(`(?:^|:)${longest}(?=:|$)`));
  const start = text[at] === ":" ? at + 1 : at;
  const before = text.slice(0, start).replace(/:$/, "");
  const after = text.slice(start + longest.length).replace(/^:/, "");
  return `${before}::${after}`;
}
