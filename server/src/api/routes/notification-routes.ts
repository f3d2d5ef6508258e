import {
  formatMicros,
  micros,
  MutedSchema,
  NotificationListSchema,
  NotificationQuerySchema,
  ReadBodySchema,
} from "@tyto/domain";
import Type from "typebox";
import type { NotificationRecord } from "../../storage/index.ts";
import { sessionOf } from "../access/entrance.ts";
import type { ApiDependencies } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";

const DEFAULT_PAGE = 50;
const CURSOR = /^(\d{1,16})\.([0-9a-f]{16})$/;

/** What is new for who asks; nobody sees another's. */
export function addNotificationRoutes(app: HttpServer, { notifications }: ApiDependencies): void {
  app.get(
    "/api/v1/notifications",
    {
      config: { access: "session" },
      schema: {
        summary: "One's own notifications, newest first",
        tags: ["access"],
        querystring: NotificationQuerySchema,
        response: { 200: NotificationListSchema },
      },
    },
    async (request) => {
      const { user } = sessionOf(request);
      const { limit = DEFAULT_PAGE, cursor } = request.query;
      const found = await notifications.of(user.id, { limit, before: placeOf(cursor) });
      const last = found.length === limit ? found.at(-1) : undefined;
      return {
        items: found.map(({ id, at, kind, title, path, readAt }) => ({
          ...{ id, kind, title, path },
          at: formatMicros(at),
          isRead: readAt !== null,
        })),
        nextCursor: last === undefined ? null : `${last.at}.${last.id}`,
        unread: await notifications.unread(user.id),
      };
    },
  );

  app.post(
    "/api/v1/notifications/read",
    {
      config: { access: "session" },
      schema: {
        summary: "Mark one's notifications as read",
        tags: ["access"],
        body: ReadBodySchema,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await notifications.markRead(sessionOf(request).user.id, request.body.ids);
      return reply.code(204).send(null);
    },
  );

  app.get(
    "/api/v1/notifications/muted",
    {
      config: { access: "session" },
      schema: {
        summary: "Kinds that one is not told of",
        tags: ["access"],
        response: { 200: MutedSchema },
      },
    },
    async (request) => ({ muted: [...(await notifications.muted(sessionOf(request).user.id))] }),
  );

  app.put(
    "/api/v1/notifications/muted",
    {
      config: { access: "session" },
      schema: {
        summary: "Choose what one is not told of",
        tags: ["access"],
        body: MutedSchema,
        response: { 200: MutedSchema },
      },
    },
    async (request) => {
      await notifications.mute(sessionOf(request).user.id, request.body.muted);
      return request.body;
    },
  );
}

/** A cursor that nobody here has written begins at the newest. */
function placeOf(cursor: string | undefined): Pick<NotificationRecord, "at" | "id"> | undefined {
  const parts = CURSOR.exec(cursor ?? "");
  return parts === null ? undefined : { at: micros(Number(parts[1])), id: parts[2] ?? "" };
}
