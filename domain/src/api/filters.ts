import Type from "typebox";
import { InstantSchema } from "./basics.ts";

const NullableText = Type.Union([Type.String(), Type.Null()]);
const SourceIdSchema = Type.Union([Type.String({ pattern: "^[0-9a-f]{16}$" }), Type.Null()]);

/** What is left out before storage: events that meet the condition, of one source or of all (`docs/guides/filters-and-masking.md`). */
export const FilterBodySchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    source: SourceIdSchema,
    condition: Type.String({
      minLength: 1,
      maxLength: 4_000,
      description: "On normalised fields, as `when` in packs",
    }),
    keepOneIn: Type.Union([Type.Integer({ minimum: 2, maximum: 1_000_000 }), Type.Null()], {
      description: "One event of so many is kept, chosen by its id; null keeps none",
    }),
  },
  { additionalProperties: false },
);
export type FilterBody = Type.Static<typeof FilterBodySchema>;

/** A rule that would see less, and how that is known. */
export const BlindRuleSchema = Type.Object({
  id: Type.String(),
  title: Type.String(),
  level: Type.String(),
  /**
   * `matched`: it matches events that would go. `logsource`: all events of its logsource would go. `fields`: all events that have the
   * fields which it asks for would go.
   */
  why: Type.Union([Type.Literal("matched"), Type.Literal("logsource"), Type.Literal("fields")]),
  /** Events that would go and that it matches, of those that were looked at. */
  matches: Type.Integer(),
  /** Correlations that count what it matches. */
  feeds: Type.Array(Type.String()),
});
export type BlindRule = Type.Static<typeof BlindRuleSchema>;

export const FilterPreviewSchema = Type.Object({
  from: InstantSchema,
  to: InstantSchema,
  /** Stored in the range, of the source or of all. */
  events: Type.Integer(),
  /** Characters of raw lines. */
  bytes: Type.Integer(),
  /** Of these what would go; of a sample, about. */
  dropped: Type.Object({ events: Type.Integer(), bytes: Type.Integer() }),
  /** Events that would go and were run through all rules. */
  examined: Type.Integer(),
  /** False when not all of them were: then more rules may go blind. */
  isExact: Type.Boolean(),
  rules: Type.Array(BlindRuleSchema),
});
export type FilterPreview = Type.Static<typeof FilterPreviewSchema>;

export const FilterPreviewBodySchema = Type.Object(
  {
    filter: FilterBodySchema,
    from: Type.Optional(Type.String({ maxLength: 40 })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
  },
  { additionalProperties: false },
);

export const FilterSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  source: SourceIdSchema,
  sourceName: NullableText,
  condition: Type.String(),
  keepOneIn: Type.Union([Type.Integer(), Type.Null()]),
  enabled: Type.Boolean(),
  /** Why it cannot run; null when it can. */
  problem: NullableText,
  createdAt: InstantSchema,
  createdBy: Type.String(),
  changedAt: InstantSchema,
  changedBy: Type.String(),
  /** Ids of the rules that were known to go blind when it was switched on. */
  blinds: Type.Array(Type.String()),
  /** What it has left out so far. */
  filtered: Type.Object({ events: Type.Integer(), bytes: Type.Integer() }),
});
export type Filter = Type.Static<typeof FilterSchema>;

export const FilterListSchema = Type.Object({ items: Type.Array(FilterSchema) });
export type FilterList = Type.Static<typeof FilterListSchema>;

/** Switching on looks at the last seven days first. */
export const FilterSwitchSchema = Type.Object(
  {
    enabled: Type.Boolean(),
    confirm: Type.Optional(Type.Boolean({ description: "Switch it on although rules would go blind" })),
  },
  { additionalProperties: false },
);
export type FilterSwitch = Type.Static<typeof FilterSwitchSchema>;

const PrioritySchema = Type.Union([Type.Literal("high"), Type.Literal("normal"), Type.Literal("low")]);
export const SourcePriorityBodySchema = Type.Object(
  { priority: PrioritySchema },
  { additionalProperties: false },
);

/** Null: as all sources. */
export const SourceMaskingSchema = Type.Object(
  { masked: Type.Union([Type.Boolean(), Type.Null()]) },
  { additionalProperties: false },
);
export const MaskingBodySchema = Type.Object({ all: Type.Boolean() }, { additionalProperties: false });

export const MaskingSchema = Type.Object({
  /** Of sources that have no setting of their own. */
  all: Type.Boolean(),
  sources: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), masked: Type.Boolean() })),
  /** Values that were masked, by kind, over all sources. */
  counts: Type.Record(Type.String(), Type.Integer()),
});
export type Masking = Type.Static<typeof MaskingSchema>;
