import { MASK_KINDS } from "@tyto/domain";
import type { AppendReceipt, MaskedCounts, MaskKind, RawBatch, RecordSink, SourceId } from "@tyto/domain";
import { maskSecrets } from "./mask-secrets.ts";

export interface MaskingSinkOptions {
  readonly sink: RecordSink;
  /** Asked for each batch. */
  readonly isMasked: (source: SourceId) => boolean;
}

/** Stands before the journal: what it masks is nowhere on disk. Records of sources that are not masked pass as they are. */
export class MaskingSink implements RecordSink {
  readonly #options: MaskingSinkOptions;
  /** Sources in whose last record a private key began that has not ended. */
  readonly #openKeys = new Set<SourceId>();

  constructor(options: MaskingSinkOptions) {
    this.#options = options;
  }

  append(batch: RawBatch): Promise<AppendReceipt> {
    const { sink, isMasked } = this.#options;
    return sink.append(isMasked(batch.source) ? this.#masked(batch) : batch);
  }

  #masked(batch: RawBatch): RawBatch {
    const { source } = batch;
    let isKeyOpen = this.#openKeys.has(source);
    const counts = new Map<MaskKind, number>();
    const records = batch.records.map((record) => {
      const masked = maskSecrets(record, isKeyOpen);
      isKeyOpen = masked.isKeyOpen;
      for (const kind of MASK_KINDS) {
        const count = masked.counts[kind];
        if (count !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + count);
      }
      return masked.bytes;
    });
    if (isKeyOpen) this.#openKeys.add(source);
    else this.#openKeys.delete(source);
    const masked: MaskedCounts = Object.fromEntries(counts);
    return counts.size === 0 ? { ...batch, records } : { ...batch, records, masked };
  }
}
