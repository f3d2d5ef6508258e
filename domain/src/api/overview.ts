import Type from "typebox";
import { AlertSummarySchema } from "./alerts.ts";
import { CriticalAssetSchema } from "./assets.ts";
import { InstantSchema } from "./basics.ts";

/** The first page, in one answer. */
export const OverviewSchema = Type.Object({
  /** Not closed, by severity. */
  openAlerts: Type.Object({
    low: Type.Integer(),
    medium: Type.Integer(),
    high: Type.Integer(),
    critical: Type.Integer(),
  }),
  newestAlerts: Type.Array(AlertSummarySchema),
  /** Those marked critical, the ones with the worst open alerts first; at most 24. */
  criticalAssets: Type.Array(CriticalAssetSchema),
  criticalAssetCount: Type.Integer(),
  /** Events received per second, oldest first, one number per 10 seconds of the last 15 minutes. */
  eventsPerSecond: Type.Array(Type.Number()),
  eventsStored: Type.Integer(),
  /** Records acknowledged and not yet searchable. */
  queued: Type.Integer(),
  sources: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      input: Type.String(),
      received: Type.Integer(),
      lastEventAt: Type.Union([InstantSchema, Type.Null()]),
      isBalanced: Type.Boolean(),
    }),
  ),
  sourceCount: Type.Integer(),
  ruleCount: Type.Integer(),
  /** First-run steps, in order; the page hides the list when all are done. */
  checklist: Type.Array(
    Type.Object({
      step: Type.Union([
        Type.Literal("create-account"),
        Type.Literal("connect-source"),
        Type.Literal("see-event"),
        Type.Literal("load-rules"),
        Type.Literal("see-alert"),
      ]),
      isDone: Type.Boolean(),
    }),
  ),
  demo: Type.Union([
    Type.Null(),
    Type.Object({ sent: Type.Integer(), total: Type.Integer(), isDone: Type.Boolean() }),
  ]),
});
export type Overview = Type.Static<typeof OverviewSchema>;
