const BYTES_PER_LINE = 16;

/** `00000010  68 65 6c 6c 6f …  hello`: place, bytes, and what is printable ASCII of them. */
export function hexLines(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    const line = bytes.slice(at, at + BYTES_PER_LINE);
    const text = line.map((byte) => asciiOf(Number.parseInt(byte, 16))).join("");
    lines.push(
      `${at.toString(16).padStart(8, "0")}  ${line.join(" ").padEnd(BYTES_PER_LINE * 3 - 1)}  ${text}`,
    );
  }
  return lines.join("\n");
}

function asciiOf(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
}
