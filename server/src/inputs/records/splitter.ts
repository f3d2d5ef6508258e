import type { InputFault } from "@tyto/domain";

/** A record with its place in the stream that it was cut from. */
export interface SplitRecord {
  readonly bytes: Uint8Array;
  /** Of its first byte. */
  readonly offset: number;
  /** Line, or element of the list, from 1. */
  readonly number: number;
  /** `oversize`: `bytes` is the part within the limit. `truncated-stream`: the stream broke inside it. */
  readonly fault?: InputFault;
  /** Lines before it, or itself, that name the columns. */
  readonly header?: string;
}

/** Cuts a stream into records; any split of the stream into chunks gives the same ones. Records may be views of the chunk. */
export interface RecordSplitter {
  push(chunk: Uint8Array): readonly SplitRecord[];
  /** @param isClean false when the stream broke: what is left is then no whole record. */
  end(isClean: boolean): readonly SplitRecord[];
}

/** Space, tab, LF, CR. */
export function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
