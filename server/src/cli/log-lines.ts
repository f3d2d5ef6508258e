import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { HeaderFollower } from "@tyto/domain";

/** A longer line is handed on in pieces of this size, so that a file without line ends needs no more memory than this. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** The bytes of a file or of standard input, inflated where they begin like gzip. Fails when they cannot be read or end too early. */
export async function* plainBytes(input: Readable): AsyncGenerator<Buffer> {
  const chunks = (async function* () {
    for await (const chunk of input as AsyncIterable<Buffer | string>) {
      yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    }
  })();
  const first = await chunks.next();
  if (first.done === true) return;
  const whole = (async function* () {
    yield first.value;
    yield* chunks;
  })();
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) return yield* whole;
  const source = Readable.from(whole);
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  yield* source.pipe(gunzip) as AsyncIterable<Buffer>;
}

/** The first bytes, at least `least` where there are so many, and all of them from the beginning. */
export async function withHead(
  bytes: AsyncGenerator<Buffer>,
  least: number,
): Promise<{ readonly head: Buffer; readonly bytes: AsyncGenerator<Buffer> }> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < least) {
    const next = await bytes.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  const all = async function* (): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head;
    yield* bytes;
  };
  return { head, bytes: all() };
}

/** Lines as bytes, without their ends; bytes, because lines need not be UTF-8. Empty lines are handed on. */
export function linesOf(input: Readable): AsyncGenerator<Buffer> {
  return linesIn(plainBytes(input));
}

/** The same of bytes that are inflated already. */
export async function* linesIn(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  const take = (end: Buffer): Buffer => {
    const line = held.length === 0 ? end : Buffer.concat([...held, end]);
    held = [];
    heldBytes = 0;
    return line;
  };
  for await (const chunk of bytes) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      yield withoutReturn(take(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (start === chunk.length) continue;
    held.push(chunk.subarray(start));
    heldBytes += chunk.length - start;
    if (heldBytes >= MAX_LINE_BYTES) yield take(Buffer.alloc(0));
  }
  if (heldBytes > 0) yield withoutReturn(take(Buffer.alloc(0)));
}

/** Lines with the header that names their columns, where the file has one. */
export async function* withHeaders(
  lines: AsyncIterable<Buffer>,
): AsyncGenerator<{ readonly line: Buffer; readonly header: string | undefined }> {
  const follower = new HeaderFollower((bytes) => Buffer.from(bytes).toString("utf8"));
  let held: Buffer | undefined;
  for await (const line of lines) {
    if (held !== undefined) yield { line: held, header: follower.after(held, line) };
    held = line;
  }
  if (held !== undefined) yield { line: held, header: follower.after(held, undefined) };
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line;
}
