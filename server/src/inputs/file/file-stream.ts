import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { isEvtx } from "../../evtx/index.ts";
import { gunzip, isGzip } from "../gunzip.ts";
import type { InflateLimits } from "../gunzip.ts";

/** How the records of a file are packed, told by its first bytes. `evtx`: a Windows event log, which is no text. */
export type FileEncoding =
  | { readonly kind: "utf8" | "evtx"; readonly isGzip: boolean }
  | { readonly kind: "utf16"; readonly isGzip: boolean; readonly label: "utf-16le" | "utf-16be" };

/** A file that holds no text records; `hint` says what to do instead. */
export interface UnsupportedFile {
  readonly kind: "unsupported";
  readonly what: string;
  readonly hint: string;
}

const HEAD_BYTES = 64 * 1024;

/** Other containers that people try, by the bytes that they begin with. */
const CONTAINERS: readonly (UnsupportedFile & { readonly magic: string })[] = [
  { kind: "unsupported", magic: "PK\x03\x04", what: "a zip archive", hint: "unpack it first" },
  { kind: "unsupported", magic: "\x28\xb5\x2f\xfd", what: "zstd", hint: "unpack it with `zstd -d` first" },
  { kind: "unsupported", magic: "BZh", what: "bzip2", hint: "unpack it with `bunzip2` first" },
  { kind: "unsupported", magic: "\xfd7zXZ\0", what: "xz", hint: "unpack it with `unxz` first" },
  { kind: "unsupported", magic: "\xd4\xc3\xb2\xa1", what: "a packet capture", hint: "it holds no log lines" },
];

/** Looks at the beginning of the file, through gzip where it is gzip. */
export async function fileEncoding(
  path: string,
  limits: InflateLimits,
): Promise<FileEncoding | UnsupportedFile> {
  const head = await fileHead(path);
  const zipped = isGzip(head);
  const text = zipped ? await inflatedHead(head, limits) : head;
  const latin1 = Buffer.from(text).toString("latin1", 0, 16);
  const container = CONTAINERS.find(({ magic }) => latin1.startsWith(magic));
  if (container !== undefined) return container;
  if (isEvtx(text)) return { kind: "evtx", isGzip: zipped };
  if (latin1.startsWith("\xff\xfe")) return { kind: "utf16", isGzip: zipped, label: "utf-16le" };
  if (latin1.startsWith("\xfe\xff")) return { kind: "utf16", isGzip: zipped, label: "utf-16be" };
  return { kind: "utf8", isGzip: zipped };
}

/**
 * The text of the file as UTF-8 (an event log's bytes as they are), from its beginning. `onRead` hears how many bytes of the file have been read.
 * @throws BrokenGzip, GzipBomb, and what the file system throws
 */
export async function* fileText(
  path: string,
  encoding: FileEncoding,
  limits: InflateLimits,
  onRead: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  const bytes = counted(path, onRead);
  const inflated = encoding.isGzip ? gunzip(bytes, limits) : bytes;
  if (encoding.kind === "utf16") yield* decodedUtf16(inflated, encoding.label);
  else yield* inflated;
}

async function* counted(path: string, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of createReadStream(path, {
    highWaterMark: 256 * 1024,
  }) as AsyncIterable<Uint8Array>) {
    read += chunk.length;
    onRead(read);
    yield chunk;
  }
}

async function* decodedUtf16(
  bytes: AsyncIterable<Uint8Array>,
  label: "utf-16le" | "utf-16be",
): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(label);
  for await (const chunk of bytes) {
    const text = decoder.decode(chunk, { stream: true });
    if (text !== "") yield Buffer.from(text);
  }
  const last = decoder.decode();
  if (last !== "") yield Buffer.from(last);
}

async function fileHead(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function inflatedHead(head: Uint8Array, limits: InflateLimits): Promise<Uint8Array> {
  try {
    for await (const part of gunzip(once(head), limits)) return part;
  } catch {
    // A break or a bomb shows again, and is told, when the whole file is read.
  }
  return new Uint8Array(0);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}
