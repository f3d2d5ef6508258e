const HANDSHAKE = 0x16;
const CLIENT_HELLO = 1;
const SUPPORTED_VERSIONS = 43;
const TLS_1_2 = 0x0303;
const RECORD_HEADER_BYTES = 5;
/** A record's body at most (RFC 8446 section 5.1). */
const MAX_RECORD_BYTES = 16_384;

/**
 * Whether who begins TLS with these bytes would speak TLS 1.2. `undefined`: not told yet. What is no ClientHello, or not within
 * its first record, is left to TLS to refuse.
 */
export function offersTls12(bytes: Uint8Array): boolean | undefined {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return true;
  if (bytes.length < RECORD_HEADER_BYTES) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = view.readUInt16BE(3);
  if (length > MAX_RECORD_BYTES) return true;
  if (bytes.length < RECORD_HEADER_BYTES + length) return undefined;
  const versions = supportedVersions(view.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + length));
  return versions === undefined || versions.includes(TLS_1_2);
}

/** Of a hello from before TLS 1.3, or one that cannot be read: `undefined`. */
function supportedVersions(hello: Buffer): readonly number[] | undefined {
  if (hello[0] !== CLIENT_HELLO) return undefined;
  // Type, length, version and random; then session, ciphers and compressions, each with its length before it.
  let at = 4 + 2 + 32;
  at += 1 + (hello[at] ?? 0);
  if (at + 2 > hello.length) return undefined;
  at += 2 + hello.readUInt16BE(at);
  at += 1 + (hello[at] ?? 0);
  at += 2;
  while (at + 4 <= hello.length) {
    const type = hello.readUInt16BE(at);
    const length = hello.readUInt16BE(at + 2);
    const data = hello.subarray(at + 4, at + 4 + length);
    if (type === SUPPORTED_VERSIONS) {
      const pairs = Math.floor((data.length - 1) / 2);
      return Array.from({ length: Math.max(0, pairs) }, (_, i) => data.readUInt16BE(1 + i * 2));
    }
    at += 4 + length;
  }
  return undefined;
}
