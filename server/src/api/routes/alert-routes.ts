import {
  AlertDetailSchema,
  AlertHistogramSchema,
  AlertListSchema,
  AlertQuerySchema,
  EvidenceSchema,
  assertNever,
  CLOSE_REASONS,
  TransitionBodySchema,
  TytoError,
} from "@tyto/domain";
import type { Alert, AlertAction, AlertId, TransitionBody } from "@tyto/domain";
import Type from "typebox";
import { actorOf } from "../access/caller.ts";
import { alertHistogram } from "../alert-histogram.ts";
import { AlertFilterQuerySchema, readAlertFilter } from "../alert-query.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { badField } from "../errors.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import { alertDetail, alertSummary, evidenceOf, MAX_EVIDENCE } from "../views/alert-view.ts";
import { eventView } from "../views/event-view.ts";

const AlertPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const DEFAULT_PAGE = 100;

export function addAlertRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  addQueueRoutes(app, dependencies);
  addDetailRoutes(app, dependencies);
  addTransitionRoute(app, dependencies);
}

function addQueueRoutes(app: HttpServer, { control, now }: ApiDependencies): void {
  app.get(
    "/api/v1/alerts",
    {
      config: { access: "read" },
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
      const found = await control.alerts.list(readAlertFilter(filter, now()), page);
      return { items: found.items.map(alertSummary), nextCursor: found.nextCursor };
    },
  );

  app.get(
    "/api/v1/alerts/histogram",
    {
      config: { access: "read" },
      schema: {
        summary: "Alerts over time by severity, under the list's filters",
        tags: ["alerts"],
        querystring: AlertFilterQuerySchema,
        response: { 200: AlertHistogramSchema },
      },
    },
    async (request) => alertHistogram(control.alerts, readAlertFilter(request.query, now()), now()),
  );
}

function addDetailRoutes(app: HttpServer, { control, engine }: ApiDependencies): void {
  const alertOf = async (id: string): Promise<Alert> => {
    const alert = await control.alerts.byId(id as AlertId);
    if (alert === undefined) throw new TytoError("not-found", "There is no such alert");
    return alert;
  };

  app.get(
    "/api/v1/alerts/:id",
    {
      config: { access: "read" },
      schema: {
        summary: "One alert with its findings and its history",
        tags: ["alerts"],
        params: AlertPath,
        response: { 200: AlertDetailSchema },
      },
    },
    async (request) => alertDetail(await alertOf(request.params.id)),
  );

  app.get(
    "/api/v1/alerts/:id/events",
    {
      config: { access: "read" },
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
      const [events, known] = await Promise.all([engine.events.byIds(asked), control.sources()]);
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

function addTransitionRoute(app: HttpServer, { triage }: ApiDependencies): void {
  app.post(
    "/api/v1/alerts/:id/transitions",
    {
      config: { access: "admin", refuses: [409] },
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
        action: readAction(request.body),
        actor: actorOf(callerOf(request)),
        ...(after === undefined ? {} : { after }),
      });
      return alertDetail(alert);
    },
  );
}

/** What each action may say beside its name. */
const PARTS_OF: Readonly<Record<TransitionBody["action"], readonly (keyof TransitionBody)[]>> = {
  acknowledge: [],
  assign: ["assignee"],
  close: ["reason", "text"],
  reopen: ["text"],
  note: ["text"],
};

function readAction(body: TransitionBody): AlertAction {
  const { action, reason, assignee, text } = body;
  const idle = (["reason", "assignee", "text"] as const).find(
    (part) => body[part] !== undefined && !PARTS_OF[action].includes(part),
  );
  if (idle !== undefined)
    throw badField(`body.${idle}`, `${action} takes no ${idle}`, "Send a note for words.");
  const words = text === undefined ? {} : { text };
  switch (action) {
    case "acknowledge":
      return { kind: "acknowledge" };
    case "assign":
      if (assignee === undefined)
        throw badField("body.assignee", "assign needs an assignee, or null for nobody");
      return { kind: "assign", assignee };
    case "close":
      return closing(reason ?? "other", text);
    case "reopen":
      return { kind: "reopen", ...words };
    case "note":
      if (text === undefined) throw badField("body.text", "A note needs a text");
      return { kind: "note", text };
    default:
      return assertNever(action);
  }
}

/** A reason of the list, however it is spelt; other words are kept as the text of "other". */
function closing(reason: string, text: string | undefined): AlertAction {
  const spelt = reason
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, "-");
  const known = CLOSE_REASONS.find((one) => one === spelt);
  const words = [...(known === undefined ? [reason.trim()] : []), ...(text === undefined ? [] : [text])].join(
    ": ",
  );
  return { kind: "close", reason: known ?? "other", ...(words === "" ? {} : { text: words }) };
}
