import Type from "typebox";
import { AlertSummarySchema } from "./alerts.ts";
import { EntitySchema } from "./basics.ts";

const BySeverity = Type.Object({
  low: Type.Integer(),
  medium: Type.Integer(),
  high: Type.Integer(),
  critical: Type.Integer(),
});

const Response = Type.Object({
  days: Type.Integer(),
  /** Alerts opened in these days. */
  alerts: Type.Integer(),
  /** Of those that somebody took on; mean, from opening. Null when nobody did. */
  acknowledgeMinutes: Type.Union([Type.Number(), Type.Null()]),
  acknowledged: Type.Integer(),
  closeMinutes: Type.Union([Type.Number(), Type.Null()]),
  closed: Type.Integer(),
});

/** The state of threats for the first page, counted over open alerts. */
export const ThreatsSchema = Type.Object({
  /** Open alerts with evidence since then, by severity; `all` whenever. */
  seen: Type.Object({ hour: BySeverity, day: BySeverity, week: BySeverity, all: BySeverity }),
  overdue: Type.Integer(),
  /** Seven and thirty days. */
  response: Type.Array(Response),
  mine: Type.Object({ count: Type.Integer(), items: Type.Array(AlertSummarySchema) }),
  unassigned: Type.Integer(),
  /** By open alerts, each weighed by its severity, until there are risk scores. */
  entities: Type.Array(
    Type.Object({
      entity: EntitySchema,
      alerts: Type.Integer(),
      weight: Type.Integer(),
      bySeverity: BySeverity,
    }),
  ),
  tactics: Type.Array(Type.Object({ tactic: Type.String(), count: Type.Integer() })),
});
export type Threats = Type.Static<typeof ThreatsSchema>;
