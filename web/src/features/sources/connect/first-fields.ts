import { type FieldRow, fieldRows } from "../../events/field-values.ts";

const MOST = 8;
/** Of the event's own fields, those that say what happened; the rest say which pack read it, and that stands above. */
const TELLING: readonly string[] = ["event.action", "event.outcome"];
/** Roots of who, where and with what. */
const ACTORS = /^(?:user|source|destination|process|file|url|dns|host)\./;

/** The fields that show best that a line was understood: who and where before what the event is called. */
export function firstFields(fields: Readonly<Record<string, unknown>>): readonly FieldRow[] {
  const rows = fieldRows(fields).filter(({ name }) => name !== "message" && !name.endsWith(".original"));
  const rank = ({ name }: FieldRow) => {
    if (TELLING.includes(name)) return 0;
    if (ACTORS.test(name)) return name.startsWith("host.") ? 2 : 1;
    return name.startsWith("event.") || name.startsWith("log.") ? 4 : 3;
  };
  return [...rows].sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
}
