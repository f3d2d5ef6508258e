import Type from "typebox";
import { InstantSchema } from "./basics.ts";

const range = {
  /** RFC 3339, or relative to now: `-15m`, `-24h`, `-7d`, `now`. */
  from: Type.Optional(Type.String({ maxLength: 40 })),
  to: Type.Optional(Type.String({ maxLength: 40 })),
};

/** Exactly one of `kql` and `text` (the search bar's form). Without a range: the last 24 hours. */
export const SearchBodySchema = Type.Object(
  {
    kql: Type.Optional(Type.String({ maxLength: 16_384 })),
    text: Type.Optional(Type.String({ maxLength: 16_384 })),
    ...range,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    /**
     * `ocsf`: the rows are whole events in OCSF 1.8.0, one each, in a column `event`. The query must then give rows of Events with
     * their `id`; `ecs`, the default, gives the columns that were asked for.
     */
    schema: Type.Optional(Type.Union([Type.Literal("ecs"), Type.Literal("ocsf")])),
    /** Named by the caller, so that it can cancel with `DELETE /api/v1/search/ID`. */
    id: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9-]{8,64}$" })),
  },
  { additionalProperties: false },
);
export type SearchBody = Type.Static<typeof SearchBodySchema>;

/** KQL types: bool, datetime, dynamic, int, long, real, string, timespan. `source.ip` is a string column. */
export const ResultColumnSchema = Type.Object({ name: Type.String(), type: Type.String() });

export const SearchReplySchema = Type.Object({
  columns: Type.Array(ResultColumnSchema),
  /** Arrays in column order. Instants are RFC 3339. */
  rows: Type.Array(Type.Array(Type.Unknown())),
  stats: Type.Object({
    rowsRead: Type.Integer(),
    bytesRead: Type.Integer(),
    elapsedMs: Type.Number(),
    /** A limit cut the result. */
    partial: Type.Boolean(),
  }),
  /** What was asked, in KQL: the "open as KQL" of a text search. */
  kql: Type.String(),
  from: InstantSchema,
  to: InstantSchema,
});
export type SearchReply = Type.Static<typeof SearchReplySchema>;

export const HistogramBodySchema = Type.Object(
  {
    kql: Type.Optional(Type.String({ maxLength: 16_384 })),
    text: Type.Optional(Type.String({ maxLength: 16_384 })),
    ...range,
    buckets: Type.Optional(Type.Integer({ minimum: 10, maximum: 400 })),
  },
  { additionalProperties: false },
);
export type HistogramBody = Type.Static<typeof HistogramBodySchema>;

/** Counts of the events that the query's filters let through, before any `summarize` or `take`. Empty buckets are included. */
export const HistogramSchema = Type.Object({
  bucketMs: Type.Integer(),
  buckets: Type.Array(Type.Object({ start: InstantSchema, count: Type.Integer() })),
  total: Type.Integer(),
  from: InstantSchema,
  to: InstantSchema,
});
export type Histogram = Type.Static<typeof HistogramSchema>;

/** What can be asked for, for completion. */
export const FieldListSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      name: Type.String(),
      type: Type.String(),
      description: Type.String(),
      isColumn: Type.Boolean(),
    }),
  ),
});
export type FieldList = Type.Static<typeof FieldListSchema>;
