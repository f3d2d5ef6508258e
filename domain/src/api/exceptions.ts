import Type from "typebox";
import { InstantSchema, SeveritySchema } from "./basics.ts";

export const ExceptionConditionSchema = Type.Object(
  {
    /** Of the event: an ECS name, or a vendor's own. */
    field: Type.String({ minLength: 1, maxLength: 256, pattern: "^[A-Za-z0-9_@][A-Za-z0-9_@.-]*$" }),
    how: Type.Union([
      Type.Literal("equals"),
      Type.Literal("startswith"),
      Type.Literal("contains"),
      Type.Literal("cidr"),
    ]),
    value: Type.String({ minLength: 1, maxLength: 1_024 }),
  },
  { additionalProperties: false },
);
export type ExceptionCondition = Type.Static<typeof ExceptionConditionSchema>;

export const ExceptionScopeSchema = Type.Union([
  Type.Object(
    { kind: Type.Literal("rule"), rule: Type.String({ minLength: 1, maxLength: 400 }) },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal("pack"), pack: Type.String({ minLength: 1, maxLength: 128 }) },
    { additionalProperties: false },
  ),
  Type.Object({ kind: Type.Literal("all") }, { additionalProperties: false }),
]);
export type ExceptionScope = Type.Static<typeof ExceptionScopeSchema>;

const Days = Type.Union([Type.Integer({ minimum: 1, maximum: 3_650 }), Type.Null()], {
  description: "Null for never, which needs a reason",
});

export const ExceptionBodySchema = Type.Object(
  {
    title: Type.String({ minLength: 1, maxLength: 160 }),
    /** All must hold of one event. */
    conditions: Type.Array(ExceptionConditionSchema, { minItems: 1, maxItems: 8 }),
    scope: ExceptionScopeSchema,
    reason: Type.String({ maxLength: 2_000 }),
    expiresInDays: Days,
    /** The alert that it was made from. */
    alertId: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { additionalProperties: false },
);
export type ExceptionBody = Type.Static<typeof ExceptionBodySchema>;

/** `version`: what was read; a change since then is a conflict. */
export const ExceptionChangeSchema = Type.Object(
  { ...ExceptionBodySchema.properties, version: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false },
);
export type ExceptionChange = Type.Static<typeof ExceptionChangeSchema>;
export const ExceptionRenewalSchema = Type.Object({ expiresInDays: Days }, { additionalProperties: false });

const NamedRule = Type.Object({ id: Type.String(), title: Type.String() });

export const ExceptionSchema = Type.Object({
  id: Type.String(),
  version: Type.Integer(),
  title: Type.String(),
  conditions: Type.Array(ExceptionConditionSchema),
  scope: ExceptionScopeSchema,
  reason: Type.String(),
  alertId: Type.Union([Type.String(), Type.Null()]),
  state: Type.Union([Type.Literal("active"), Type.Literal("expired"), Type.Literal("ended")]),
  createdAt: InstantSchema,
  createdBy: Type.String(),
  changedAt: InstantSchema,
  changedBy: Type.String(),
  expiresAt: Type.Union([InstantSchema, Type.Null()]),
  endedAt: Type.Union([InstantSchema, Type.Null()]),
  endedBy: Type.Union([Type.String(), Type.Null()]),
  /** Rules over events that it narrows; the first of them. A correlation is narrowed by the rules that it counts. */
  rules: Type.Array(NamedRule),
  ruleCount: Type.Integer(),
  /** Why it does nothing, although it is active. */
  problem: Type.Union([Type.String(), Type.Null()]),
});
export type RuleExceptionView = Type.Static<typeof ExceptionSchema>;

export const ExceptionListSchema = Type.Object({ items: Type.Array(ExceptionSchema) });
export type ExceptionList = Type.Static<typeof ExceptionListSchema>;

export const ExceptionVersionsSchema = Type.Object({
  /** Newest first. */
  items: Type.Array(
    Type.Object({
      version: Type.Integer(),
      at: InstantSchema,
      by: Type.String(),
      change: Type.String({ description: "made, changed, ended or renewed" }),
      exception: ExceptionSchema,
    }),
  ),
});
export type ExceptionVersions = Type.Static<typeof ExceptionVersionsSchema>;

/** What an exception would have done to the alerts of the last 30 days. */
export const ExceptionPreviewSchema = Type.Object({
  days: Type.Integer(),
  /** Alerts of the rules in its scope, the newest that were looked at. */
  alerts: Type.Integer(),
  findings: Type.Integer(),
  /** That would not be there. */
  hiddenAlerts: Type.Integer(),
  hiddenFindings: Type.Integer(),
  /** Some of whose events would be gone, and which would be there all the same. */
  weakenedAlerts: Type.Integer(),
  /** Of those that would not be there: closed as true positives. */
  truePositives: Type.Integer(),
  /** False: there are more alerts, or more evidence, than were looked at. */
  isExact: Type.Boolean(),
  samples: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      severity: SeveritySchema,
      status: Type.String(),
      closeReason: Type.Union([Type.String(), Type.Null()]),
      lastSeen: InstantSchema,
      outcome: Type.Union([Type.Literal("hidden"), Type.Literal("weakened")]),
    }),
  ),
  rules: Type.Array(NamedRule),
  ruleCount: Type.Integer(),
  /** The Sigma filter that it is. */
  yaml: Type.String(),
});
export type ExceptionPreview = Type.Static<typeof ExceptionPreviewSchema>;

export const ExceptionProposalQuerySchema = Type.Object(
  {
    alert: Type.String({ minLength: 1, maxLength: 64 }),
    rule: Type.Optional(Type.String({ minLength: 1, maxLength: 400 })),
  },
  { additionalProperties: false },
);

/** What an exception for an alert could say. */
export const ExceptionProposalSchema = Type.Object({
  title: Type.String(),
  /** Of the alert, the one that was asked for first. */
  rules: Type.Array(Type.Object({ id: Type.String(), title: Type.String(), pack: Type.String() })),
  /** That all of its evidence has, the most telling first. */
  pairs: Type.Array(ExceptionConditionSchema),
  /** How many of them, from the first on, make a good start. */
  suggested: Type.Integer(),
  events: Type.Integer(),
});
export type ExceptionProposal = Type.Static<typeof ExceptionProposalSchema>;

/** What an exception has kept away since it was made, asked of the stored events. */
export const ExceptionHiddenSchema = Type.Object({
  /** Matches of rules: an event that two rules match counts twice. */
  matches: Type.Integer(),
  /** False: a limit was met, and there are at least so many. */
  isExact: Type.Boolean(),
  from: InstantSchema,
  to: InstantSchema,
  days: Type.Array(Type.Object({ day: InstantSchema, count: Type.Integer() })),
  /** Newest first. */
  samples: Type.Array(Type.Object({ eventId: Type.String(), timestamp: InstantSchema, rule: NamedRule })),
});
export type ExceptionHidden = Type.Static<typeof ExceptionHiddenSchema>;
