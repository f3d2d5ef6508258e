import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";
import { testContext } from "../../testing/context.ts";
import { IngestMemory } from "../body.ts";
import { DEFAULT_INGEST_LIMITS } from "../ingest-handler.ts";
import type { IngestLimits } from "../ingest-handler.ts";
import { HttpIntake } from "../intake.ts";
import type { Admission, HttpMethod, ShipperProtocol, ShipperReply } from "../shipper.ts";
import type { InputKind } from "@tyto/domain";

/** Secrets that the tests' senders present, and what is known of them. */
export const GOOD = "good-token";

export function admit(secret: string): Promise<Admission> {
  const refused = (reason: "unknown" | "expired" | "wrong-scope"): Admission => ({ kind: "refused", reason });
  const known: Readonly<Record<string, Admission>> = {
    [GOOD]: { kind: "admitted", token: { id: "t1", name: "shipper" } },
    other: { kind: "admitted", token: { id: "t2", name: "other shipper" } },
    expired: refused("expired"),
    reader: refused("wrong-scope"),
  };
  return Promise.resolve(known[secret] ?? refused("unknown"));
}

export type TestBody = string | Uint8Array | readonly (string | Uint8Array)[];

async function* streamOf(body: TestBody): AsyncGenerator<Uint8Array> {
  const chunks = typeof body === "string" || body instanceof Uint8Array ? [body] : body;
  for (const chunk of chunks)
    yield await Promise.resolve(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
}

/** A reply with its body read as the tests want it. */
export interface TestReply extends ShipperReply {
  readonly text: string;
  readonly json: unknown;
}

export function testShipper(
  kind: InputKind,
  create: (intake: HttpIntake) => ShipperProtocol,
  limits: Partial<IngestLimits> = {},
) {
  const context = testContext();
  const all = { ...DEFAULT_INGEST_LIMITS, ...limits };
  const memory = new IngestMemory(all.maxBytesInFlight);
  const protocol = create(new HttpIntake(kind, { ...context, limits: all, memory }));
  const call = async (
    method: HttpMethod,
    url: string,
    body: TestBody = "",
    headers: Readonly<Record<string, string>> = { authorization: `Bearer ${GOOD}` },
  ): Promise<TestReply> => {
    const { pathname, searchParams } = new URL(url, "http://localhost");
    const reply = await protocol.handle({
      method,
      path: pathname,
      query: searchParams,
      headers,
      body: streamOf(body),
      admit,
    });
    const text = Buffer.from(reply.body).toString("utf8");
    return { ...reply, text, json: text.startsWith("{") ? (JSON.parse(text) as unknown) : undefined };
  };
  return { context, protocol, call, memory };
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** The protocol behind a real HTTP server, for real clients. */
export async function serveShipper(
  protocol: ShipperProtocol,
): Promise<{ readonly port: number; readonly requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    requests.push(`${request.method} ${request.url}`);
    void protocol
      .handle({
        method: request.method as HttpMethod,
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body: request,
        admit,
      })
      .then((reply) => {
        response.writeHead(reply.status, reply.headers);
        response.end(reply.body);
      });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, requests };
}
