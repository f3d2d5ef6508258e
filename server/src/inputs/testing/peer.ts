import { createServer } from "node:http";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface PeerRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface PeerReply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text and bytes as they are, anything else as JSON. */
  readonly body?: unknown;
}

/** For tests: an HTTP server on loopback that answers as it is told, for the length of the test. */
export class Peer {
  readonly requests: PeerRequest[] = [];
  readonly url: string;

  private constructor(url: string) {
    this.url = url;
  }

  static async start(
    answer: (request: PeerRequest, peer: Peer) => PeerReply | Promise<PeerReply>,
  ): Promise<Peer> {
    const box: { peer?: Peer } = {};
    const server: Server = createServer((incoming, outgoing) => {
      const parts: Buffer[] = [];
      incoming.on("data", (part: Buffer) => parts.push(part));
      incoming.on("end", () => {
        const { peer } = box;
        if (peer === undefined) return;
        const request: PeerRequest = {
          method: incoming.method ?? "",
          url: new URL(incoming.url ?? "/", peer.url),
          headers: incoming.headers,
          body: Buffer.concat(parts).toString(),
        };
        peer.requests.push(request);
        void Promise.resolve(answer(request, peer)).then(({ status = 200, headers = {}, body }) => {
          // Tests have a time of their own.
          outgoing.sendDate = false;
          const isRaw = typeof body === "string" || body instanceof Uint8Array;
          outgoing.writeHead(status, { "content-type": "application/json", ...headers });
          outgoing.end(isRaw ? body : JSON.stringify(body ?? {}));
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const peer = new Peer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    box.peer = peer;
    return peer;
  }
}
