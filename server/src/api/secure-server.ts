import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { Server } from "node:https";
import type { TlsIdentity } from "@tyto/domain";

interface ServerLimits {
  readonly requestTimeout: number;
  readonly connectionTimeout: number;
  readonly keepAliveTimeout: number;
  readonly http: { readonly headersTimeout: number; readonly maxHeaderSize: number };
}

const HANDSHAKE_MS = 10_000;

/**
 * HTTP over TLS 1.2 or newer. A renewed certificate holds from the next connection on. Clients are known by their tokens: they are
 * not asked for certificates here.
 */
export function secureServer(identity: TlsIdentity, handler: RequestListener, limits: ServerLimits): Server {
  const pair = ({ cert, key }: TlsIdentity["current"]): { readonly cert: string; readonly key: string } => ({
    cert,
    key,
  });
  const server = createServer(
    {
      ...pair(identity.current),
      minVersion: "TLSv1.2",
      handshakeTimeout: HANDSHAKE_MS,
      requestTimeout: limits.requestTimeout,
      keepAliveTimeout: limits.keepAliveTimeout,
      ...limits.http,
    },
    handler,
  );
  server.setTimeout(limits.connectionTimeout);
  const unsubscribe = identity.onChange((material) =>
    server.setSecureContext({ ...pair(material), minVersion: "TLSv1.2" }),
  );
  server.once("close", unsubscribe);
  return server;
}
