import { Socket } from "node:net";
import { LiveMessageSchema, ViewersSchema, ViewingBodySchema } from "@tyto/domain";
import Type from "typebox";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";

const IdPath = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const StreamQuery = Type.Object(
  {
    seconds: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 900, description: "How long it stays open; 900 without" }),
    ),
  },
  { additionalProperties: false },
);
const HEARTBEAT_MS = 15_000;

/** What changes, as it changes; and who else looks. */
export function addLiveRoutes(app: HttpServer, { live }: ApiDependencies): void {
  app.addHook("preClose", (done) => {
    live.close();
    done();
  });

  app.get(
    "/api/v1/alerts/stream",
    {
      config: { access: "alerts.read" },
      schema: {
        summary: "Changes of alerts as server-sent events, each message in JSON",
        tags: ["alerts"],
        querystring: StreamQuery,
        response: { 200: LiveMessageSchema },
      },
    },
    (request, reply) => {
      // Ends now and then, so that a session that ended is noticed: the browser comes back by itself.
      const { seconds = 900 } = request.query;
      const { raw } = reply;
      reply.hijack();
      raw.writeHead(200, {
        ...Object.fromEntries(
          Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]),
        ),
        "content-type": "text/event-stream; charset=utf-8",
        "x-accel-buffering": "no",
      });
      if (request.socket instanceof Socket) request.socket.setTimeout(0);
      // Too many are open: this one ends, and the console asks every few seconds as it did before there were streams.
      const leave = live.join({ send: (text) => raw.write(text), end: () => raw.end() });
      if (leave === undefined) raw.end();
      const heartbeat = setInterval(() => raw.write(": alive\n\n"), HEARTBEAT_MS).unref();
      const end = setTimeout(() => raw.end(), seconds * 1_000).unref();
      raw.once("close", () => {
        clearInterval(heartbeat);
        clearTimeout(end);
        leave?.();
      });
    },
  );

  app.post(
    "/api/v1/alerts/:id/viewing",
    {
      config: { access: "alerts.read" },
      schema: {
        summary: "Say that one looks at an alert, every 20 seconds; who else does",
        tags: ["alerts"],
        params: IdPath,
        body: ViewingBodySchema,
        response: { 200: ViewersSchema },
      },
    },
    (request) => {
      const { client, isGone = false } = request.body;
      const actor = actorOf(callerOf(request));
      return Promise.resolve({ viewers: live.view(request.params.id, { client, actor, isGone }) });
    },
  );
}
