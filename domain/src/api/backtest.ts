import Type from "typebox";
import { InstantSchema } from "./basics.ts";

/** Exactly one of `ruleId` (a loaded rule) and `yaml` (a rule, with those that it counts). Without a range: the last 7 days. */
export const BacktestBodySchema = Type.Object(
  {
    ruleId: Type.Optional(Type.String({ minLength: 1, maxLength: 400 })),
    yaml: Type.Optional(Type.String({ minLength: 1, maxLength: 200_000 })),
    from: Type.Optional(Type.String({ maxLength: 40 })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
  },
  { additionalProperties: false },
);
export type BacktestBody = Type.Static<typeof BacktestBodySchema>;

export const BacktestReplySchema = Type.Object({
  rule: Type.Object({ id: Type.String(), title: Type.String() }),
  /** What it would have raised, per day of UTC: matches of a rule over events, findings of a correlation. */
  days: Type.Array(Type.Object({ day: InstantSchema, count: Type.Integer() })),
  total: Type.Integer(),
  /** Newest first, at most 20; of a correlation, the first event of each finding. */
  samples: Type.Array(
    Type.Object({ eventId: Type.String(), timestamp: InstantSchema, count: Type.Integer() }),
  ),
  /**
   * `sql`: the event engine found what the rule matches, and counted what a correlation counts. `sql+stream`: it found what the
   * correlation counts, and the detection engine counted, for the `reason` given.
   */
  evaluator: Type.Union([Type.Literal("sql"), Type.Literal("sql+stream")]),
  reason: Type.Optional(Type.String()),
  /** False when a limit kept some events from being looked at: then there may be more. */
  exact: Type.Boolean(),
  stats: Type.Object({
    rowsRead: Type.Integer(),
    bytesRead: Type.Integer(),
    elapsedMs: Type.Number(),
    /** Events that the engine could not settle and the matcher looked at. */
    rechecked: Type.Integer(),
  }),
  from: InstantSchema,
  to: InstantSchema,
});
export type BacktestReply = Type.Static<typeof BacktestReplySchema>;
