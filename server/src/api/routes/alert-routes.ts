import {
  AlertDetailSchema,
  AlertFilterQuerySchema,
  AlertHistogramSchema,
  AlertListSchema,
  AlertQuerySchema,
  EvidenceSchema,
  TransitionBodySchema,
  TytoError,
} from "@tyto/domain";
import type { Alert, AlertId } from "@tyto/domain";
import Type from "typebox";
import { accessOf, actorOf } from "../access/caller.ts";
import { alertHistogram } from "../alert-histogram.ts";
import { alertContext } from "../alert-context.ts";
import { readAction } from "../alert-action.ts";
import { readAlertFilter } from "../alert-query.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { Looks } from "../looks.ts";
import { alertDetail, alertSummary, evidenceOf, MAX_EVIDENCE } from "../views/alert-view.ts";
import { eventView } from "../views/event-view.ts";
import { visibleEvents } from "../visible-events.ts";

const AlertPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const DEFAULT_PAGE = 100;

export function addAlertRoutes(app: HttpServer, dependencies: ApiDependencies, looks: Looks): void {
  addQueueRoutes(app, dependencies);
  addDetailRoutes(app, dependencies, looks);
  addTransitionRoute(app, dependencies);
}

function addQueueRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  const { control, now, policy } = dependencies;
  app.get(
    "/api/v1/alerts",
    {
      config: { access: "alerts.read" },
      schema: {
        summary: "Alerts, those last seen first",
        tags: ["alerts"],
        querystring: AlertQuerySchema,
        response: { 200: AlertListSchema },
      },
    },
    async (request) => {
      const { sort = "lastSeen", limit = DEFAULT_PAGE, cursor, ...filter } = request.query;
      const page = { sort, limit, ...(cursor === undefined ? {} : { cursor }) };
      const found = await control.alerts.list(
        await readAlertFilter(filter, alertContext(dependencies, request)),
        page,
      );
      return { items: found.items.map((alert) => alertSummary(alert, policy)), nextCursor: found.nextCursor };
    },
  );

  app.get(
    "/api/v1/alerts/histogram",
    {
      config: { access: "alerts.read" },
      schema: {
        summary: "Alerts over time by severity, under the list's filters",
        tags: ["alerts"],
        querystring: AlertFilterQuerySchema,
        response: { 200: AlertHistogramSchema },
      },
    },
    async (request) => {
      const filter = await readAlertFilter(request.query, alertContext(dependencies, request));
      return alertHistogram(control.alerts, filter, now());
    },
  );
}

function addDetailRoutes(app: HttpServer, dependencies: ApiDependencies, looks: Looks): void {
  const { control, policy } = dependencies;
  const alertOf = async (id: string): Promise<Alert> => {
    const alert = await control.alerts.byId(id as AlertId);
    if (alert === undefined) throw new TytoError("not-found", "There is no such alert");
    return alert;
  };

  app.get(
    "/api/v1/alerts/:id",
    {
      config: { access: "alerts.read" },
      schema: {
        summary: "One alert with its findings and its history",
        tags: ["alerts"],
        params: AlertPath,
        response: { 200: AlertDetailSchema },
      },
    },
    async (request) => {
      const alert = await alertOf(request.params.id);
      await looks.note(request, "alert-opened", { alert: alert.id, title: alert.title });
      return alertDetail(alert, policy);
    },
  );

  app.get(
    "/api/v1/alerts/:id/events",
    {
      config: { access: "alerts.read" },
      schema: {
        summary: "The events that an alert rests on, by event time",
        tags: ["alerts"],
        params: AlertPath,
        response: { 200: EvidenceSchema },
      },
    },
    async (request) => {
      const evidence = evidenceOf(await alertOf(request.params.id));
      const asked = evidence.slice(0, MAX_EVIDENCE).map((event) => event.id);
      const [events, known] = await Promise.all([
        visibleEvents(dependencies, accessOf(callerOf(request)), asked),
        control.sources(),
      ]);
      const sources = new Map(known.map((source) => [source.id, source]));
      const found = new Set(events.map((event) => event.id));
      return {
        items: events.map((event) => eventView(event, sources)),
        missing: asked.filter((id) => !found.has(id)),
        total: evidence.length,
      };
    },
  );
}

function addTransitionRoute(app: HttpServer, { triage, policy }: ApiDependencies): void {
  app.post(
    "/api/v1/alerts/:id/transitions",
    {
      config: { access: "alerts.triage", refuses: [409] },
      schema: {
        summary: "Acknowledge, assign, close, reopen or note; each is a step of the alert's history",
        tags: ["alerts"],
        params: AlertPath,
        body: TransitionBodySchema,
        response: { 200: AlertDetailSchema },
      },
    },
    async (request) => {
      const { after } = request.body;
      const alert = await triage.act({
        id: request.params.id as AlertId,
        action: policy.apply(readAction(request.body)),
        actor: actorOf(callerOf(request)),
        ...(after === undefined ? {} : { after }),
      });
      return alertDetail(alert, policy);
    },
  );
}
