import {
  formatMicros,
  OwnSessionListSchema,
  PasswordChangeSchema,
  SessionSchema,
  TytoError,
} from "@tyto/domain";
import Type from "typebox";
import { sessionOf } from "../access/entrance.ts";
import type { Entrance } from "../access/entrance.ts";
import { sessionEnd } from "../access/sessions.ts";
import type { Sessions } from "../access/sessions.ts";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";

const SessionPath = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{16}$" }) });

interface ProfileParts {
  readonly entrance: Entrance;
  readonly sessions: Sessions;
}

/** One's own account: its password, and where it is logged in. */
export function addProfileRoutes(
  app: HttpServer,
  { control, now, audit }: ApiDependencies,
  { entrance, sessions }: ProfileParts,
): void {
  app.post(
    "/api/v1/profile/password",
    {
      config: { access: "session", refuses: [429] },
      schema: {
        summary: "Change one's own password; all sessions end, and this one is replaced",
        tags: ["access"],
        body: PasswordChangeSchema,
        response: { 200: SessionSchema },
      },
    },
    (request, reply) => entrance.changePassword(request, reply, request.body),
  );

  app.get(
    "/api/v1/profile/sessions",
    {
      config: { access: "session" },
      schema: {
        summary: "Where one is logged in",
        tags: ["access"],
        response: { 200: OwnSessionListSchema },
      },
    },
    async (request) => {
      const { user, session } = sessionOf(request);
      const all = await control.users.sessionsOf(user.id);
      const items = all
        .filter((one) => sessionEnd(one, one.lastUsedAt) > now())
        .map((one) => ({
          id: idOf(one),
          isThis: one.hash === session.hash,
          createdAt: formatMicros(one.createdAt),
          lastUsedAt: formatMicros(one.lastUsedAt),
          expiresAt: formatMicros(one.expiresAt),
          from: one.from,
          agent: one.agent,
        }));
      return { items, nextCursor: null };
    },
  );

  app.delete(
    "/api/v1/profile/sessions",
    {
      config: { access: "session" },
      schema: {
        summary: "Sign out everywhere else",
        tags: ["access"],
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { user, session } = sessionOf(request);
      await audit.append({ actor: user.username, action: "logged-out", detail: { sessions: "all others" } });
      await control.users.endSessions(user.id, session.hash);
      return reply.code(204).send(null);
    },
  );

  app.delete(
    "/api/v1/profile/sessions/:id",
    {
      config: { access: "session" },
      schema: {
        summary: "Sign out one of one's sessions",
        tags: ["access"],
        params: SessionPath,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { user } = sessionOf(request);
      const found = (await control.users.sessionsOf(user.id)).find((one) => idOf(one) === request.params.id);
      if (found === undefined) throw new TytoError("not-found", "There is no such session of yours");
      await audit.append({ actor: user.username, action: "logged-out", detail: { session: idOf(found) } });
      await sessions.close(found.hash);
      return reply.code(204).send(null);
    },
  );
}

/** The beginning of the hash: names it, and lets nobody in. */
const idOf = ({ hash }: { readonly hash: string }): string => hash.slice(0, 16);
