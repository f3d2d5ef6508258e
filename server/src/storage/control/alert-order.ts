import type { Expression, ExpressionBuilder, SqlBool } from "kysely";
import { TytoError } from "@tyto/domain";
import type { AlertPage } from "../ports.ts";
import type { AlertTable, ControlSchema } from "./schema.ts";

type SortColumn = "last_seen" | "created_at" | "severity_rank" | "score" | "count" | "id";
type Sort = AlertPage["sort"];

/** Columns of each order, all descending. The id comes last, so that no two alerts are equal and paging neither skips nor repeats. */
export const ORDERS: Readonly<Record<Sort, readonly SortColumn[]>> = {
  lastSeen: ["last_seen", "id"],
  createdAt: ["created_at", "id"],
  severity: ["severity_rank", "last_seen", "id"],
  priority: ["score", "last_seen", "id"],
  count: ["count", "last_seen", "id"],
};

/** Where a page ended: the sort columns' values of its last alert. Opaque to clients. */
export function encodeCursor(sort: Sort, last: Pick<AlertTable, SortColumn>): string {
  const values = ORDERS[sort].map((column) => last[column]);
  return Buffer.from(JSON.stringify([sort, ...values])).toString("base64url");
}

/** @throws TytoError `bad-request` when the text is no cursor of this order. */
export function decodeCursor(sort: Sort, cursor: string): readonly (string | number)[] {
  const [itsSort, ...values] = parseCursor(cursor);
  const isSound =
    itsSort === sort &&
    values.length === ORDERS[sort].length &&
    ORDERS[sort].every((column, index) =>
      column === "id" ? typeof values[index] === "string" : Number.isSafeInteger(values[index]),
    );
  if (!isSound) {
    throw new TytoError("bad-request", "the cursor does not belong to this list", {
      hint: "Begin again without one, or keep the sort order that it came from.",
    });
  }
  return values as (string | number)[];
}

function parseCursor(cursor: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(parsed) ? (parsed as unknown[]) : [];
  } catch {
    return [];
  }
}

/** What comes after the cursor: smaller in the first column, or equal there and smaller in the next, and so on. */
export function afterCursor(
  eb: ExpressionBuilder<ControlSchema, "alert">,
  sort: Sort,
  values: readonly (string | number)[],
): Expression<SqlBool> {
  const columns = ORDERS[sort];
  return eb.or(
    columns.map((column, depth) =>
      eb.and([
        ...columns.slice(0, depth).map((equal, index) => eb(equal, "=", values[index] ?? "")),
        eb(column, "<", values[depth] ?? ""),
      ]),
    ),
  );
}
