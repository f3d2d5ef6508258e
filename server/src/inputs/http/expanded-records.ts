import { TytoError } from "@tyto/domain";
import type { HttpIntake } from "./intake.ts";
import { checkRecords, RECORD_BYTES } from "./record-limits.ts";

const STEP_BYTES = 1024 * 1024;

/** What one batch of them has in common. */
export interface ExpandedGroup {
  readonly records: readonly Uint8Array[];
  readonly fault?: "oversize";
}

/**
 * Records that are written out anew, each with what its sender said once for many of them: a megabyte of labels before a hundred thousand
 * lines would be a bomb. Together they stay within the limits of a body and within the memory that all bodies share.
 */
export class ExpandedRecords {
  readonly #intake: HttpIntake;
  readonly #whole: Uint8Array[] = [];
  readonly #cut: Uint8Array[] = [];
  readonly #held: (() => void)[] = [];
  #bytes = 0;
  #heldBytes = 0;

  constructor(intake: HttpIntake) {
    this.#intake = intake;
  }

  get count(): number {
    return this.#whole.length + this.#cut.length;
  }

  /** One that is too long is cut: it is kept, in quarantine. @throws TytoError `too-large`, `back-pressure` */
  add(text: string): void {
    const { maxRecordBytes, maxInflatedBytes } = this.#intake.limits;
    const bytes = Buffer.from(text);
    const isCut = bytes.length > maxRecordBytes;
    const kept = isCut ? Buffer.from(bytes.subarray(0, maxRecordBytes)) : bytes;
    this.#bytes += kept.length;
    if (this.#bytes > maxInflatedBytes) {
      throw new TytoError(
        "too-large",
        "the records of the body are larger than its limit; nothing of it was accepted",
        {
          hint: "send it in several batches",
        },
      );
    }
    while (this.#bytes + this.count * RECORD_BYTES > this.#heldBytes) {
      this.#held.push(this.#intake.hold(STEP_BYTES));
      this.#heldBytes += STEP_BYTES;
    }
    (isCut ? this.#cut : this.#whole).push(kept);
    checkRecords(this.count, this.#intake.limits);
  }

  groups(): readonly ExpandedGroup[] {
    return [{ records: this.#whole }, { records: this.#cut, fault: "oversize" } as const].filter(
      ({ records }) => records.length > 0,
    );
  }

  release(): void {
    for (const give of this.#held.splice(0)) give();
  }
}
