import type { FileHandle } from "node:fs/promises";
import { HeaderFollower } from "@tyto/domain";

const HEADER_BYTES = 64 * 1024;
const LF = 0x0a;

/** Up to `length` bytes from `position` on; fewer at the end of the file. */
export async function readAt(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  if (length <= 0) return new Uint8Array(0);
  const buffer = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const { bytesRead } = await handle.read(buffer, read, length - read, position + read);
    if (bytesRead === 0) break;
    read += bytesRead;
  }
  return buffer.subarray(0, read);
}

/** The lines at a file's beginning that name its columns, for who begins to read further down. */
export async function headerBefore(handle: FileHandle, offset: number): Promise<string | undefined> {
  const bytes = await readAt(handle, 0, Math.min(offset, HEADER_BYTES));
  const follower = new HeaderFollower((line) => Buffer.from(line).toString("utf8"));
  let header: string | undefined;
  for (let at = 0; at < bytes.length;) {
    const lf = bytes.indexOf(LF, at);
    if (lf === -1) break;
    const next = bytes.indexOf(LF, lf + 1);
    header = follower.after(bytes.subarray(at, lf), next === -1 ? undefined : bytes.subarray(lf + 1, next));
    at = lf + 1;
  }
  return header;
}
