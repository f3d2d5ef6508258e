import Type from "typebox";
import { AlertFilterQuerySchema, AlertSummarySchema, TransitionBodySchema } from "./alerts.ts";
import { EntitySchema, InstantSchema, SeveritySchema } from "./basics.ts";
import { EventBodySchema } from "./events.ts";

/** What the alerts that match have, with counts: under the list's filters. */
export const AlertFacetsSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      facet: Type.String(),
      values: Type.Array(Type.Object({ value: Type.String(), label: Type.String(), count: Type.Integer() })),
    }),
  ),
});
export type AlertFacets = Type.Static<typeof AlertFacetsSchema>;

export const GroupingSchema = Type.Union([
  Type.Literal("rule"),
  Type.Literal("host"),
  Type.Literal("user"),
  Type.Literal("ip"),
  Type.Literal("story"),
]);
export type Grouping = Type.Static<typeof GroupingSchema>;

export const AlertGroupsQuerySchema = Type.Object(
  { ...AlertFilterQuerySchema.properties, by: GroupingSchema },
  { additionalProperties: false },
);

export const AlertGroupsSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      /** The filter's value that shows exactly these: of `rule`, `entity` or `story`. */
      value: Type.String(),
      label: Type.String(),
      count: Type.Integer(),
      bySeverity: Type.Object({
        low: Type.Integer(),
        medium: Type.Integer(),
        high: Type.Integer(),
        critical: Type.Integer(),
      }),
      unassigned: Type.Integer(),
      topScore: Type.Integer(),
      firstSeen: InstantSchema,
      lastSeen: InstantSchema,
    }),
  ),
  /** Only the newest alerts or the first groups were looked at. */
  isPartial: Type.Boolean(),
});
export type AlertGroups = Type.Static<typeof AlertGroupsSchema>;

export const SavedViewSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** The console's query string. */
  query: Type.String(),
});
export type SavedView = Type.Static<typeof SavedViewSchema>;
export const SavedViewListSchema = Type.Object({ items: Type.Array(SavedViewSchema) });
export const SavedViewBodySchema = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 64 }), query: Type.String({ maxLength: 2_000 }) },
  { additionalProperties: false },
);

const { after: _after, ...actionProperties } = TransitionBodySchema.properties;

/** One action on every alert that matches, not only on those of a page. */
export const BulkBodySchema = Type.Object(
  { filter: AlertFilterQuerySchema, ...actionProperties },
  { additionalProperties: false },
);
export type BulkBody = Type.Static<typeof BulkBodySchema>;

export const BulkJobSchema = Type.Object({
  id: Type.String(),
  state: Type.Union([
    Type.Literal("running"),
    Type.Literal("done"),
    Type.Literal("cancelled"),
    Type.Literal("failed"),
  ]),
  action: Type.String(),
  /** It takes back what it did. */
  isUndoing: Type.Boolean(),
  total: Type.Integer(),
  waiting: Type.Integer(),
  done: Type.Integer(),
  /** Their state did not allow the action. */
  refused: Type.Integer(),
  undone: Type.Integer(),
  /** Changed since by somebody: undoing left them alone. */
  kept: Type.Integer(),
  createdAt: InstantSchema,
  createdBy: Type.String(),
  problem: Type.Union([Type.String(), Type.Null()]),
});
export type BulkJob = Type.Static<typeof BulkJobSchema>;

const Minutes = Type.Union([Type.Integer({ minimum: 1, maximum: 525_600 }), Type.Null()]);
const Deadline = Type.Object(
  { acknowledgeMinutes: Minutes, closeMinutes: Minutes },
  { additionalProperties: false },
);

export const TriageSettingsSchema = Type.Object(
  {
    /** How long a new alert may wait, and an open one stay open; null for as long as it takes. */
    deadlines: Type.Object(
      { low: Deadline, medium: Deadline, high: Deadline, critical: Deadline },
      { additionalProperties: false },
    ),
    assignsOnAcknowledge: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type TriageSettings = Type.Static<typeof TriageSettingsSchema>;

export const SimilarAlertsSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      alert: AlertSummarySchema,
      /** Entities that both have. */
      shared: Type.Array(EntitySchema),
      isSameRule: Type.Boolean(),
    }),
  ),
  /** How those that are closed were closed. */
  outcomes: Type.Array(Type.Object({ reason: Type.String(), count: Type.Integer() })),
});
export type SimilarAlerts = Type.Static<typeof SimilarAlertsSchema>;

/** Why a rule opens so many alerts. */
export const RuleNoiseSchema = Type.Object({
  ruleId: Type.String(),
  /** The newest that were looked at. */
  alerts: Type.Integer(),
  events: Type.Integer(),
  truePositives: Type.Integer(),
  /** Values that most of the alerts have, the most common first. */
  values: Type.Array(
    Type.Object({
      field: Type.String(),
      value: Type.String(),
      /** Alerts in whose evidence it occurs. */
      alerts: Type.Integer(),
      /** Alerts that rest on nothing else: an exception would take them away. */
      covers: Type.Integer(),
      /** Of those, how many a person had called true positives. */
      coversTruePositives: Type.Integer(),
      /** A Sigma filter that leaves these events out. */
      draft: Type.String(),
    }),
  ),
});
export type RuleNoise = Type.Static<typeof RuleNoiseSchema>;

/** Whole events that match a search, with their sentences. */
export const FindEventsBodySchema = Type.Object(
  {
    text: Type.String({ maxLength: 16_384 }),
    from: Type.Optional(Type.String({ maxLength: 40 })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
  },
  { additionalProperties: false },
);
export type FindEventsBody = Type.Static<typeof FindEventsBodySchema>;
export const FoundEventsSchema = Type.Object({
  /** By time, the oldest first. */
  items: Type.Array(EventBodySchema),
  /** There are more than the limit: these are the newest. */
  partial: Type.Boolean(),
});
export type FoundEvents = Type.Static<typeof FoundEventsSchema>;

export const ViewersSchema = Type.Object({ viewers: Type.Array(Type.String()) });
export const ViewingBodySchema = Type.Object(
  {
    /** Tells one window from another. */
    client: Type.String({ pattern: "^[A-Za-z0-9-]{8,64}$" }),
    isGone: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

/** One message of the stream: a change of an alert, or who looks at one. */
export const LiveMessageSchema = Type.Union([
  Type.Object({
    kind: Type.Literal("alert"),
    id: Type.String(),
    step: Type.Integer(),
    status: Type.String(),
    assignee: Type.Union([Type.String(), Type.Null()]),
    actor: Type.String(),
    change: Type.String(),
  }),
  Type.Object({ kind: Type.Literal("viewers"), id: Type.String(), viewers: Type.Array(Type.String()) }),
  Type.Object({ kind: Type.Literal("hello") }),
  /** Something is new for who listens; `GET /api/v1/notifications` says what. */
  Type.Object({ kind: Type.Literal("notified") }),
]);
export type LiveMessage = Type.Static<typeof LiveMessageSchema>;

export const EntityProfileSchema = Type.Object({
  entity: EntitySchema,
  from: InstantSchema,
  to: InstantSchema,
  events: Type.Integer(),
  firstSeen: Type.Union([InstantSchema, Type.Null()]),
  lastSeen: Type.Union([InstantSchema, Type.Null()]),
  /** Hours that have events. */
  hours: Type.Array(Type.Object({ start: InstantSchema, count: Type.Integer() })),
  logons: Type.Array(
    Type.Object({ country: Type.String(), succeeded: Type.Integer(), failed: Type.Integer() }),
  ),
  related: Type.Array(Type.Object({ entity: EntitySchema, count: Type.Integer() })),
  alerts: Type.Object({
    total: Type.Integer(),
    open: Type.Integer(),
    worst: Type.Union([SeveritySchema, Type.Null()]),
  }),
});
export type EntityProfile = Type.Static<typeof EntityProfileSchema>;
