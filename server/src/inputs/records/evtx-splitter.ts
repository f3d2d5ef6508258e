import type { Diagnostic } from "@tyto/domain";
import { evtxXmlReader } from "../../evtx/index.ts";
import type { EvtxReader, EvtxRecord } from "../../evtx/index.ts";
import type { RecordSplitter, SplitRecord } from "./splitter.ts";

/**
 * Cuts a Windows event log file into its events, each as the XML that Windows renders. A record's place in the file is its ordinal:
 * importing the file again adds nothing.
 */
export class EvtxSplitter implements RecordSplitter {
  readonly #reader: EvtxReader<string>;
  readonly #file: string;
  readonly #maxBytes: number;
  #number = 0;

  constructor(file: string, maxBytes: number) {
    this.#reader = evtxXmlReader(file);
    this.#file = file;
    this.#maxBytes = maxBytes;
  }

  /** What could not be read, so far. */
  get diagnostics(): readonly Diagnostic[] {
    const { diagnostics, unnamed } = this.#reader;
    if (unnamed === 0) return diagnostics;
    const message = `${unnamed} more problems`;
    return [...diagnostics, { severity: "error", code: "evtx-record", message, at: { file: this.#file } }];
  }

  push(chunk: Uint8Array): readonly SplitRecord[] {
    return this.#reader.push(chunk).map((record) => this.#split(record));
  }

  end(): readonly SplitRecord[] {
    return this.#reader.end().map((record) => this.#split(record));
  }

  #split({ content, offset }: EvtxRecord<string>): SplitRecord {
    const bytes = Buffer.from(content);
    this.#number += 1;
    const place = { offset, number: this.#number };
    if (bytes.length <= this.#maxBytes) return { ...place, bytes };
    return { ...place, bytes: bytes.subarray(0, this.#maxBytes), fault: "oversize" };
  }
}
