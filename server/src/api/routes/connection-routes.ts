import {
  BackfillBodySchema,
  BackfillReplySchema,
  ConnectionBodySchema,
  ConnectionKindListSchema,
  ConnectionListSchema,
  ConnectionPatchSchema,
  ConnectionSchema,
  ConnectionTestSchema,
  formatMicros,
} from "@tyto/domain";
import Type from "typebox";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import { pageOf, PageQuerySchema } from "../paging.ts";
import { connectionView } from "../views/connection-view.ts";

const ConnectionPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

/** Inputs that pull. Settings are answered as they were given, secrets never. */
export function addConnectionRoutes(app: HttpServer, dependencies: ApiDependencies): void {
  addListing(app, dependencies);
  addChanges(app, dependencies);
  addQuestions(app, dependencies);
}

function addListing(app: HttpServer, { connections }: ApiDependencies): void {
  app.get(
    "/api/v1/connections",
    {
      config: { access: "sources.read" },
      schema: {
        summary: "Inputs that pull, with how each is doing",
        tags: ["connections"],
        querystring: PageQuerySchema,
        response: { 200: ConnectionListSchema },
      },
    },
    async (request) => pageOf((await connections.list()).map(connectionView), request.query),
  );

  app.get(
    "/api/v1/connections/kinds",
    {
      config: { access: "sources.read" },
      schema: {
        summary: "What can be pulled from, with the JSON Schemas of settings and secrets",
        tags: ["connections"],
        response: { 200: ConnectionKindListSchema },
      },
    },
    () => connections.kinds(),
  );

  app.get(
    "/api/v1/connections/:id",
    {
      config: { access: "sources.read" },
      schema: {
        summary: "One connection",
        tags: ["connections"],
        params: ConnectionPath,
        response: { 200: ConnectionSchema },
      },
    },
    async (request) => connectionView(await connections.get(request.params.id)),
  );
}

function addChanges(app: HttpServer, { connections }: ApiDependencies): void {
  app.post(
    "/api/v1/connections",
    {
      config: { access: "sources.change", refuses: [409] },
      schema: {
        summary: "Set a connection up; it starts at once unless `enabled` is false",
        tags: ["connections"],
        body: ConnectionBodySchema,
        response: { 201: ConnectionSchema },
      },
    },
    async (request, reply) => {
      const made = await connections.create(request.body, actorOf(callerOf(request)));
      return reply.code(201).send(connectionView(made));
    },
  );

  app.patch(
    "/api/v1/connections/:id",
    {
      config: { access: "sources.change", refuses: [409] },
      schema: {
        summary: "Change, pause (`enabled: false`) or resume a connection; it goes on where it left off",
        tags: ["connections"],
        params: ConnectionPath,
        body: ConnectionPatchSchema,
        response: { 200: ConnectionSchema },
      },
    },
    async (request) => connectionView(await connections.update(request.params.id, request.body)),
  );

  app.delete(
    "/api/v1/connections/:id",
    {
      config: { access: "sources.change" },
      schema: {
        summary: "Remove a connection with its secrets and its place; what it brought stays",
        tags: ["connections"],
        params: ConnectionPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await connections.remove(request.params.id);
      return reply.code(204).send(null);
    },
  );
}

function addQuestions(app: HttpServer, { connections }: ApiDependencies): void {
  app.post(
    "/api/v1/connections/test",
    {
      config: { access: "sources.change", audit: "none" },
      schema: {
        summary: "Try settings and secrets against the peer before they are kept",
        tags: ["connections"],
        body: ConnectionBodySchema,
        response: { 200: ConnectionTestSchema },
      },
    },
    (request) => connections.testBody(request.body),
  );

  app.post(
    "/api/v1/connections/:id/test",
    {
      config: { access: "sources.change", audit: "none" },
      schema: {
        summary: "Try a connection's settings and secrets against the peer, and say what is missing",
        tags: ["connections"],
        params: ConnectionPath,
        response: { 200: ConnectionTestSchema },
      },
    },
    (request) => connections.test(request.params.id),
  );

  app.post(
    "/api/v1/connections/:id/backfill",
    {
      config: { access: "sources.change" },
      schema: {
        summary: "Fetch the last days as well, beside what is new; such records have a source of their own",
        tags: ["connections"],
        params: ConnectionPath,
        body: BackfillBodySchema,
        response: { 200: BackfillReplySchema },
      },
    },
    async (request) => {
      const { from, to } = await connections.backfill(request.params.id, request.body.days);
      return { from: formatMicros(from), to: formatMicros(to) };
    },
  );
}
