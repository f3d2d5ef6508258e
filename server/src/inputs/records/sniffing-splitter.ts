import { SNIFF_BYTES, sniffLayout, splitterFor } from "./sniff.ts";
import type { RecordSplitter, SplitRecord } from "./splitter.ts";

/** Cuts a stream as its beginning asks for: that is held until there is enough of it to tell its layout. */
export class SniffingSplitter implements RecordSplitter {
  readonly #maxRecordBytes: number;
  #head: Uint8Array[] = [];
  #headBytes = 0;
  #splitter: RecordSplitter | undefined;

  constructor(maxRecordBytes: number) {
    this.#maxRecordBytes = maxRecordBytes;
  }

  push(chunk: Uint8Array): readonly SplitRecord[] {
    if (this.#splitter !== undefined) return this.#splitter.push(chunk);
    // Copied: who reads a stream may use its buffer again.
    this.#head.push(Uint8Array.from(chunk));
    this.#headBytes += chunk.length;
    return this.#headBytes >= SNIFF_BYTES ? this.#begin() : [];
  }

  end(isClean: boolean): readonly SplitRecord[] {
    const begun = this.#splitter === undefined ? this.#begin() : [];
    return [...begun, ...(this.#splitter?.end(isClean) ?? [])];
  }

  #begin(): readonly SplitRecord[] {
    const head = Buffer.concat(this.#head);
    this.#head = [];
    this.#splitter = splitterFor(sniffLayout(head), this.#maxRecordBytes);
    return this.#splitter.push(head);
  }
}
