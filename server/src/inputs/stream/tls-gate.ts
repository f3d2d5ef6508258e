import type { Socket } from "node:net";
import { createServer } from "node:tls";
import type { PeerCertificate, SecureContextOptions, SecureVersion, Server, TLSSocket } from "node:tls";
import type { TlsIdentity, TlsMaterial } from "@tyto/domain";
import { offersTls12 } from "./client-hello.ts";
import { readHead } from "./read-head.ts";

export interface Secured {
  readonly socket: TLSSocket;
  /** Of a client that showed a certificate and is known by it. */
  readonly client: { readonly identity: string; readonly name: string } | undefined;
}

/**
 * Makes TLS of sockets that something else accepted, so that a proxy's header can come first and limits hold before a handshake
 * costs anything. TLS 1.2 is the least; a renewed certificate holds from the next connection on.
 */
export class TlsGate {
  readonly #identity: TlsIdentity;
  readonly #server: Server;
  /** For clients that read nothing; absent where they do. */
  readonly #server12: Server | undefined;
  readonly #handshakeMs: number;
  readonly #unsubscribe: () => void;
  /** By address and port of the other end: no two sockets of one listener share them. */
  readonly #waiting = new Map<string, (socket: TLSSocket | undefined) => void>();

  constructor(
    identity: TlsIdentity,
    options: {
      readonly handshakeMs: number;
      /**
       * Clients read what we send. TLS 1.3 sends tickets behind the handshake; a client that never reads and closes leaves them unread,
       * whereupon its system resets the connection, and what it wrote last is lost. Such clients get TLS 1.2, where they offer it.
       */
      readonly clientsRead: boolean;
    },
  ) {
    this.#identity = identity;
    this.#handshakeMs = options.handshakeMs;
    this.#server = this.#create("TLSv1.3");
    this.#server12 = options.clientsRead ? undefined : this.#create("TLSv1.2");
    this.#unsubscribe = identity.onChange((material) => {
      this.#server.setSecureContext(contextOptions(material, "TLSv1.3"));
      this.#server12?.setSecureContext(contextOptions(material, "TLSv1.2"));
    });
  }

  /** Shakes hands. `undefined` when there was no TLS, no agreement or no trust; the socket is destroyed then. */
  async secure(raw: Socket): Promise<Secured | undefined> {
    const id = socketId(raw);
    const server = await this.#serverFor(raw);
    if (server === undefined) {
      raw.destroy();
      return undefined;
    }
    const socket = await new Promise<TLSSocket | undefined>((resolve) => {
      const deadline = setTimeout(() => settle(undefined), this.#handshakeMs);
      const onClose = (): void => settle(undefined);
      const settle = (secured: TLSSocket | undefined): void => {
        clearTimeout(deadline);
        raw.off("close", onClose);
        this.#waiting.delete(id);
        resolve(secured);
      };
      this.#waiting.set(id, settle);
      raw.once("close", onClose);
      server.emit("connection", raw);
    });
    if (socket === undefined) {
      raw.destroy();
      return undefined;
    }
    const trust = this.#trust(socket);
    if (trust === "untrusted") {
      socket.destroy();
      return undefined;
    }
    return { socket, client: trust };
  }

  close(): void {
    this.#unsubscribe();
    for (const settle of [...this.#waiting.values()]) settle(undefined);
  }

  #create(maxVersion: SecureVersion): Server {
    const server = createServer({
      ...contextOptions(this.#identity.current, maxVersion),
      requestCert: this.#identity.current.clientCa !== undefined,
      // Looked at by ourselves, since a client may come without a certificate and not with a wrong one.
      rejectUnauthorized: false,
      handshakeTimeout: this.#handshakeMs,
    });
    server.on("secureConnection", (socket) => this.#settle(socket, socket));
    server.on("tlsClientError", (_error, socket) => this.#settle(socket, undefined));
    return server;
  }

  async #serverFor(raw: Socket): Promise<Server | undefined> {
    if (this.#server12 === undefined) return this.#server;
    const offers = await readHead(raw, this.#handshakeMs, (bytes) => {
      const value = offersTls12(bytes);
      return value === undefined ? undefined : { value, length: 0 };
    });
    if (typeof offers === "string") return undefined;
    return offers ? this.#server12 : this.#server;
  }

  #settle(of: TLSSocket, socket: TLSSocket | undefined): void {
    // One that broke is not to end the process by an error that nobody hears.
    of.on("error", () => undefined);
    const settle = this.#waiting.get(socketId(of));
    if (settle === undefined) of.destroy();
    else settle(socket);
  }

  #trust(socket: TLSSocket): Secured["client"] | "untrusted" {
    if (this.#identity.current.clientCa === undefined) return undefined;
    const certificate = socket.getPeerCertificate() as Partial<PeerCertificate>;
    const fingerprint = certificate.fingerprint256;
    if (fingerprint === undefined)
      return this.#identity.isClientCertificateRequired ? "untrusted" : undefined;
    if (!socket.authorized) return "untrusted";
    const subject = Object.entries(certificate.subject ?? {}).map(
      ([name, value]) => `${name}=${String(value)}`,
    );
    // A subject outlives the renewal of its certificate; a fingerprint does not.
    const identity = subject.length === 0 ? `certificate ${fingerprint}` : `certificate ${subject.join(",")}`;
    const name = certificate.subject?.CN;
    return { identity, name: typeof name === "string" && name !== "" ? name : identity };
  }
}

function contextOptions(
  { cert, key, clientCa }: TlsMaterial,
  maxVersion: SecureVersion,
): SecureContextOptions {
  return {
    cert,
    key,
    minVersion: "TLSv1.2",
    maxVersion,
    ...(clientCa === undefined ? {} : { ca: clientCa }),
  };
}

function socketId(socket: Socket): string {
  return `${socket.remoteAddress ?? ""} ${socket.remotePort ?? ""}`;
}
