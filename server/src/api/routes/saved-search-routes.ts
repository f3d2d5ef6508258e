import { createHash } from "node:crypto";
import {
  formatMicros,
  LinkBodySchema,
  LinkSchema,
  SavedSearchBodySchema,
  SavedSearchListSchema,
  SavedSearchSchema,
  SearchHistorySchema,
  SearchRunListSchema,
  SearchRunSchema,
  TytoError,
} from "@tyto/domain";
import type { Micros, SavedSearch, SavedSearchBody } from "@tyto/domain";
import type { FastifyRequest } from "fastify";
import Type from "typebox";
import type { SavedSearchRecord } from "../../storage/index.ts";
import { accessOf, actorOf, ownerOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { SearchDesk } from "../search-desk.ts";
import { savedSearchView, searchRunView } from "../views/saved-search-view.ts";

const SavedPath = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) });
const LinkPath = Type.Object({ id: Type.String({ pattern: "^[0-9a-z]{6,32}$" }) });
const MAX_SAVED = 500;
const SHOWN_RUNS = 100;
const SHOWN_HISTORY = 200;

const nameOf = (request: FastifyRequest): string => actorOf(callerOf(request));

/** Searches that are kept: under a name, in everyone's own history, and behind short links. */
export function addSavedSearchRoutes(app: HttpServer, dependencies: ApiDependencies, desk: SearchDesk): void {
  addReadRoutes(app, dependencies, desk);
  addChangeRoutes(app, dependencies, desk);
  addHistoryRoutes(app, dependencies);
  addLinkRoutes(app, dependencies);
}

/** One's own, or one that is shared. */
async function visible(
  { control }: ApiDependencies,
  request: FastifyRequest<{ Params: { id: string } }>,
): Promise<SavedSearchRecord> {
  const search = await control.searches.savedById(request.params.id);
  if (search !== undefined && (search.isShared || search.owner === nameOf(request))) return search;
  throw new TytoError("not-found", "There is no such search");
}

/** Results that were found with another's rights. @throws TytoError `forbidden` for who sees less */
function refuseOthersResults(request: FastifyRequest, search: SavedSearchRecord): void {
  if (accessOf(callerOf(request)) === undefined || search.owner === nameOf(request)) return;
  throw new TytoError("forbidden", `The results are what ${search.owner} may see, and your role sees less`, {
    hint: "Open the search and run it yourself.",
  });
}

async function viewOf(
  { control }: ApiDependencies,
  request: FastifyRequest,
  search: SavedSearchRecord,
): Promise<SavedSearch> {
  const [lastRun] = await control.searches.runs(search.id, 1);
  return savedSearchView(search, { caller: nameOf(request), lastRun });
}

function addReadRoutes(app: HttpServer, dependencies: ApiDependencies, desk: SearchDesk): void {
  const { control } = dependencies;
  app.get(
    "/api/v1/searches",
    {
      config: { access: "events.search" },
      schema: {
        summary: "Saved searches: one's own and those that others share",
        tags: ["search"],
        response: { 200: SavedSearchListSchema },
      },
    },
    async (request) => {
      const saved = await control.searches.saved(nameOf(request));
      return {
        items: await Promise.all(saved.map((one) => viewOf(dependencies, request, one))),
        nextCursor: null,
      };
    },
  );

  app.get(
    "/api/v1/searches/:id/runs",
    {
      config: { access: "events.search" },
      schema: {
        summary: "What a scheduled search found, newest first",
        tags: ["search"],
        params: SavedPath,
        response: { 200: SearchRunListSchema },
      },
    },
    async (request) => {
      const search = await visible(dependencies, request);
      refuseOthersResults(request, search);
      await desk.audit(request, "results-read", {
        search: search.id,
        name: search.name,
        owner: search.owner,
      });
      const runs = await control.searches.runs(search.id, SHOWN_RUNS);
      return { items: runs.map(searchRunView), nextCursor: null };
    },
  );

  app.post(
    "/api/v1/searches/:id/run",
    {
      config: { access: "searches.save", audit: "own", refuses: [408, 409, 429] },
      schema: {
        summary: "Run a saved search now and keep what it finds with its runs",
        tags: ["search"],
        params: SavedPath,
        response: { 200: SearchRunSchema },
      },
    },
    async (request) => {
      const search = await visible(dependencies, request);
      refuseOthersResults(request, search);
      await desk.audit(request, "searched", { search: search.id, name: search.name });
      return searchRunView(await dependencies.scheduledSearches.run(search));
    },
  );
}

function addChangeRoutes(app: HttpServer, dependencies: ApiDependencies, desk: SearchDesk): void {
  const { control, now, random } = dependencies;
  const own = async (request: FastifyRequest<{ Params: { id: string } }>): Promise<SavedSearchRecord> => {
    const search = await visible(dependencies, request);
    if (search.owner === nameOf(request)) return search;
    throw new TytoError("forbidden", `This search is ${search.owner}'s`, {
      hint: "Save it under a name of your own.",
    });
  };

  app.post(
    "/api/v1/searches",
    {
      config: { access: "searches.save", audit: "own", refuses: [409] },
      schema: {
        summary: "Save a search, and let it run by itself",
        tags: ["search"],
        body: SavedSearchBodySchema,
        response: { 200: SavedSearchSchema },
      },
    },
    async (request) => {
      const owner = nameOf(request);
      const known = (await control.searches.saved(owner)).filter((one) => one.owner === owner);
      if (known.length >= MAX_SAVED)
        throw new TytoError("conflict", `You have ${MAX_SAVED} searches already`);
      const id = Buffer.from(random(8)).toString("hex");
      const at = now();
      const record = recordOf(request.body, { id, owner, createdAt: at, at });
      await control.searches.save(record);
      await desk.audit(request, "search-saved", { search: id, name: record.name, shared: record.isShared });
      return viewOf(dependencies, request, record);
    },
  );

  app.put(
    "/api/v1/searches/:id",
    {
      config: { access: "searches.save", audit: "own" },
      schema: {
        summary: "Change a saved search of one's own",
        tags: ["search"],
        params: SavedPath,
        body: SavedSearchBodySchema,
        response: { 200: SavedSearchSchema },
      },
    },
    async (request) => {
      const before = await own(request);
      const record = recordOf(request.body, { ...before, at: now() });
      await control.searches.save(record);
      await desk.audit(request, "search-saved", {
        search: record.id,
        name: record.name,
        shared: record.isShared,
      });
      return viewOf(dependencies, request, record);
    },
  );

  app.delete(
    "/api/v1/searches/:id",
    {
      config: { access: "searches.save", audit: "own" },
      schema: {
        summary: "Delete a saved search of one's own, with its runs",
        tags: ["search"],
        params: SavedPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id, name } = await own(request);
      await control.searches.deleteSaved(id);
      await desk.audit(request, "search-deleted", { search: id, name });
      return reply.code(204).send(null);
    },
  );
}

function recordOf(
  body: SavedSearchBody,
  known: { readonly id: string; readonly owner: string; readonly createdAt: Micros; readonly at: Micros },
): SavedSearchRecord {
  const { name, shared, mode, query, from, to, columns, schedule } = body;
  return {
    id: known.id,
    owner: known.owner,
    createdAt: known.createdAt,
    updatedAt: known.at,
    name,
    isShared: shared,
    mode,
    query,
    from,
    to,
    columns,
    schedule:
      schedule === null
        ? null
        : { everyMinutes: schedule.everyMinutes, threshold: schedule.threshold, isEnabled: schedule.enabled },
  };
}

function addHistoryRoutes(app: HttpServer, { control }: ApiDependencies): void {
  app.get(
    "/api/v1/search/history",
    {
      config: { access: "events.search" },
      schema: {
        summary: "What one asked in the console, newest first",
        tags: ["search"],
        response: { 200: SearchHistorySchema },
      },
    },
    async (request) => {
      const entries = await control.searches.history(ownerOf(callerOf(request)), SHOWN_HISTORY);
      const items = entries.map(({ at, mode, query, from, to, rows, elapsedMs }) => ({
        at: formatMicros(at),
        mode,
        query,
        from,
        to,
        rows,
        elapsedMs,
      }));
      return { items, nextCursor: null };
    },
  );

  app.delete(
    "/api/v1/search/history",
    {
      config: { access: "events.search" },
      schema: { summary: "Forget one's own history", tags: ["search"], response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      await control.searches.clearHistory(ownerOf(callerOf(request)));
      return reply.code(204).send(null);
    },
  );
}

function addLinkRoutes(app: HttpServer, { control, now }: ApiDependencies): void {
  app.post(
    "/api/v1/links",
    {
      config: { access: "searches.save", audit: "none" },
      schema: {
        summary: "A short link to a place in the console; the same place has the same link",
        tags: ["search"],
        body: LinkBodySchema,
        response: { 200: LinkSchema },
      },
    },
    async (request) => {
      const { path } = request.body;
      const id = createHash("sha256").update(path).digest("hex").slice(0, 12);
      await control.searches.addLink({ id, path, createdAt: now(), createdBy: nameOf(request) });
      return { id, path };
    },
  );

  app.get(
    "/api/v1/links/:id",
    {
      config: { access: "events.search" },
      schema: {
        summary: "Where a short link leads",
        tags: ["search"],
        params: LinkPath,
        response: { 200: LinkSchema },
      },
    },
    async (request) => {
      const link = await control.searches.link(request.params.id);
      if (link === undefined) throw new TytoError("not-found", "This link leads nowhere");
      return { id: link.id, path: link.path };
    },
  );
}
