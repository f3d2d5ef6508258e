import Type from "typebox";

const RuleChangeSchema = Type.Object({
  id: Type.String(),
  title: Type.String(),
  path: Type.String(),
  /** Why it cannot run, or not fully; null when it simply runs. */
  reason: Type.Union([Type.String(), Type.Null()]),
});
export type RuleChange = Type.Static<typeof RuleChangeSchema>;

/** What a reload did. Each rule stands in one list at most. */
export const RuleReloadSchema = Type.Object({
  /** Rules that run from now on. */
  running: Type.Integer(),
  added: Type.Array(RuleChangeSchema),
  removed: Type.Array(RuleChangeSchema),
  changed: Type.Array(RuleChangeSchema),
  /** Could run before and cannot any more. */
  invalid: Type.Array(RuleChangeSchema),
});
export type RuleReload = Type.Static<typeof RuleReloadSchema>;
