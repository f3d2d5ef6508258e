import Type from "typebox";
import { AssetKindSchema, CriticalitySchema } from "./assets.ts";
import { EntitySchema, InstantSchema, page, SeveritySchema } from "./basics.ts";

export const AlertStatusSchema = Type.Union([
  Type.Literal("new"),
  Type.Literal("acknowledged"),
  Type.Literal("closed"),
]);

export const CloseReasonSchema = Type.Union([
  Type.Literal("true-positive"),
  Type.Literal("benign-positive"),
  Type.Literal("false-positive"),
  Type.Literal("duplicate"),
  Type.Literal("automated"),
  Type.Literal("other"),
]);

const alertFields = {
  id: Type.String(),
  title: Type.String(),
  severity: SeveritySchema,
  /** What comes first, and why: findings' severity, raised by what is at stake. */
  priority: Type.Object({
    score: Type.Integer({ description: "1 to 100" }),
    base: SeveritySchema,
    reasons: Type.Array(Type.Object({ text: Type.String(), points: Type.Integer() })),
  }),
  /** Of its entities those that the register knows, the most critical first. */
  assets: Type.Array(
    Type.Object({
      id: Type.String(),
      kind: AssetKindSchema,
      name: Type.String(),
      criticality: Type.Union([CriticalitySchema, Type.Null()]),
      labels: Type.Array(Type.String()),
    }),
  ),
  /** Words that people put on it. */
  userTags: Type.Array(Type.String()),
  status: AlertStatusSchema,
  assignee: Type.Union([Type.String(), Type.Null()]),
  /** By when the next thing must happen to it, and what; null when nothing must. */
  deadline: Type.Union([
    Type.Object({
      what: Type.Union([Type.Literal("acknowledge"), Type.Literal("close")]),
      by: InstantSchema,
    }),
    Type.Null(),
  ]),
  /** `withdrawn` is nobody's choice: late data took back what the alert rested on. */
  closeReason: Type.Union([CloseReasonSchema, Type.Literal("withdrawn"), Type.Null()]),
  /** One plain sentence; names stand between `**`. */
  sentence: Type.String(),
  cause: Type.String(),
  ruleIds: Type.Array(Type.String()),
  /** `attack.t1110` and so on. */
  tags: Type.Array(Type.String()),
  count: Type.Integer({ description: "Occurrences: a repeated line counts as often as it says" }),
  firstSeen: InstantSchema,
  lastSeen: InstantSchema,
  createdAt: InstantSchema,
  updatedAt: InstantSchema,
  entities: Type.Array(EntitySchema),
  eventIds: Type.Array(Type.String(), { description: "Evidence by event time, at most 1,000" }),
};

export const AlertSummarySchema = Type.Object(alertFields);
export type AlertSummary = Type.Static<typeof AlertSummarySchema>;

export const AlertFindingSchema = Type.Object({
  key: Type.String(),
  version: Type.Integer(),
  rule: Type.Object({
    id: Type.String(),
    title: Type.String(),
    level: Type.String(),
    tags: Type.Array(Type.String()),
  }),
  group: Type.Array(EntitySchema),
  count: Type.Integer(),
  firstSeen: InstantSchema,
  lastSeen: InstantSchema,
  sentence: Type.String(),
  matched: Type.Array(Type.Object({ field: Type.String(), value: Type.String(), modifier: Type.String() })),
});
export type AlertFinding = Type.Static<typeof AlertFindingSchema>;

/** A recorded step: `kind` is an action of a person (acknowledge, assign, close, reopen, note) or of detection. */
export const AlertStepSchema = Type.Object({
  step: Type.Integer(),
  at: InstantSchema,
  actor: Type.String(),
  kind: Type.String(),
  /** The rest of the change in words: the note's text, the close reason, the assignee. */
  detail: Type.String(),
});
export type AlertStep = Type.Static<typeof AlertStepSchema>;

export const AlertDetailSchema = Type.Object({
  ...alertFields,
  absorbedInto: Type.Union([Type.String(), Type.Null()]),
  related: Type.Array(Type.String()),
  findings: Type.Array(AlertFindingSchema),
  history: Type.Array(AlertStepSchema),
});
export type AlertDetail = Type.Static<typeof AlertDetailSchema>;

const list = (what: string) =>
  Type.Optional(Type.String({ maxLength: 500, description: `${what}; several separated by commas` }));

const filters = {
  status: Type.Optional(
    Type.String({ description: "One status or several, separated by commas; `open` = not closed" }),
  ),
  severity: Type.Optional(Type.String({ description: "One severity or several, separated by commas" })),
  rule: Type.Optional(Type.String()),
  entity: Type.Optional(Type.String({ description: "An entity's value" })),
  text: Type.Optional(Type.String({ maxLength: 200, description: "Words in title or entities" })),
  from: Type.Optional(Type.String()),
  to: Type.Optional(Type.String()),
  assignee: list("A name, `me`, or `none` for nobody"),
  tactic: list("An ATT&CK tactic, as `initial-access`"),
  criticality: list("Of the most critical asset that it is about"),
  label: list("Of an asset that it is about"),
  tag: list("A word that somebody put on it"),
  asset: list("The id of an asset that it is about"),
  story: Type.Optional(
    Type.String({
      maxLength: 64,
      description: "An alert's id: those that share entities with it, or with those",
    }),
  ),
  overdue: Type.Optional(Type.Literal("true", { description: "Past one of their deadlines" })),
};

/** The list's filters without its paging. */
export const AlertFilterQuerySchema = Type.Object(filters, { additionalProperties: false });
export type AlertFilterQuery = Type.Static<typeof AlertFilterQuerySchema>;

export const AlertQuerySchema = Type.Object(
  {
    ...filters,
    sort: Type.Optional(
      Type.Union([
        Type.Literal("lastSeen"),
        Type.Literal("createdAt"),
        Type.Literal("severity"),
        Type.Literal("count"),
        Type.Literal("priority"),
      ]),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    cursor: Type.Optional(Type.String({ maxLength: 400 })),
  },
  { additionalProperties: false },
);
export type AlertQuery = Type.Static<typeof AlertQuerySchema>;

export const AlertListSchema = page(AlertSummarySchema);

/** Alerts over time, by severity, for the queue's histogram. Same filters as the list. */
export const AlertHistogramSchema = Type.Object({
  bucketMs: Type.Integer(),
  buckets: Type.Array(
    Type.Object({
      start: InstantSchema,
      low: Type.Integer(),
      medium: Type.Integer(),
      high: Type.Integer(),
      critical: Type.Integer(),
    }),
  ),
  /** Of all that match, not only of a page. */
  total: Type.Integer(),
});
export type AlertHistogram = Type.Static<typeof AlertHistogramSchema>;

export const TransitionBodySchema = Type.Object(
  {
    action: Type.Union([
      Type.Literal("acknowledge"),
      Type.Literal("assign"),
      Type.Literal("close"),
      Type.Literal("reopen"),
      Type.Literal("note"),
      Type.Literal("tag"),
    ]),
    reason: Type.Optional(
      Type.String({
        maxLength: 200,
        description:
          "Why it is closed: true-positive, benign-positive, false-positive, duplicate, automated or other. Words of your own count as other and are kept.",
      }),
    ),
    assignee: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
    text: Type.Optional(Type.String({ maxLength: 10_000 })),
    /** Of `tag`: words to put on it and to take off. */
    add: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32 })),
    remove: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32 })),
    /** The number of the last step the caller has seen; another one since answers 409 `conflict`. */
    after: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
);
export type TransitionBody = Type.Static<typeof TransitionBodySchema>;
