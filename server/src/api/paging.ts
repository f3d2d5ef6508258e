import Type from "typebox";
import { badField } from "./errors.ts";

/** `limit` and `cursor` of lists that stand in memory, in an order that only grows at its end. */
export const PageQuerySchema = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    cursor: Type.Optional(Type.String({ maxLength: 400 })),
  },
  { additionalProperties: false },
);
export type PageQuery = Type.Static<typeof PageQuerySchema>;

export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

const MAX_PAGE = 1_000;

export function pageOf<T>(all: readonly T[], { limit = MAX_PAGE, cursor }: PageQuery): Page<T> {
  const start = cursor === undefined ? 0 : readNumberCursor(cursor);
  const end = start + limit;
  return { items: all.slice(start, end), nextCursor: end < all.length ? String(end) : null };
}

export function readNumberCursor(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) {
    throw badField(
      "query.cursor",
      "query.cursor is not one of ours",
      "Send nextCursor of the page before, unchanged.",
    );
  }
  return Number(cursor);
}
