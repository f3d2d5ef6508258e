import type { Guard } from "../access/guard.ts";
import type { ShipperPort } from "../dependencies.ts";
import type { HttpServer } from "../http-server.ts";

/** Hands requests on as they come off the socket, and answers with what the protocol says. */
export function addShipperRoutes(
  app: HttpServer,
  { shippers, guard }: { readonly shippers: readonly ShipperPort[]; readonly guard: Guard },
): void {
  // In a scope of its own: only here is a body of any media type left unread.
  app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _payload, ready) => ready(null));
    for (const shipper of shippers) addRoutes(scope, shipper, guard);
    done();
  });
}

function addRoutes(app: HttpServer, shipper: ShipperPort, guard: Guard): void {
  for (const { methods, path } of shipper.routes) {
    app.route({
      method: [...methods],
      url: path,
      exposeHeadRoute: false,
      config: { isAnyHost: true },
      handler: async (request, reply) => {
        const peer = request.socket.remoteAddress;
        const from = peer === undefined ? {} : { peer };
        const { pathname, searchParams } = new URL(request.url, "http://localhost");
        const answer = await shipper.handle({
          method: methods.find((method) => method === request.method) ?? "POST",
          path: pathname,
          query: searchParams,
          headers: request.headers,
          body: request.raw,
          admit: (secret) => guard.admitSender(secret, { input: shipper.kind, ...from }),
          ...from,
        });
        return reply.code(answer.status).headers(answer.headers).send(sendable(answer.body));
      },
    });
  }
}

/** A string is sent as it is only when it does not pass through the serialiser of JSON. */
function sendable(body: string | Uint8Array): Buffer {
  return typeof body === "string"
    ? Buffer.from(body)
    : Buffer.from(body.buffer, body.byteOffset, body.length);
}
