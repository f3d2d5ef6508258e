/** The shippers' route over real sockets: the API looks at the token and leaves the body alone. */
import { request } from "node:http";
import { gzipSync } from "node:zlib";
import type { ErrorBody } from "@tyto/domain";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createIngestListener } from "../index.ts";
import type { IngestRequest, IngestResponse, Listener } from "../index.ts";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

type Handle = (request: IngestRequest) => Promise<IngestResponse>;

let fixture: ApiFixture;
let shippers: Listener;
let api: string;
let ingest: string;
let handle: Handle;

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const echo: Handle = async ({ body }) => {
  const bytes = await readAll(body);
  return {
    status: 200,
    body: { accepted: bytes.length, rejected: [] },
    headers: { "x-bytes": bytes.toString("hex", 0, 8) },
  };
};

beforeAll(async () => {
  fixture = await startApi({ ingest: { handle: (one) => handle(one) } });
  shippers = await createIngestListener(fixture.dependencies);
  const any = { host: "127.0.0.1", port: 0 };
  api = `http://${(await fixture.api.listen(any)).address}`;
  ingest = `http://${(await shippers.listen(any)).address}`;
});
afterEach(() => {
  handle = echo;
});
afterAll(async () => {
  await shippers.close();
  await fixture.close();
});
handle = echo;

const send = (url: string, body: Uint8Array | string, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/v1/ingest`, {
    method: "POST",
    body,
    headers: { ...bearer(fixture.tokens.ingest), ...headers },
  });

describe.each(["the console's port", "the shippers' port"])("ingest on %s", (name) => {
  const url = (): string => (name === "the shippers' port" ? ingest : api);

  it.each([
    ["application/x-ndjson"],
    ["application/json"],
    ["text/plain"],
    ["application/vnd.whatever+json; charset=x"],
    ["multipart/form-data; boundary=x"],
  ])("hands a body of type %s on as it came", async (type) => {
    const bytes = gzipSync('{"__proto__": 1}');
    const reply = await send(url(), bytes, { "content-type": type, "content-encoding": "gzip" });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toEqual({ accepted: bytes.length, rejected: [] });
    expect(reply.headers.get("x-bytes")).toBe(bytes.toString("hex", 0, 8));
  });

  it("takes a body without a type, a chunked one and none at all", async () => {
    const raw = (headers: Record<string, string>, chunks: readonly string[]) =>
      new Promise<number | undefined>((resolve, reject) => {
        const options = { method: "POST", headers: { ...bearer(fixture.tokens.ingest), ...headers } };
        const call = request(`${url()}/api/v1/ingest`, options, (reply) => {
          reply.resume();
          resolve(reply.statusCode);
        });
        call.on("error", reject);
        for (const chunk of chunks) call.write(chunk);
        call.end();
      });
    expect(await raw({ "content-length": "4" }, ["line"])).toBe(200);
    expect(await raw({ "transfer-encoding": "chunked" }, ["line", "\n", "line"])).toBe(200);
    expect(await raw({ "content-length": "0" }, [])).toBe(200);
  });

  it("says who sends and what they call it, and passes the handler's answer on", async () => {
    let seen: IngestRequest | undefined;
    handle = async (one) => {
      seen = one;
      await readAll(one.body);
      return {
        status: 503,
        body: { error: { code: "back-pressure", message: "The journal is full", hint: "Wait." } },
        headers: { "retry-after": "2" },
      };
    };
    const reply = await fetch(`${url()}/api/v1/ingest?source=edge%20fw`, {
      method: "POST",
      body: "x",
      headers: { ...bearer(fixture.tokens.ingest), "idempotency-key": "k" },
    });
    expect(reply.status).toBe(503);
    expect(reply.headers.get("retry-after")).toBe("2");
    expect(((await reply.json()) as ErrorBody).error.code).toBe("back-pressure");
    expect(seen).toMatchObject({
      query: { source: "edge fw" },
      token: { name: "ingest" },
      peer: "127.0.0.1",
    });
    expect(seen?.headers["idempotency-key"]).toBe("k");
  });

  it("has no limit of its own on the body and never holds it whole", async () => {
    const megabyte = new Uint8Array(1024 * 1024);
    let largest = 0;
    handle = async ({ body }) => {
      let total = 0;
      for await (const chunk of body) {
        total += chunk.length;
        largest = Math.max(largest, chunk.length);
      }
      return { status: 200, body: { accepted: total / megabyte.length, rejected: [] }, headers: {} };
    };
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let i = 0; i < 20; i++) controller.enqueue(megabyte);
        controller.close();
      },
    });
    const init = { method: "POST", body: stream, duplex: "half", headers: bearer(fixture.tokens.ingest) };
    const reply = await fetch(`${url()}/api/v1/ingest`, init as RequestInit);
    expect(await reply.json()).toEqual({ accepted: 20, rejected: [] });
    expect(largest).toBeLessThanOrEqual(megabyte.length);
  });

  it("starts reading before the body ends, and tells the handler when the sender breaks off", async () => {
    let started: (() => void) | undefined;
    const reading = new Promise<void>((resolve) => (started = resolve));
    const ended = new Promise<unknown>((resolve) => {
      handle = async ({ body }) => {
        try {
          for await (const chunk of body) if (chunk.length > 0) started?.();
          resolve("whole");
        } catch (error) {
          resolve(error);
        }
        return { status: 400, body: { error: { code: "bad-request", message: "broken" } }, headers: {} };
      };
    });
    const options = {
      method: "POST",
      headers: { ...bearer(fixture.tokens.ingest), "content-length": "1000" },
    };
    const call = request(`${url()}/api/v1/ingest`, options);
    call.on("error", () => undefined);
    call.write("half a line");
    await reading;
    call.destroy();
    expect(await ended).toBeInstanceOf(Error);
  });

  it("refuses before a byte of the body is read", async () => {
    handle = () => Promise.reject(new Error("must not be called"));
    const wrong = await send(url(), "x", { authorization: "Bearer wrong" });
    expect(wrong.status).toBe(401);
    expect(((await wrong.json()) as ErrorBody).error.hint).toContain("tyto_");
    expect((await send(url(), "x", bearer(fixture.tokens.read))).status).toBe(403);
    expect(
      (
        await fetch(`${url()}/api/v1/ingest?source=a&source=b`, {
          method: "POST",
          body: "x",
          headers: bearer(fixture.tokens.ingest),
        })
      ).status,
    ).toBe(400);
  });

  it("answers a bug of the handler without its words", async () => {
    handle = () => Promise.reject(new Error("canary"));
    const reply = await send(url(), "x");
    expect(reply.status).toBe(500);
    expect(await reply.text()).not.toContain("canary");
  });
});

describe("the shippers' port", () => {
  it("serves nothing but ingest and health", async () => {
    expect((await fetch(`${ingest}/api/v1/health`)).status).toBe(200);
    for (const path of ["/", "/api/v1/alerts", "/api/v1/setup", "/api/v1/openapi.json", "/api/v1/search"]) {
      const reply = await fetch(`${ingest}${path}`, {
        headers: { ...bearer(fixture.tokens.admin), accept: "text/html" },
      });
      expect(reply.status).toBe(404);
      expect(((await reply.json()) as ErrorBody).error.code).toBe("not-found");
    }
  });

  it("names a port that is taken", async () => {
    const second = await createIngestListener(fixture.dependencies);
    const taken = Number(ingest.split(":").at(-1));
    await expect(second.listen({ host: "127.0.0.1", port: taken })).rejects.toMatchObject({
      code: "port-in-use",
      message: `HTTP ingest cannot listen on 127.0.0.1:${taken}: the port is taken`,
    });
    await second.close();
  });

  it("finishes what runs when it closes", async () => {
    const third = await createIngestListener(fixture.dependencies);
    const { address } = await third.listen({ host: "127.0.0.1", port: 0 });
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const begun = new Promise<void>((resolve) => {
      handle = async (one) => {
        resolve();
        await held;
        return echo(one);
      };
    });
    const sending = send(`http://${address}`, "line");
    await begun;
    const closing = third.close();
    finish();
    expect((await sending).status).toBe(200);
    await closing;
    await expect(fetch(`http://${address}/api/v1/health`)).rejects.toThrow();
  });
});
