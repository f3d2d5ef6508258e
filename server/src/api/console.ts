import fastifyStatic from "@fastify/static";
import { TytoError } from "@tyto/domain";
import type { HttpServer } from "./http-server.ts";

/** Bundles carry a hash in their name, so they never change. */
const IMMUTABLE = "public, max-age=31536000, immutable";

/** The console's files; every other address that a browser asks for is a page of the console. `null`: no console here. */
export async function serveConsole(app: HttpServer, webRoot: string | null): Promise<void> {
  if (webRoot !== null) {
    await app.register(fastifyStatic, {
      root: webRoot,
      index: "index.html",
      dotfiles: "ignore",
      cacheControl: false,
      // The build leaves `.br` and `.gz` beside each text.
      preCompressed: true,
      setHeaders: (response, path) => {
        void response.setHeader("vary", "accept-encoding");
        void response.setHeader("cache-control", /[\\/]assets[\\/]/.test(path) ? IMMUTABLE : "no-cache");
      },
    });
  }
  app.setNotFoundHandler(async (request, reply) => {
    const isRead = request.method === "GET" || request.method === "HEAD";
    const accept = request.headers.accept ?? "*/*";
    // A browser says what it wants; for others (a probe, curl) an address without an ending is a page.
    const wantsPage =
      accept.includes("text/html") || (accept.includes("*/*") && /^[^.?]*(?:\?|$)/.test(request.url));
    const isOurs = /^\/(?:api|assets)(?:\/|$)/.test(request.url);
    if (webRoot !== null && isRead && wantsPage && !isOurs) return reply.sendFile("index.html");
    throw new TytoError("not-found", "There is nothing at this address", {
      hint: "GET /api/v1/openapi.json on the console's port lists what there is.",
    });
  });
}
