import { TytoError } from "@tyto/domain";
import type { InjectOptions, LightMyRequestResponse } from "fastify";
import type { HttpServer } from "./http-server.ts";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** An HTTP server, ready to listen. */
export interface Listener {
  /** @returns `host:port` as bound; port 0 asks for a free one. @throws TytoError `port-in-use`, `config-invalid`. */
  listen(address: ListenAddress): Promise<{ readonly address: string }>;
  /** Takes nothing more, finishes what runs, and cuts off what takes longer than ten seconds. */
  close(): Promise<void>;
  /** Requests without a socket, for tests. */
  inject(request: InjectOptions): Promise<LightMyRequestResponse>;
}

const CLOSE_DEADLINE_MS = 10_000;

export function listenerOf(app: HttpServer, what: string): Listener {
  return {
    inject: (request) => app.inject(request),
    async listen(wanted) {
      try {
        await app.listen({ ...wanted, listenTextResolver: () => "" });
      } catch (error) {
        throw listenError(error, `${what} cannot listen on ${addressText(wanted)}`);
      }
      const bound = app.server.address();
      return {
        address: bound === null || typeof bound === "string" ? addressText(wanted) : addressText(bound),
      };
    },
    async close() {
      const deadline = setTimeout(() => app.server.closeAllConnections(), CLOSE_DEADLINE_MS);
      try {
        await app.close();
      } finally {
        clearTimeout(deadline);
      }
    },
  };
}

function addressText(address: {
  readonly address?: string;
  readonly host?: string;
  readonly port: number;
}): string {
  const host = address.address ?? address.host ?? "";
  return host.includes(":") ? `[${host}]:${address.port}` : `${host}:${address.port}`;
}

function listenError(error: unknown, message: string): TytoError {
  const code = error instanceof Error && "code" in error ? error.code : "";
  switch (code) {
    case "EADDRINUSE":
      return new TytoError("port-in-use", `${message}: the port is taken`, {
        cause: error,
        hint: "Stop the program that holds it, or choose another port.",
      });
    case "EACCES":
      return new TytoError("config-invalid", `${message}: not allowed`, {
        cause: error,
        hint: "Ports below 1024 need a privilege; choose a higher one and forward to it.",
      });
    case "EADDRNOTAVAIL":
      return new TytoError("config-invalid", `${message}: no such address here`, {
        cause: error,
        hint: "Name an address of this machine, or 0.0.0.0 for all.",
      });
    default:
      return new TytoError("internal", message, { cause: error });
  }
}
