import Type from "typebox";
import { InstantSchema } from "./basics.ts";

/** Received = stored + filtered + quarantined + queued. */
const AmountsSchema = Type.Object({
  received: Type.Integer(),
  stored: Type.Integer(),
  /** Of the stored ones: lines that no pack understood. */
  unknown: Type.Integer(),
  filtered: Type.Integer(),
  quarantined: Type.Integer(),
  /** All of it stands in the newest hour, whenever it was received: what waits is not booked to an hour yet. */
  queued: Type.Integer(),
});

export const LedgerHourSchema = Type.Object({
  /** Start of the hour or day of receipt, in UTC. */
  start: InstantSchema,
  ...AmountsSchema.properties,
  /** Of each source that sent in it, not only of the sum. */
  isBalanced: Type.Boolean(),
});
export type LedgerHour = Type.Static<typeof LedgerHourSchema>;

/** The books by hour or day of receipt, oldest first, silent ones too. */
export const LedgerHoursSchema = Type.Object({
  from: InstantSchema,
  to: InstantSchema,
  by: Type.Union([Type.Literal("hour"), Type.Literal("day")]),
  items: Type.Array(LedgerHourSchema),
  totals: AmountsSchema,
  isBalanced: Type.Boolean(),
});
export type LedgerHours = Type.Static<typeof LedgerHoursSchema>;
