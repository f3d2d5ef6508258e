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
    /** Fields to show beside the usual ones, where the query chooses no columns; unknown ones are left out. */
    columns: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 40 })),
    /** Puts the question into the history of the person who asks, with this range: a window of it may be all that is asked now. */
    remember: Type.Optional(
      Type.Object(
        { from: Type.String({ maxLength: 40 }), to: Type.String({ maxLength: 40 }) },
        { additionalProperties: false },
      ),
    ),
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
    /** A field whose commonest values the counts are told apart by. */
    by: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  },
  { additionalProperties: false },
);
export type HistogramBody = Type.Static<typeof HistogramBodySchema>;

/** Counts of the events that the query's filters let through, before any `summarize` or `take`. Empty buckets are included. */
export const HistogramSchema = Type.Object({
  bucketMs: Type.Integer(),
  buckets: Type.Array(Type.Object({ start: InstantSchema, count: Type.Integer() })),
  /** With `by`: a value and its count in each bucket; most first, at most seven. What is in none of them is the rest of the bucket. */
  series: Type.Optional(
    Type.Array(Type.Object({ value: Type.String(), counts: Type.Array(Type.Integer()) })),
  ),
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

const question = {
  kql: Type.Optional(Type.String({ maxLength: 16_384 })),
  text: Type.Optional(Type.String({ maxLength: 16_384 })),
  ...range,
};

export const SearchPlanBodySchema = Type.Object(question, { additionalProperties: false });
export type SearchPlanBody = Type.Static<typeof SearchPlanBodySchema>;

/** What a search is going to cost at most, and in which pieces it is best asked. */
export const SearchPlanSchema = Type.Object({
  kql: Type.String(),
  from: InstantSchema,
  to: InstantSchema,
  rows: Type.Integer({ description: "That the engine would read at most" }),
  bytes: Type.Integer({ description: "About, uncompressed" }),
  /** Newest first. One, of the whole range, where the rows depend on each other. */
  windows: Type.Array(Type.Object({ from: InstantSchema, to: InstantSchema })),
});
export type SearchPlan = Type.Static<typeof SearchPlanSchema>;

/** A search that runs now, of the one who asks. */
export const RunningSearchSchema = Type.Object({
  id: Type.String(),
  rowsRead: Type.Integer(),
  bytesRead: Type.Integer(),
  rowsTotal: Type.Integer({ description: "About; 0 when the engine does not know yet" }),
  elapsedMs: Type.Number(),
});
export type RunningSearch = Type.Static<typeof RunningSearchSchema>;

export const FacetsBodySchema = Type.Object(
  {
    ...question,
    /** Without: the fields that a results table shows. */
    fields: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 40 })),
    /** `sampled`: of the newest rows, at once. `exact`: of all, field by field. */
    count: Type.Union([Type.Literal("sampled"), Type.Literal("exact")]),
    values: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  },
  { additionalProperties: false },
);
export type FacetsBody = Type.Static<typeof FacetsBodySchema>;

export const FacetListSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      field: Type.String(),
      /** Rows that have a value. */
      rows: Type.Integer(),
      /** Different values; about, when exact counts were asked for. */
      distinct: Type.Integer(),
      values: Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() })),
    }),
  ),
  isSampled: Type.Boolean(),
  /** That were counted. */
  rows: Type.Integer(),
});
export type FacetList = Type.Static<typeof FacetListSchema>;

export const PatternsBodySchema = Type.Object(question, { additionalProperties: false });
export type PatternsBody = Type.Static<typeof PatternsBodySchema>;

/** Kinds of messages among the newest events, most lines first. */
export const PatternListSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      pattern: Type.String({ description: "What its lines have in common; <*>, <num>, <ip> … for the rest" }),
      count: Type.Integer(),
      first: InstantSchema,
      last: InstantSchema,
      example: Type.Object({ id: Type.String(), text: Type.String() }),
      literals: Type.Array(Type.String(), { description: "Texts that all of its lines hold, in order" }),
      regex: Type.String({ description: "RE2 that finds its lines" }),
    }),
  ),
  /** Lines that were looked at. */
  lines: Type.Integer(),
  isSampled: Type.Boolean(),
});
export type PatternList = Type.Static<typeof PatternListSchema>;

export const TailQuerySchema = Type.Object(
  {
    kql: Type.Optional(Type.String({ maxLength: 4_096 })),
    text: Type.Optional(Type.String({ maxLength: 4_096 })),
    columns: Type.Optional(Type.String({ maxLength: 2_000, description: "Fields, separated by commas" })),
  },
  { additionalProperties: false },
);

/** One message of a live tail: what came in since the last one. */
export const TailBatchSchema = Type.Object({
  columns: Type.Array(ResultColumnSchema),
  /** Newest first. */
  rows: Type.Array(Type.Array(Type.Unknown())),
  /** Matching events that came in and are not shown. */
  skipped: Type.Integer(),
});
export type TailBatch = Type.Static<typeof TailBatchSchema>;

export const RuleDraftBodySchema = Type.Object(
  {
    kql: Type.Optional(Type.String({ maxLength: 16_384 })),
    text: Type.Optional(Type.String({ maxLength: 16_384 })),
  },
  { additionalProperties: false },
);
export type RuleDraftBody = Type.Static<typeof RuleDraftBodySchema>;

/** A Sigma rule that matches what a search's filter lets through. */
export const RuleDraftSchema = Type.Object({
  yaml: Type.String(),
  /** What of the search the rule does not say. */
  leftOut: Type.Array(Type.String()),
});
export type RuleDraft = Type.Static<typeof RuleDraftSchema>;
