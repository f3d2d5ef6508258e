import Type from "typebox";
import { InstantSchema } from "./basics.ts";

export const CoverageQuerySchema = Type.Object(
  {
    days: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 90,
        description: "Whether telemetry arrived is looked at over so many days; 7",
      }),
    ),
  },
  { additionalProperties: false },
);

export const CoverageRuleSchema = Type.Object({
  id: Type.String(),
  title: Type.String(),
  level: Type.String(),
  /** The folder that it came from. */
  pack: Type.String(),
  tags: Type.Array(Type.String()),
  /** `T1059.001`: as tagged, known to this version of ATT&CK or not. */
  techniques: Type.Array(Type.String()),
  tactics: Type.Array(Type.String()),
  /** It runs and raises findings of its own. */
  isEnabled: Type.Boolean(),
  /** Why it does not run, or why no event of ours can meet it. */
  reason: Type.Union([Type.String(), Type.Null()]),
  /** `impossible`: it runs, but no loaded pack fills what it asks for. */
  telemetry: Type.Union([Type.Literal("arriving"), Type.Literal("silent"), Type.Literal("impossible")]),
  /** It has cases of its own, and all passed. */
  isTested: Type.Boolean(),
  /** Opened or seen in 30 days. */
  alerts: Type.Integer(),
  /** What it asks for: `product linux, service auditd`. */
  logsources: Type.Array(Type.String()),
  /** That sent events which its logsource admits, in the days that were looked at. */
  sources: Type.Array(Type.String()),
  /** Packs that read such events. */
  packs: Type.Array(Type.String()),
});
export type CoverageRule = Type.Static<typeof CoverageRuleSchema>;

/** ATT&CK, the rules, and what arrives for them; who asks makes cells of it (`coverageCells`). */
export const CoverageSchema = Type.Object({
  attackVersion: Type.String(),
  /** When it was looked, and over which days. */
  at: InstantSchema,
  days: Type.Integer(),
  /** False: the look at what arrives met a limit, and rules may be called silent that are not. */
  isExact: Type.Boolean(),
  tactics: Type.Array(Type.Object({ id: Type.String(), key: Type.String(), name: Type.String() })),
  techniques: Type.Array(
    Type.Object({ id: Type.String(), name: Type.String(), tactics: Type.Array(Type.String()) }),
  ),
  rules: Type.Array(CoverageRuleSchema),
  sources: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
});
export type Coverage = Type.Static<typeof CoverageSchema>;
