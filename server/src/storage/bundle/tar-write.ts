/*
 * POSIX tar as `tar xf` reads it: ustar headers, and pax records for what does not fit into them. Everything belongs to nobody and is
 * readable by its owner alone.
 */
const BLOCK = 512;
const MAX_OCTAL_SIZE = 8 ** 11 - 1;
const MAX_NAME = 100;
const MODE = "0000600";

/** Two empty blocks: what comes after them is not read. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

/** What stands before the content of a file. */
export function tarHeader(path: string, bytes: number): Buffer {
  if (path.length <= MAX_NAME && bytes <= MAX_OCTAL_SIZE) return ustar(path, bytes, "0");
  const records = Buffer.from(paxRecord("path", path) + paxRecord("size", String(bytes)));
  const short = `pax/${path.slice(-(MAX_NAME - 4))}`;
  return Buffer.concat([
    ustar(short, records.length, "x"),
    records,
    tarPadding(records.length),
    ustar(path.slice(-MAX_NAME), Math.min(bytes, MAX_OCTAL_SIZE), "0"),
  ]);
}

/** Fills the last block of a content of so many bytes. */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);
}

function ustar(name: string, bytes: number, type: "0" | "x"): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0, MAX_NAME, "latin1");
  header.write(MODE, 100, "latin1");
  header.write("0000000", 108, "latin1");
  header.write("0000000", 116, "latin1");
  header.write(bytes.toString(8).padStart(11, "0"), 124, "latin1");
  header.write("00000000000", 136, "latin1");
  header.write("        ", 148, "latin1");
  header.write(type, 156, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/** `<length> <name>=<value>\n`, where the length counts itself. */
function paxRecord(name: string, value: string): string {
  const rest = ` ${name}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}
