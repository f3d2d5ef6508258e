import Type from "typebox";
import { InstantSchema, page } from "./basics.ts";

const ModeSchema = Type.Union([Type.Literal("text"), Type.Literal("kql")]);

export const SearchScheduleSchema = Type.Object(
  {
    everyMinutes: Type.Integer({ minimum: 1, maximum: 10_080 }),
    /** From so many rows on people are told, by the channels of Tyto's own alarms; `null`: nobody is. */
    threshold: Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000_000 }), Type.Null()]),
    enabled: Type.Boolean(),
  },
  { additionalProperties: false },
);

/** A search that is kept under a name. `from` and `to` as written: relative ones stay relative. */
export const SavedSearchBodySchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 120 }),
    shared: Type.Boolean(),
    mode: ModeSchema,
    query: Type.String({ maxLength: 16_384 }),
    from: Type.String({ minLength: 1, maxLength: 40 }),
    to: Type.String({ minLength: 1, maxLength: 40 }),
    columns: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 40 }),
    schedule: Type.Union([SearchScheduleSchema, Type.Null()]),
  },
  { additionalProperties: false },
);
export type SavedSearchBody = Type.Static<typeof SavedSearchBodySchema>;

export const SearchRunSchema = Type.Object({
  at: InstantSchema,
  /** Rows that the search finds; not cut by any limit of a screen. */
  count: Type.Integer(),
  elapsedMs: Type.Number(),
  /** Whether the threshold was reached. */
  isOver: Type.Boolean(),
  problem: Type.Union([Type.String(), Type.Null()]),
  /** Its first rows; only the last runs keep them. */
  result: Type.Union([
    Type.Object({ columns: Type.Array(Type.String()), rows: Type.Array(Type.Array(Type.Unknown())) }),
    Type.Null(),
  ]),
});
export type SearchRun = Type.Static<typeof SearchRunSchema>;

export const SavedSearchSchema = Type.Object({
  id: Type.String(),
  owner: Type.String(),
  isOwn: Type.Boolean({ description: "Of the one who asks: only they change it" }),
  ...SavedSearchBodySchema.properties,
  createdAt: InstantSchema,
  updatedAt: InstantSchema,
  lastRun: Type.Union([SearchRunSchema, Type.Null()]),
});
export type SavedSearch = Type.Static<typeof SavedSearchSchema>;

export const SavedSearchListSchema = page(SavedSearchSchema);
export type SavedSearchList = Type.Static<typeof SavedSearchListSchema>;

export const SearchRunListSchema = page(SearchRunSchema);
export type SearchRunList = Type.Static<typeof SearchRunListSchema>;

/** What somebody asked before, newest first. */
export const SearchHistorySchema = page(
  Type.Object({
    at: InstantSchema,
    mode: ModeSchema,
    query: Type.String(),
    from: Type.String(),
    to: Type.String(),
    rows: Type.Union([Type.Integer(), Type.Null()]),
    elapsedMs: Type.Union([Type.Number(), Type.Null()]),
  }),
);
export type SearchHistory = Type.Static<typeof SearchHistorySchema>;

/** A path of the console, with its query. */
export const LinkBodySchema = Type.Object(
  { path: Type.String({ pattern: "^/[^/\\\\]", minLength: 2, maxLength: 40_000 }) },
  { additionalProperties: false },
);
export type LinkBody = Type.Static<typeof LinkBodySchema>;

export const LinkSchema = Type.Object({
  id: Type.String(),
  path: Type.String(),
});
export type ShortLink = Type.Static<typeof LinkSchema>;
