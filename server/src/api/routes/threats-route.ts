import {
  micros,
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  SEVERITIES,
  ThreatsSchema,
} from "@tyto/domain";
import type { AlertStatus, Micros, Severity, Threats } from "@tyto/domain";
import type { AlertGroup, AlertResponse } from "../../storage/index.ts";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import { alertSummary } from "../views/alert-view.ts";

const OPEN: readonly AlertStatus[] = ["new", "acknowledged"];
const SHOWN_MINE = 6;
const SHOWN_ENTITIES = 8;
const GROUPS = 50;
const MAX_TACTICS = 20;
const RESPONSE_DAYS = [7, 30] as const;
/** One critical alert outweighs a handful of medium ones. */
const WEIGHTS: Readonly<Record<Severity, number>> = { low: 1, medium: 3, high: 8, critical: 20 };

/** What needs people now, in one answer. */
export function addThreatsRoute(app: HttpServer, dependencies: ApiDependencies): void {
  app.get(
    "/api/v1/overview/threats",
    {
      config: { access: "alerts.read" },
      schema: {
        summary:
          "Open alerts by severity, age, entity and tactic; how fast they are answered; one's own queue",
        tags: ["operation"],
        response: { 200: ThreatsSchema },
      },
    },
    (request) => threats(dependencies, actorOf(callerOf(request))),
  );
}

async function threats({ control, policy, now }: ApiDependencies, me: string): Promise<Threats> {
  const { alerts } = control;
  const at = now();
  const seenSince = (span: number): Promise<Threats["seen"]["all"]> =>
    countBySeverity(alerts, micros(at - span));
  const mine = { status: OPEN, assignee: [me] };
  const [hour, day, week, all, overdue, unassigned, count, items, entities, facets, responses] =
    await Promise.all([
      seenSince(MICROS_PER_HOUR),
      seenSince(MICROS_PER_DAY),
      seenSince(7 * MICROS_PER_DAY),
      alerts.countOpenBySeverity(),
      alerts.count({ status: OPEN, overdue: policy.lateBefore(at) }),
      alerts.count({ status: OPEN, assignee: [null] }),
      alerts.count(mine),
      alerts.list(mine, { sort: "priority", limit: SHOWN_MINE }),
      entitiesAtRisk(alerts),
      alerts.facets({ status: OPEN }, MAX_TACTICS),
      alerts.responses(micros(at - 30 * MICROS_PER_DAY)),
    ]);
  return {
    seen: { hour, day, week, all: { ...all } },
    overdue,
    unassigned,
    mine: { count, items: items.items.map((alert) => alertSummary(alert, policy)) },
    response: RESPONSE_DAYS.map((days) => responseOf(responses, days, micros(at - days * MICROS_PER_DAY))),
    entities,
    tactics: facets
      .filter(({ facet }) => facet === "tactic")
      .map(({ value, count: open }) => ({ tactic: value, count: open })),
  };
}

type Alerts = ApiDependencies["control"]["alerts"];

async function countBySeverity(alerts: Alerts, from: Micros): Promise<Threats["seen"]["all"]> {
  const [low = 0, medium = 0, high = 0, critical = 0] = await Promise.all(
    SEVERITIES.map((severity) => alerts.count({ status: OPEN, severity: [severity], from })),
  );
  return { low, medium, high, critical };
}

async function entitiesAtRisk(alerts: Alerts): Promise<Threats["entities"]> {
  const kinds = ["host", "user", "ip"] as const;
  const groups = await Promise.all(kinds.map((kind) => alerts.groups({ status: OPEN }, kind, GROUPS)));
  return groups
    .flatMap((ofKind, index) =>
      ofKind.map((group) => ({
        entity: { type: kinds[index] ?? "host", value: group.value },
        alerts: group.count,
        weight: weightOf(group),
        bySeverity: { ...group.bySeverity },
      })),
    )
    .sort((a, b) => b.weight - a.weight || (a.entity.value < b.entity.value ? -1 : 1))
    .slice(0, SHOWN_ENTITIES);
}

function weightOf({ bySeverity }: AlertGroup): number {
  return SEVERITIES.reduce((sum, severity) => sum + WEIGHTS[severity] * bySeverity[severity], 0);
}

function responseOf(all: readonly AlertResponse[], days: number, from: Micros): Threats["response"][number] {
  const opened = all.filter(({ createdAt }) => createdAt >= from);
  const spans = (of: "acknowledgedAt" | "closedAt"): readonly number[] =>
    opened.flatMap((one) => {
      const until = one[of];
      return until === null ? [] : [Math.max(0, until - one.createdAt)];
    });
  const [taken, closed] = [spans("acknowledgedAt"), spans("closedAt")];
  return {
    days,
    alerts: opened.length,
    acknowledgeMinutes: meanMinutes(taken),
    acknowledged: taken.length,
    closeMinutes: meanMinutes(closed),
    closed: closed.length,
  };
}

function meanMinutes(spans: readonly number[]): number | null {
  if (spans.length === 0) return null;
  return spans.reduce((sum, span) => sum + span, 0) / spans.length / MICROS_PER_MINUTE;
}
