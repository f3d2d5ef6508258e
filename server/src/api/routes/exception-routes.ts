import {
  ExceptionBodySchema,
  ExceptionChangeSchema,
  ExceptionHiddenSchema,
  ExceptionListSchema,
  ExceptionPreviewSchema,
  ExceptionProposalQuerySchema,
  ExceptionProposalSchema,
  ExceptionRenewalSchema,
  ExceptionSchema,
  ExceptionVersionsSchema,
} from "@tyto/domain";
import Type from "typebox";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { SearchDesk } from "../search-desk.ts";

const IdPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const tags = ["rules"];

/** What people have excepted from rules. */
export function addExceptionRoutes(app: HttpServer, dependencies: ApiDependencies, desk: SearchDesk): void {
  addReadingRoutes(app, dependencies, desk);
  addChangingRoutes(app, dependencies);
}

function addReadingRoutes(app: HttpServer, { exceptions }: ApiDependencies, desk: SearchDesk): void {
  app.get(
    "/api/v1/exceptions",
    {
      config: { access: "rules.read" },
      schema: {
        summary: "All exceptions, those that are over too, newest first",
        tags,
        response: { 200: ExceptionListSchema },
      },
    },
    () => ({ items: [...exceptions.list()] }),
  );

  app.get(
    "/api/v1/exceptions/proposal",
    {
      config: { access: "rules.read" },
      schema: {
        summary: "What an exception for an alert could say",
        tags,
        querystring: ExceptionProposalQuerySchema,
        response: { 200: ExceptionProposalSchema },
      },
    },
    (request) => exceptions.proposal(request.query.alert, request.query.rule),
  );

  app.get(
    "/api/v1/exceptions/:id/versions",
    {
      config: { access: "rules.read" },
      schema: {
        summary: "What an exception said, and who changed it",
        tags,
        params: IdPath,
        response: { 200: ExceptionVersionsSchema },
      },
    },
    (request) => exceptions.versions(request.params.id),
  );

  app.get(
    "/api/v1/exceptions/:id/hidden",
    {
      config: { access: "rules.read", isForWhole: true, refuses: [408, 409, 429] },
      schema: {
        summary: "What an exception has kept away since it was made, counted over stored events",
        tags,
        params: IdPath,
        response: { 200: ExceptionHiddenSchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, (search) => exceptions.hidden(request.params.id, search)),
  );

  app.post(
    "/api/v1/exceptions/preview",
    {
      config: { access: "rules.read", isForWhole: true },
      schema: {
        summary: "What an exception would have done to the alerts of 30 days",
        tags,
        body: ExceptionBodySchema,
        response: { 200: ExceptionPreviewSchema },
      },
    },
    (request) => exceptions.preview(request.body),
  );
}

function addChangingRoutes(app: HttpServer, { exceptions }: ApiDependencies): void {
  app.post(
    "/api/v1/exceptions",
    {
      config: { access: "rules.change", audit: "own" },
      schema: {
        summary: "Make an exception; it is in force with the next batch of events",
        tags,
        body: ExceptionBodySchema,
        response: { 201: ExceptionSchema },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await exceptions.create(request.body, actorOf(callerOf(request)))),
  );

  app.put(
    "/api/v1/exceptions/:id",
    {
      config: { access: "rules.change", audit: "own", refuses: [409] },
      schema: {
        summary: "Change an exception",
        tags,
        params: IdPath,
        body: ExceptionChangeSchema,
        response: { 200: ExceptionSchema },
      },
    },
    (request) => exceptions.change(request.params.id, request.body, actorOf(callerOf(request))),
  );

  app.post(
    "/api/v1/exceptions/:id/end",
    {
      config: { access: "rules.change", audit: "own", refuses: [409] },
      schema: {
        summary: "End an exception now",
        tags,
        params: IdPath,
        response: { 200: ExceptionSchema },
      },
    },
    (request) => exceptions.end(request.params.id, actorOf(callerOf(request))),
  );

  app.post(
    "/api/v1/exceptions/:id/renew",
    {
      config: { access: "rules.change", audit: "own", refuses: [409] },
      schema: {
        summary: "Give an exception more time from now on, one that is over too",
        tags,
        params: IdPath,
        body: ExceptionRenewalSchema,
        response: { 200: ExceptionSchema },
      },
    },
    (request) => exceptions.renew(request.params.id, request.body.expiresInDays, actorOf(callerOf(request))),
  );
}
