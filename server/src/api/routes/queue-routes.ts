import {
  AlertFacetsSchema,
  AlertFilterQuerySchema,
  AlertGroupsQuerySchema,
  AlertGroupsSchema,
  BulkBodySchema,
  BulkJobSchema,
  formatMicros,
  micros,
  SavedViewBodySchema,
  SavedViewListSchema,
  SavedViewSchema,
  SEVERITIES,
  TriageSettingsSchema,
  TytoError,
} from "@tyto/domain";
import type { Alert, AlertGroups, BulkJob } from "@tyto/domain";
import Type from "typebox";
import { actorOf } from "../access/caller.ts";
import { readAction } from "../alert-action.ts";
import { alertContext } from "../alert-context.ts";
import { readAlertFilter } from "../alert-query.ts";
import { storiesOf } from "../alert-stories.ts";
import type { ApiDependencies, BulkJobView } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { AlertFilter } from "../../storage/index.ts";

const IdPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const FACET_VALUES = 12;
const GROUPS = 200;
const MAX_BULK = 50_000;
const MAX_VIEWS = 50;
const tags = ["alerts"];

/** The queue as a whole: counted, grouped, remembered, and acted on. */
export function addQueueRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  addCountRoutes(app, dependencies);
  addViewRoutes(app, dependencies);
  addBulkRoutes(app, dependencies);
  addSettingsRoutes(app, dependencies);
}

function addCountRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  const { control, rules } = dependencies;
  const titleOf = (ruleId: string): string => rules().find(({ id }) => id === ruleId)?.title ?? ruleId;
  app.get(
    "/api/v1/alerts/facets",
    {
      config: { access: "alerts.read" },
      schema: {
        summary: "What the alerts that match have, with counts",
        tags,
        querystring: AlertFilterQuerySchema,
        response: { 200: AlertFacetsSchema },
      },
    },
    async (request) => {
      const filter = await readAlertFilter(request.query, alertContext(dependencies, request));
      const counts = await control.alerts.facets(filter, FACET_VALUES);
      const facets = [...new Set(counts.map(({ facet }) => facet))];
      return {
        items: facets.map((facet) => ({
          facet,
          values: counts
            .filter((one) => one.facet === facet)
            .map(({ value, count }) => ({ value, count, label: facet === "rule" ? titleOf(value) : value })),
        })),
      };
    },
  );

  app.get(
    "/api/v1/alerts/groups",
    {
      config: { access: "alerts.read" },
      schema: {
        summary: "The alerts that match, by rule, host, user, address or story",
        tags,
        querystring: AlertGroupsQuerySchema,
        response: { 200: AlertGroupsSchema },
      },
    },
    async (request): Promise<AlertGroups> => {
      const { by, ...query } = request.query;
      const filter = await readAlertFilter(query, alertContext(dependencies, request));
      if (by === "story") return storyGroups(dependencies, filter);
      const groups = await control.alerts.groups(filter, by, GROUPS);
      return {
        items: groups.map(({ firstSeen, lastSeen, ...group }) => ({
          ...group,
          label: by === "rule" ? titleOf(group.value) : group.value,
          firstSeen: formatMicros(firstSeen),
          lastSeen: formatMicros(lastSeen),
        })),
        isPartial: groups.length === GROUPS,
      };
    },
  );
}

async function storyGroups({ control }: ApiDependencies, filter: AlertFilter): Promise<AlertGroups> {
  const { groups, isPartial } = await storiesOf(control.alerts, filter);
  const shown = groups.slice(0, GROUPS);
  const items = await Promise.all(
    shown.map(async (ids) => {
      const { items: alerts } = await control.alerts.list({ ids }, { sort: "priority", limit: 500 });
      return storyGroup(alerts, ids.length);
    }),
  );
  return { items: items.flatMap((item) => item ?? []), isPartial: isPartial || groups.length > GROUPS };
}

function storyGroup(alerts: readonly Alert[], count: number): AlertGroups["items"][number] | undefined {
  const [top] = alerts;
  if (top === undefined) return undefined;
  const bySeverity = { low: 0, medium: 0, high: 0, critical: 0 };
  for (const { severity } of alerts) bySeverity[severity]++;
  const others = new Set(alerts.map(({ title }) => title)).size - 1;
  return {
    value: top.id,
    label: others === 0 ? top.title : `${top.title}, and ${others} more`,
    count,
    bySeverity,
    unassigned: alerts.filter(({ assignee }) => assignee === null).length,
    topScore: Math.max(...alerts.map(({ priority }) => priority.score)),
    firstSeen: formatMicros(micros(Math.min(...alerts.map(({ firstSeen }) => firstSeen)))),
    lastSeen: formatMicros(micros(Math.max(...alerts.map(({ lastSeen }) => lastSeen)))),
  };
}

function addViewRoutes(app: HttpServer, { control, now, random }: ApiDependencies): void {
  app.get(
    "/api/v1/alerts/views",
    {
      config: { access: "alerts.read" },
      schema: { summary: "One's own saved queues", tags, response: { 200: SavedViewListSchema } },
    },
    async (request) => {
      const views = await control.views.of(actorOf(callerOf(request)));
      return { items: views.map(({ id, name, query }) => ({ id, name, query })) };
    },
  );

  app.post(
    "/api/v1/alerts/views",
    {
      config: { access: "searches.save" },
      schema: {
        summary: "Save a queue for oneself; one of the same name is replaced",
        tags,
        body: SavedViewBodySchema,
        response: { 201: SavedViewSchema },
      },
    },
    async (request, reply) => {
      const owner = actorOf(callerOf(request));
      const { name, query } = request.body;
      const known = await control.views.of(owner);
      const same = known.find((view) => view.name === name);
      if (same === undefined && known.length >= MAX_VIEWS)
        throw new TytoError("bad-request", `There are ${MAX_VIEWS} views already`, {
          hint: "Delete one first.",
        });
      const id = same?.id ?? Buffer.from(random(8)).toString("hex");
      await control.views.save({ id, owner, name, query, createdAt: same?.createdAt ?? now() });
      return reply.code(201).send({ id, name, query });
    },
  );

  app.delete(
    "/api/v1/alerts/views/:id",
    {
      config: { access: "searches.save" },
      schema: { summary: "Forget a saved queue", tags, params: IdPath, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      if (await control.views.delete(actorOf(callerOf(request)), request.params.id))
        return reply.code(204).send(null);
      throw new TytoError("not-found", "You have no such view");
    },
  );
}

function addBulkRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  const { control, bulkJobs, policy } = dependencies;
  const known = (job: BulkJobView | undefined): BulkJob => {
    if (job === undefined) throw new TytoError("not-found", "There is no such job");
    return { ...job, createdAt: formatMicros(job.createdAt) };
  };
  app.post(
    "/api/v1/alerts/bulk",
    {
      config: { access: "alerts.triage" },
      schema: {
        summary: "Do one thing to every alert that matches, in the background",
        tags,
        body: BulkBodySchema,
        response: { 200: BulkJobSchema },
      },
    },
    async (request) => {
      const { filter, ...rest } = request.body;
      const action = policy.apply(readAction(rest));
      const matching = await readAlertFilter(filter, alertContext(dependencies, request));
      const ids = await control.alerts.ids(matching, MAX_BULK + 1);
      if (ids.length === 0) throw new TytoError("bad-request", "No alert matches");
      if (ids.length > MAX_BULK)
        throw new TytoError("bad-request", `More than ${MAX_BULK} alerts match`, {
          hint: "Narrow the filter.",
        });
      return known(await bulkJobs.start(ids, action, actorOf(callerOf(request))));
    },
  );

  app.get(
    "/api/v1/alerts/bulk/:id",
    {
      config: { access: "alerts.read" },
      schema: { summary: "How far a bulk job is", tags, params: IdPath, response: { 200: BulkJobSchema } },
    },
    async (request) => known(await bulkJobs.byId(request.params.id)),
  );

  app.delete(
    "/api/v1/alerts/bulk/:id",
    {
      config: { access: "alerts.triage" },
      schema: {
        summary: "Stop a bulk job; what it did stays, and can be undone",
        tags,
        params: IdPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      if (await bulkJobs.cancel(request.params.id)) return reply.code(204).send(null);
      throw new TytoError("not-found", "No such job runs");
    },
  );

  app.post(
    "/api/v1/alerts/bulk/:id/undo",
    {
      config: { access: "alerts.triage", refuses: [409] },
      schema: {
        summary: "Take a bulk job back, but for alerts that somebody changed since",
        tags,
        params: IdPath,
        response: { 200: BulkJobSchema },
      },
    },
    async (request) => known(await bulkJobs.undo(request.params.id)),
  );
}

function addSettingsRoutes(app: HttpServer, { policy }: ApiDependencies): void {
  app.get(
    "/api/v1/triage/settings",
    {
      config: { access: "settings.read" },
      schema: {
        summary: "How long alerts may wait, and who gets one that is acknowledged",
        tags,
        response: { 200: TriageSettingsSchema },
      },
    },
    () => Promise.resolve(policy.current),
  );

  app.post(
    "/api/v1/triage/settings",
    {
      config: { access: "settings.change" },
      schema: {
        summary: "Change them",
        tags,
        body: TriageSettingsSchema,
        response: { 200: TriageSettingsSchema },
      },
    },
    async (request) => {
      const { deadlines } = request.body;
      for (const severity of SEVERITIES) {
        const { acknowledgeMinutes, closeMinutes } = deadlines[severity];
        if (acknowledgeMinutes !== null && closeMinutes !== null && acknowledgeMinutes > closeMinutes)
          throw new TytoError("bad-request", `${severity}: closing is due before acknowledging`);
      }
      await policy.change(request.body);
      return policy.current;
    },
  );
}
