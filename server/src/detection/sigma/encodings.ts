const encoder = new TextEncoder();

export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

/** UTF-16 code units as bytes, with or without a byte order mark. */
export function utf16Bytes(text: string, order: "little" | "big" | "marked"): Uint8Array {
  const units = order === "marked" ? `\ufeff${text}` : text;
  const bytes = new Uint8Array(units.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < units.length; i++) view.setUint16(i * 2, units.charCodeAt(i), order !== "big");
  return bytes;
}

/** Bytes as text, one character each: what a byte-oriented field shows of UTF-16. */
export function bytesAsText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

/**
 * The three texts of which one stands in the Base64 of anything that holds these bytes, by offset modulo three. Characters that
 * depend on neighbouring bytes are cut. Lengths are counted in bytes: counting characters gives empty needles for `é`.
 */
export function base64OffsetsOf(bytes: Uint8Array): readonly string[] {
  const startCut = [0, 2, 3];
  const endCut = [0, 3, 2];
  return [0, 1, 2].map((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const text = Buffer.from(padded).toString("base64");
    return text.slice(startCut[offset], text.length - (endCut[(offset + bytes.length) % 3] ?? 0));
  });
}
