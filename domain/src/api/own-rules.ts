import Type from "typebox";
import { InstantSchema, page } from "./basics.ts";
import { RuleSchema } from "./events.ts";

/** A text of rules may be so long, and so may the cases beside it. */
export const MAX_RULE_TEXT = 65_536;
const TextSchema = Type.String({ minLength: 1, maxLength: MAX_RULE_TEXT });
const CasesSchema = Type.String({ maxLength: MAX_RULE_TEXT });
const CommentSchema = Type.String({ maxLength: 500 });
const LevelSchema = Type.Union([
  Type.Literal("informational"),
  Type.Literal("low"),
  Type.Literal("medium"),
  Type.Literal("high"),
  Type.Literal("critical"),
]);
const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** A rule as the list shows it. `level` is the one that counts. */
export const RuleRowSchema = Type.Object({
  ...RuleSchema.properties,
  origin: Type.Union([Type.Literal("pack"), Type.Literal("own")]),
  /** The pack that it came with; `own` for what was written here. */
  pack: Type.String(),
  enabled: Type.Boolean(),
  /** The level that the rule states, where somebody put another in its place. */
  statedLevel: nullable(Type.String()),
  /** Who decided last whether it runs, when and why. */
  switched: nullable(Type.Object({ at: InstantSchema, by: Type.String(), comment: Type.String() })),
  /** The own rule that it is part of. */
  own: nullable(
    Type.Object({
      id: Type.String(),
      /** The newest. */
      version: Type.Integer(),
      /** The one that runs. */
      running: nullable(Type.Integer()),
      changedAt: InstantSchema,
      changedBy: Type.String(),
    }),
  ),
  /** Alerts that were seen in the last 7 and 30 days. */
  alerts: Type.Object({ week: Type.Integer(), month: Type.Integer() }),
  lastAlertAt: nullable(InstantSchema),
  /** Alerts of the last 90 days that people closed with a reason, and how many of them were true positives. */
  closed: Type.Object({ total: Type.Integer(), truePositives: Type.Integer() }),
  /** What would have to be sent so that it can match; null when nothing is missing. */
  missing: nullable(Type.String()),
});
export type RuleRow = Type.Static<typeof RuleRowSchema>;
export const RuleRowListSchema = page(RuleRowSchema);

/** The file that a rule stands in, and the cases beside it. */
export const RuleSourceSchema = Type.Object({
  path: Type.String(),
  yaml: Type.String(),
  cases: Type.String(),
});
export type RuleSource = Type.Static<typeof RuleSourceSchema>;

export const RuleTextBodySchema = Type.Object(
  { yaml: TextSchema, cases: Type.Optional(CasesSchema) },
  { additionalProperties: false },
);

export const RuleProblemSchema = Type.Object({
  severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
  code: Type.String(),
  message: Type.String(),
  hint: nullable(Type.String()),
  line: Type.Integer(),
  column: Type.Integer(),
});
export type RuleProblem = Type.Static<typeof RuleProblemSchema>;

/** What would become of a text if it ran. */
export const RuleCheckSchema = Type.Object({
  /** In the rule's text, what keeps it from running first, then what authors get wrong. */
  problems: Type.Array(RuleProblemSchema),
  /** In the text of the cases. */
  caseProblems: Type.Array(RuleProblemSchema),
  rules: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      kind: Type.String(),
      level: nullable(Type.String()),
      status: RuleSchema.properties.status,
      reason: nullable(Type.String()),
    }),
  ),
  /** The rule that the text is about; null when there is none that could be read. */
  main: nullable(Type.Object({ id: Type.String(), title: Type.String() })),
  cases: Type.Array(
    Type.Object({
      name: Type.String(),
      /** Matches, or findings of a correlation. */
      expected: Type.Integer(),
      passed: Type.Boolean(),
      failure: nullable(Type.String()),
    }),
  ),
  reads: Type.Array(
    Type.Object({
      title: Type.String(),
      logsource: Type.Object({
        product: Type.Optional(Type.String()),
        category: Type.Optional(Type.String()),
        service: Type.Optional(Type.String()),
      }),
      fields: Type.Array(
        Type.Object({ field: Type.String(), lookedAt: Type.Array(Type.String()), isFilled: Type.Boolean() }),
      ),
      /** Names that rules of this logsource may use. */
      known: Type.Array(Type.String()),
    }),
  ),
  missing: nullable(Type.String()),
  /** Why it cannot be enabled; null when it can. */
  refusal: nullable(Type.String()),
  /** What the last backtest of this very text said; null when there was none. */
  backtest: nullable(
    Type.Object({
      at: InstantSchema,
      by: Type.String(),
      from: InstantSchema,
      to: InstantSchema,
      total: Type.Integer(),
      busiest: Type.Integer({ description: "On the day with the most" }),
    }),
  ),
});
export type RuleCheck = Type.Static<typeof RuleCheckSchema>;

const VersionSchema = Type.Object({
  number: Type.Integer(),
  at: InstantSchema,
  by: Type.String(),
  comment: Type.String(),
});
export const RuleVersionListSchema = page(VersionSchema);
export type RuleVersionList = Type.Static<typeof RuleVersionListSchema>;
export const RuleVersionSchema = Type.Object({
  ...VersionSchema.properties,
  yaml: Type.String(),
  cases: Type.String(),
});
export type RuleVersion = Type.Static<typeof RuleVersionSchema>;

/** An own rule with its newest text. */
export const OwnRuleSchema = Type.Object({
  id: Type.String(),
  title: Type.String(),
  createdAt: InstantSchema,
  createdBy: Type.String(),
  latest: RuleVersionSchema,
  /** The version that runs; null when it is off. */
  running: nullable(Type.Integer()),
  deletedAt: nullable(InstantSchema),
});
export type OwnRule = Type.Static<typeof OwnRuleSchema>;

export const OwnRuleBodySchema = Type.Object(
  { yaml: TextSchema, cases: CasesSchema, comment: CommentSchema },
  { additionalProperties: false },
);
export type OwnRuleBody = Type.Static<typeof OwnRuleBodySchema>;

export const OwnRuleSaveSchema = Type.Object(
  {
    ...OwnRuleBodySchema.properties,
    basedOn: Type.Integer({ minimum: 1, description: "The version that was edited" }),
  },
  { additionalProperties: false },
);
export type OwnRuleSave = Type.Static<typeof OwnRuleSaveSchema>;

export const RuleRestoreSchema = Type.Object(
  { basedOn: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false },
);

/** What came between: the error, and the rule as somebody else saved it. */
export const OwnRuleConflictSchema = Type.Object({
  error: Type.Object({ code: Type.String(), message: Type.String(), hint: Type.Optional(Type.String()) }),
  newer: OwnRuleSchema,
});

/** An absent `version` is the newest; `level` puts another in place of the stated one, null takes it back. */
export const RuleSwitchSchema = Type.Object(
  {
    enabled: Type.Boolean(),
    version: Type.Optional(Type.Integer({ minimum: 1 })),
    level: Type.Optional(nullable(LevelSchema)),
    comment: CommentSchema,
    /** Although it was never backtested, or would have raised many. */
    confirm: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type RuleSwitch = Type.Static<typeof RuleSwitchSchema>;

/** Own rules as files: `yaml` of several documents, `cases` beside them. */
export const RuleExportSchema = Type.Object({
  items: Type.Array(
    Type.Object({ id: Type.String(), title: Type.String(), yaml: Type.String(), cases: Type.String() }),
  ),
});
export type RuleExport = Type.Static<typeof RuleExportSchema>;

/** One rule with its cases, or many documents without. */
export const RuleImportSchema = Type.Object(
  { yaml: Type.String({ minLength: 1, maxLength: 200_000 }), cases: Type.Optional(CasesSchema) },
  { additionalProperties: false },
);
export type RuleImport = Type.Static<typeof RuleImportSchema>;

export const RuleImportReplySchema = Type.Object({
  created: Type.Array(Type.String()),
  updated: Type.Array(Type.String()),
  same: Type.Array(Type.String()),
  refused: Type.Array(Type.Object({ title: Type.String(), reason: Type.String() })),
});
export type RuleImportReply = Type.Static<typeof RuleImportReplySchema>;
