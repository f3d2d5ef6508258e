import { type FieldRow, fieldRows } from "../../events/field-values.ts";

const MOST = 8;
/** Of the event's own fields, those that say what happened; the rest say which pack read it, and that stands above. */
const TELLING: readonly string[] = ["event.action", "event.outcome"];

/** The fields that show best that a line was understood: who and where before what the event is called. */
export function firstFields(fields: Readonly<Record<string, unknown>>): readonly FieldRow[] {
  const rows = fieldRows(fields).filter(({ name }) => name !== "message" && !name.endsWith(".original"));
  const isOwn = ({ name }: FieldRow) => name.startsWith("event.");
  const rank = (row: FieldRow) => (TELLING.includes(row.name) ? 0 : isOwn(row) ? 2 : 1);
  return [...rows].sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
}
