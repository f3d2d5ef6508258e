import {
  DEFAULT_TENANT,
  EntityProfileSchema,
  EntitySchema,
  FindEventsBodySchema,
  FoundEventsSchema,
  MICROS_PER_DAY,
  RuleNoiseSchema,
  SimilarAlertsSchema,
  TytoError,
} from "@tyto/domain";
import type { Alert, AlertId, Entity, EventId, SimilarAlerts } from "@tyto/domain";
import Type from "typebox";
import { accessOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { entityProfile, worstOf } from "../entity-profile.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { Looks } from "../looks.ts";
import { ruleNoise } from "../rule-noise.ts";
import type { SearchDesk } from "../search-desk.ts";
import { readTimeRange } from "../time-range.ts";
import { alertSummary, evidenceOf } from "../views/alert-view.ts";
import { eventView } from "../views/event-view.ts";
import { visibleEvents } from "../visible-events.ts";
import { searched } from "./search-routes.ts";

const IdPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) });
const ProfileQuery = Type.Object(
  {
    type: EntitySchema.properties.type,
    value: Type.String({ minLength: 1, maxLength: 1_000 }),
    from: Type.Optional(Type.String({ maxLength: 40 })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
  },
  { additionalProperties: false },
);
const LIMITS = { timeoutMs: 20_000, maxMemoryBytes: 256 * 1024 * 1024 } as const;
const COMPARED_ALERTS = 200;
const SHOWN_SIMILAR = 20;
const NOISE_ALERTS = 200;
const NOISE_EVENTS = 1_000;

/** What an analyst asks beside an alert: what else happened, what was like it, who this is, why there are so many. */
export function addInvestigationRoutes(
  app: HttpServer,
  dependencies: ApiDependencies,
  { desk, looks }: { readonly desk: SearchDesk; readonly looks: Looks },
): void {
  addSimilarRoute(app, dependencies);
  addNoiseRoute(app, dependencies);
  addFindRoute(app, dependencies, { desk, looks });
  addProfileRoute(app, dependencies, { desk, looks });
}

function addSimilarRoute(app: HttpServer, { control, policy }: ApiDependencies): void {
  app.get(
    "/api/v1/alerts/:id/similar",
    {
      config: { access: "alerts.read" },
      schema: {
        summary: "Alerts of the same rule or about the same things, and how they were closed",
        tags: ["alerts"],
        params: IdPath,
        response: { 200: SimilarAlertsSchema },
      },
    },
    async (request): Promise<SimilarAlerts> => {
      const alert = await control.alerts.byId(request.params.id as AlertId);
      if (alert === undefined) throw new TytoError("not-found", "There is no such alert");
      const page = { sort: "lastSeen", limit: COMPARED_ALERTS } as const;
      const rules = [...new Set(alert.findings.map(({ rule }) => rule.id))].slice(0, 5);
      const groups = distinct(alert.findings.flatMap(({ group }) => group)).slice(0, 5);
      const found = await Promise.all([
        ...rules.map((rule) => control.alerts.list({ rule }, page)),
        ...groups.map(({ value }) => control.alerts.list({ entity: value }, page)),
      ]);
      const others = new Map(
        found.flatMap(({ items }) => items).map((other): [string, Alert] => [other.id, other]),
      );
      others.delete(alert.id);
      const compared = [...others.values()].map((other) => compare(alert, other));
      compared.sort((a, b) => b.shared.length - a.shared.length || b.alert.lastSeen - a.alert.lastSeen);
      const reasons = compared.flatMap(({ alert: { closeReason } }) => closeReason ?? []);
      return {
        items: compared
          .slice(0, SHOWN_SIMILAR)
          .map((one) => ({ ...one, alert: alertSummary(one.alert, policy) })),
        outcomes: [...new Set(reasons)].map((reason) => ({
          reason,
          count: reasons.filter((one) => one === reason).length,
        })),
      };
    },
  );
}

const keyOf = ({ type, value }: Entity): string => `${type} ${value}`;
const distinct = (entities: readonly Entity[]): readonly Entity[] => [
  ...new Map(entities.map((entity) => [keyOf(entity), entity])).values(),
];

function compare(
  alert: Alert,
  other: Alert,
): { readonly alert: Alert; readonly shared: Entity[]; readonly isSameRule: boolean } {
  const known = new Set(alert.entities.map(keyOf));
  const rules = new Set(alert.findings.map(({ rule }) => rule.id));
  return {
    alert: other,
    shared: other.entities.filter((entity) => known.has(keyOf(entity))).slice(0, 10),
    isSameRule: other.findings.some(({ rule }) => rules.has(rule.id)),
  };
}

function addNoiseRoute(app: HttpServer, { control, engine, rules }: ApiDependencies): void {
  app.get(
    "/api/v1/rules/:id/noise",
    {
      config: { access: "alerts.read", isForWhole: true },
      schema: {
        summary: "Why a rule opens so many alerts: what most share, with a draft of an exception for each",
        tags: ["rules"],
        params: IdPath,
        response: { 200: RuleNoiseSchema },
      },
    },
    async (request) => {
      const rule = rules().find(({ id }) => id === request.params.id);
      if (rule === undefined) throw new TytoError("not-found", "There is no such rule");
      const page = { sort: "lastSeen", limit: NOISE_ALERTS } as const;
      const { items } = await control.alerts.list({ rule: rule.id }, page);
      const perAlert = Math.max(1, Math.floor(NOISE_EVENTS / Math.max(1, items.length)));
      const ids = items.flatMap((alert) =>
        evidenceOf(alert)
          .slice(0, perAlert)
          .map(({ id }) => id),
      );
      const events = await engine.events.byIds(ids.slice(0, NOISE_EVENTS));
      const fields = new Map(events.map((event) => [event.id as string, event.fields]));
      return ruleNoise({ id: rule.id, title: rule.title, logsource: logsourceOf(rule.yaml) }, items, fields);
    },
  );
}

/** The rule's own lines: a filter needs the same. */
function logsourceOf(yaml: string): string {
  return (
    /^logsource:[^\n]*\n(?:[ \t]+[^\n]*\n?)*/m.exec(yaml)?.[0].trimEnd() ?? "logsource:\n  category: any"
  );
}

function addFindRoute(
  app: HttpServer,
  dependencies: ApiDependencies,
  { desk, looks }: { readonly desk: SearchDesk; readonly looks: Looks },
): void {
  const { query, now, control } = dependencies;
  app.post(
    "/api/v1/events/find",
    {
      config: { access: "events.search", refuses: [408, 409, 429] },
      schema: {
        summary: "Whole events that match a search, over all sources, by time",
        tags: ["events"],
        body: FindEventsBodySchema,
        response: { 200: FoundEventsSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, async (search) => {
        const { text, from, to, limit = 200 } = request.body;
        const access = accessOf(callerOf(request));
        const compiled = await query.compileSearch({
          text,
          from,
          to,
          now: now(),
          tenant: DEFAULT_TENANT,
          access,
          limit,
        });
        if (!compiled.ok)
          throw new TytoError("query-invalid", compiled.diagnostics[0]?.message ?? "This makes no sense");
        await looks.note(request, "searched", searched(compiled));
        const outcome = await desk.run(compiled.query, { ...LIMITS, maxRows: limit + 1 }, search);
        const { rows, isPartial } = compiled.shape(outcome.rows);
        const place = compiled.columns.findIndex(({ name }) => name === "id");
        const ids = rows.map((row) => row[place]).filter((id): id is string => typeof id === "string");
        const [events, sources] = await Promise.all([
          visibleEvents(dependencies, access, ids as EventId[]),
          control.sources(),
        ]);
        const known = new Map(sources.map((source) => [source.id, source]));
        return {
          items: [...events]
            .sort((a, b) => a.timestamp - b.timestamp)
            .map((event) => eventView(event, known)),
          partial: isPartial || outcome.isPartial,
        };
      }),
  );
}

function addProfileRoute(
  app: HttpServer,
  dependencies: ApiDependencies,
  { desk, looks }: { readonly desk: SearchDesk; readonly looks: Looks },
): void {
  const { control, query, now } = dependencies;
  app.get(
    "/api/v1/entities/profile",
    {
      config: { access: "events.search", refuses: [408, 409, 429] },
      schema: {
        summary:
          "When a user, host, address or file occurred, with what, and what alerts it has; the last 30 days",
        tags: ["alerts"],
        querystring: ProfileQuery,
        response: { 200: EntityProfileSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, async (search) => {
        const { type, value, ...asked } = request.query;
        const range = readTimeRange(asked, { part: "query", now: now(), defaultMicros: 30 * MICROS_PER_DAY });
        await looks.note(request, "entity-opened", { type, value });
        const [profile, total, open, facets] = await Promise.all([
          entityProfile(
            { entity: { type, value }, ...range, now: now() },
            {
              query,
              access: accessOf(callerOf(request)),
              run: (bound, maxRows) => desk.run(bound, { ...LIMITS, maxRows }, search),
            },
          ),
          control.alerts.count({ entity: value }),
          control.alerts.count({ entity: value, status: ["new", "acknowledged"] }),
          control.alerts.facets({ entity: value, status: ["new", "acknowledged"] }, 4),
        ]);
        const severities = facets.filter(({ facet }) => facet === "severity").map((one) => one.value);
        return { ...profile, alerts: { total, open, worst: worstOf(severities) } };
      }),
  );
}
