import { TytoError } from "@tyto/domain";

/** What a record costs beside its bytes while its body is taken: views, places, lists (about 330 to 430 bytes of heap, counted from their shapes). */
export const RECORD_BYTES = 400;

/** Of the records of one body. */
export interface RecordLimits {
  readonly maxRecordBytes: number;
  readonly maxRecords: number;
  /** Told how many there are so far: they weigh in the memory that all bodies share. @throws TytoError `back-pressure`, `too-large` */
  readonly weigh?: (count: number) => void;
}

/** Call with the number of records as they are cut off, not when all are in memory. @throws TytoError `too-large`, `back-pressure` */
export function checkRecords(count: number, { maxRecords, weigh }: RecordLimits): void {
  if (count > maxRecords) {
    throw new TytoError(
      "too-large",
      `the body holds more than ${maxRecords} records; nothing of it was accepted`,
      {
        hint: "send it in several batches",
      },
    );
  }
  weigh?.(count);
}
