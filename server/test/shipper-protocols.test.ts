/** One line through every protocol over HTTP: kept, read by the pack that knows it, found by search, and on the books. */
import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, ServerProcess } from "./harness/server-process.ts";
import { until } from "./harness/wait.ts";

let server: ServerProcess;
let nodeKey = "";
let webhookSecret = "";

beforeAll(async () => {
  server = await ServerProcess.start();
  const enrolled = await post(
    "/enroll",
    JSON.stringify({ enroll_secret: ADMIN_TOKEN, host_identifier: "web1" }),
    {},
  );
  nodeKey = ((await enrolled.json()) as { readonly node_key: string }).node_key;
  webhookSecret = (
    await server.post<{ readonly secret: string }>("/api/v1/webhooks", { name: "ci", kind: "generic" })
  ).secret;
}, 120_000);
afterAll(() => server.stop());

const post = (
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string>,
  root = server.addresses.ingest,
) => fetch(`http://${root}${path}`, { method: "POST", body, headers });
const line = (user: string): string =>
  `Nov 20 21:31:21 office1 sshd[7]: Failed password for invalid user ${user} from 192.0.2.7 port 4242 ssh2`;
const json = JSON.stringify;
const bearer = { authorization: `Bearer ${ADMIN_TOKEN}` };
const basic = { authorization: `Basic ${Buffer.from(`x:${ADMIN_TOKEN}`).toString("base64")}` };

/** Protocol → what sends this user's line with it, and the status that says that it is kept. */
const SENDERS: Readonly<
  Record<string, readonly [status: number, send: (user: string) => Promise<Response>]>
> = {
  hec: [
    200,
    (user) =>
      post("/services/collector/event", json({ event: line(user), sourcetype: "s" }), {
        authorization: `Splunk ${ADMIN_TOKEN}`,
      }),
  ],
  hecraw: [
    200,
    (user) =>
      post(
        "/services/collector/raw?channel=fe0ecfad-13d5-401b-847d-77833bd77131&sourcetype=s",
        line(user),
        bearer,
      ),
  ],
  elasticsearch: [
    200,
    (user) =>
      post(
        "/logs/_bulk",
        gzipSync(`{"create":{}}\n${json({ "@timestamp": "2026-11-20T21:31:21Z", log: line(user) })}\n`),
        { ...basic, "content-encoding": "gzip" },
      ),
  ],
  otlp: [
    200,
    (user) =>
      post(
        "/v1/logs",
        json({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: line(user) } }] }] }] }),
        { ...bearer, "content-type": "application/json" },
      ),
  ],
  loki: [
    204,
    (user) =>
      post(
        "/loki/api/v1/push",
        json({ streams: [{ stream: { job: "x" }, values: [["1795210281000000000", line(user)]] }] }),
        { ...bearer, "content-type": "application/json" },
      ),
  ],
  gelf: [
    202,
    (user) => post("/gelf", json({ version: "1.1", host: "h", short_message: line(user) }), bearer),
  ],
  journald: [
    202,
    (user) =>
      post(
        "/upload",
        `__REALTIME_TIMESTAMP=1795210281000000\nSYSLOG_IDENTIFIER=sshd\nMESSAGE=${line(user).slice(33)}\n\n`,
        { ...basic, "content-type": "application/vnd.fdo.journal" },
      ),
  ],
  webhook: [
    200,
    (user) =>
      post("/ingest/webhook/ci", line(user), {
        "x-signature-256": createHmac("sha256", webhookSecret).update(line(user)).digest("hex"),
      }),
  ],
  osquery: [
    200,
    (user) => post("/log", json({ node_key: nodeKey, log_type: "result", data: [line(user)] }), {}),
  ],
};

async function found(user: string): Promise<number> {
  const reply = await server.search(`Events | where user.name == "${user}" | summarize count()`, {
    from: "-400d",
    to: "2100-01-01T00:00:00Z",
  });
  return Number(reply.rows[0]?.[0] ?? 0);
}

describe("a line", () => {
  it.each(Object.entries(SENDERS))(
    "over %s is found as its own pack reads it",
    async (name, [status, send]) => {
      const reply = await send(`via${name}`);
      expect(reply.status).toBe(status);
      await until(`the event of ${name}`, async () => (await found(`via${name}`)) === 1, { everyMs: 200 });
    },
    30_000,
  );

  it("over the console's port is taken too, without hiding a page of it", async () => {
    const reply = await post(
      "/services/collector",
      json({ event: line("viaconsole") }),
      bearer,
      server.addresses.http,
    );
    expect(reply.status).toBe(200);
    await until("the event", async () => (await found("viaconsole")) === 1, { everyMs: 200 });
    expect(
      (await fetch(`http://${server.addresses.http}/_license`, { headers: bearer })).headers.get(
        "x-elastic-product",
      ),
    ).toBeNull();
  });

  it("in a document with an id is one event, however often it is sent, and the books balance", async () => {
    const body = `{"create":{"_id":"only"}}\n${json({ log: line("viaid") })}\n`;
    for (let i = 0; i < 3; i += 1) expect((await post("/logs/_bulk", body, basic)).status).toBe(200);
    await until("the event", async () => (await found("viaid")) > 0, { everyMs: 200 });
    const ledger = await until("an empty queue", async () => {
      const list = await server.ledger();
      return list.totals.queued === 0 ? list : undefined;
    });
    expect(await found("viaid")).toBe(1);
    expect(ledger.items.filter((source) => !source.isBalanced)).toEqual([]);
    const inputs = new Set(ledger.items.map(({ input }) => input));
    expect([...inputs].sort()).toEqual([
      "elasticsearch",
      "gelf-http",
      "hec",
      "journald",
      "loki",
      "osquery",
      "otlp",
      "webhook",
    ]);
  });

  it("is refused without a token, by each protocol in its own way, and the server stays well", async () => {
    const outcomes = await Promise.all(
      [
        "/services/collector",
        "/_bulk",
        "/v1/logs",
        "/loki/api/v1/push",
        "/gelf",
        "/upload",
        "/ingest/webhook/ci",
      ].map(async (path) => (await post(path, "x", { "content-type": "application/json" })).status),
    );
    expect(outcomes).toEqual([401, 401, 401, 401, 401, 401, 401]);
    expect((await fetch(`${server.url}/api/v1/health`)).ok).toBe(true);
  });
});
