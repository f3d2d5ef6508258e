import {
  LoginBodySchema,
  PasswordConfirmSchema,
  SessionSchema,
  SetupBodySchema,
  SetupStateSchema,
  WelcomeBodySchema,
  WelcomeQuestionSchema,
  WelcomeSchema,
  formatMicros,
} from "@tyto/domain";
import Type from "typebox";
import { sessionOf, sessionView } from "../access/entrance.ts";
import type { Entrance } from "../access/entrance.ts";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";

/** First account, login, logout and who is logged in. */
export function addLoginRoutes(app: HttpServer, dependencies: ApiDependencies, entrance: Entrance): void {
  addSetupRoutes(app, dependencies, entrance);
  addSessionRoutes(app, dependencies, entrance);
  addWelcomeRoutes(app, entrance);
}

function addSetupRoutes(app: HttpServer, { control }: ApiDependencies, entrance: Entrance): void {
  app.get(
    "/api/v1/setup",
    {
      config: { access: "public" },
      schema: {
        summary: "Whether the first account is still to be made",
        tags: ["access"],
        response: { 200: SetupStateSchema },
      },
    },
    async () => ({ needed: (await control.access.userCount()) === 0 }),
  );

  app.post(
    "/api/v1/setup",
    {
      config: { access: "public", refuses: [401, 409, 429] },
      schema: {
        summary: "Make the first account with the one-time token, and log in",
        tags: ["access"],
        body: SetupBodySchema,
        response: { 200: SessionSchema },
      },
    },
    async (request, reply) => {
      entrance.throttleAddress(request, reply);
      const user = await entrance.createFirstUser(request.body);
      return entrance.letIn(request, reply, user);
    },
  );
}

function addSessionRoutes(app: HttpServer, { now }: ApiDependencies, entrance: Entrance): void {
  app.post(
    "/api/v1/login",
    {
      config: { access: "public", refuses: [401, 429] },
      schema: {
        summary: "Log in; sets the session's cookie",
        tags: ["access"],
        body: LoginBodySchema,
        response: { 200: SessionSchema },
      },
    },
    async (request, reply) => {
      const user = await entrance.checkPassword(request, reply, request.body);
      return entrance.letIn(request, reply, user);
    },
  );

  app.get(
    "/api/v1/session",
    {
      config: { access: "session" },
      schema: { summary: "Who is logged in", tags: ["access"], response: { 200: SessionSchema } },
    },
    (request) => sessionView(sessionOf(request), now()),
  );

  app.post(
    "/api/v1/session/confirm",
    {
      config: { access: "session", refuses: [401, 429] },
      schema: {
        summary: "Give one's password once more: dangerous changes are then let through for five minutes",
        tags: ["access"],
        body: PasswordConfirmSchema,
        response: { 200: SessionSchema },
      },
    },
    (request, reply) => entrance.confirm(request, reply, request.body.password),
  );

  app.post(
    "/api/v1/logout",
    {
      config: { access: "session" },
      schema: { summary: "End the session at once", tags: ["access"], response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      await entrance.letOut(request, reply);
      return reply.code(204).send(null);
    },
  );
}

/** One's own password, by the link that an administrator made. */
function addWelcomeRoutes(app: HttpServer, entrance: Entrance): void {
  app.post(
    "/api/v1/welcome/check",
    {
      config: { access: "public", refuses: [404, 429] },
      schema: {
        summary: "Whose password a one-time link sets",
        tags: ["access"],
        body: WelcomeQuestionSchema,
        response: { 200: WelcomeSchema },
      },
    },
    async (request, reply) => {
      const { user, link } = await entrance.welcomed(request, reply, request.body.secret);
      return { username: user.username, expiresAt: formatMicros(link.expiresAt) };
    },
  );

  app.post(
    "/api/v1/welcome",
    {
      config: { access: "public", refuses: [404, 429] },
      schema: {
        summary: "Set a password with a one-time link, and log in",
        tags: ["access"],
        body: WelcomeBodySchema,
        response: { 200: SessionSchema },
      },
    },
    (request, reply) => entrance.setPassword(request, reply, request.body),
  );
}
