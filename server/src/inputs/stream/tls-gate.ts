import type { Socket } from "node:net";
import { createServer } from "node:tls";
import type { PeerCertificate, Server, TLSSocket } from "node:tls";
import type { TlsIdentity, TlsMaterial } from "@tyto/domain";

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
  readonly #handshakeMs: number;
  readonly #unsubscribe: () => void;
  /** By address and port of the other end: no two sockets of one listener share them. */
  readonly #waiting = new Map<string, (socket: TLSSocket | undefined) => void>();

  constructor(identity: TlsIdentity, handshakeMs: number) {
    this.#identity = identity;
    this.#handshakeMs = handshakeMs;
    this.#server = createServer({
      ...contextOptions(identity.current),
      requestCert: identity.current.clientCa !== undefined,
      // Looked at by ourselves, since a client may come without a certificate and not with a wrong one.
      rejectUnauthorized: false,
      handshakeTimeout: handshakeMs,
    });
    this.#server.on("secureConnection", (socket) => this.#settle(socket, socket));
    this.#server.on("tlsClientError", (_error, socket) => this.#settle(socket, undefined));
    this.#unsubscribe = identity.onChange((material) =>
      this.#server.setSecureContext(contextOptions(material)),
    );
  }

  /** Shakes hands. `undefined` when there was no TLS, no agreement or no trust; the socket is destroyed then. */
  async secure(raw: Socket): Promise<Secured | undefined> {
    const id = socketId(raw);
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
      this.#server.emit("connection", raw);
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

function contextOptions({ cert, key, clientCa }: TlsMaterial): Parameters<Server["setSecureContext"]>[0] {
  return { cert, key, minVersion: "TLSv1.2", ...(clientCa === undefined ? {} : { ca: clientCa }) };
}

function socketId(socket: Socket): string {
  return `${socket.remoteAddress ?? ""} ${socket.remotePort ?? ""}`;
}
