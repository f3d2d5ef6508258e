/** What a token may do when it sends: /api/v1/ingest and two shippers' protocols over the real handlers. */
import {
  micros,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  sequence,
  sourceId,
} from "@tyto/domain";
import type { CreatedToken, RawBatch, Token, TokenBody } from "@tyto/domain";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openHttpInputs } from "../../inputs/index.ts";
import { createIngestListener } from "../index.ts";
import type { Listener } from "../index.ts";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

let fixture: ApiFixture;
let listener: Listener;
let url: string;
const clock = { now: micros(Date.UTC(2026, 0, 15, 12) * 1_000) };
const batches: RawBatch[] = [];
const claims = new Map<string, string>();

beforeAll(async () => {
  const { ingest, shippers } = openHttpInputs({
    sink: {
      append: (batch) => {
        batches.push(batch);
        return Promise.resolve({ first: sequence(1), count: batch.records.length });
      },
    },
    sources: {
      resolve: ({ discriminator, name }) => {
        const id = sourceId(Buffer.from(discriminator).toString("hex").slice(-16).padStart(16, "0"));
        claims.set(id, name);
        return id;
      },
    },
    now: () => clock.now,
    clockMs: () => 0,
    firstAck: 0,
    knownPack: (name) => name === "acme-door",
    allowsQueryTokens: false,
    webhooks: { find: () => undefined },
    nodeKeys: { seal: (_use, text) => text, open: (_use, text) => text },
  });
  fixture = await startApi({ ingest, shippers });
  listener = await createIngestListener(fixture.dependencies);
  url = `http://${(await listener.listen({ host: "127.0.0.1", port: 0 })).address}`;
});
afterAll(async () => {
  await listener.close();
  await fixture.close();
});
beforeEach(() => {
  batches.length = 0;
});

async function api<T>(
  method: "GET" | "POST" | "PATCH" | "DELETE",
  path: string,
  payload?: object,
): Promise<T> {
  const reply = await fixture.api.inject({
    method,
    url: path,
    headers: bearer(fixture.tokens.admin),
    ...(payload === undefined ? {} : { payload }),
  });
  expect(reply.statusCode).toBeLessThan(300);
  return reply.json<T>();
}

const make = (terms: Partial<TokenBody> = {}): Promise<CreatedToken> =>
  api("POST", "/api/v1/tokens", { name: "door", scope: "ingest", ...terms });

const PROTOCOLS = {
  http: {
    path: "/api/v1/ingest",
    scheme: "Bearer",
    body: "one\ntwo\n",
    unknown: 401,
    off: 401,
    scope: 403,
    rate: 429,
  },
  hec: {
    path: "/services/collector/event",
    scheme: "Splunk",
    body: '{"event":"one"}{"event":"two"}',
    unknown: 403,
    off: 403,
    scope: 403,
    rate: 503,
  },
  elasticsearch: {
    path: "/logs/_bulk",
    scheme: "Bearer",
    body: '{"create":{}}\n{"m":"one"}\n{"create":{}}\n{"m":"two"}\n',
    unknown: 401,
    off: 401,
    scope: 403,
    rate: 429,
  },
} as const;
type Protocol = keyof typeof PROTOCOLS;

async function send(protocol: Protocol, secret: string, query = "") {
  const { path, scheme, body } = PROTOCOLS[protocol];
  const reply = await fetch(url + path + query, {
    method: "POST",
    body,
    headers: {
      authorization: `${scheme} ${secret}`,
      "content-type": protocol === "http" ? "text/plain" : "application/json",
    },
  });
  return { status: reply.status, retryAfter: reply.headers.get("retry-after"), text: await reply.text() };
}

const refusals = (): Readonly<Record<string, number>> =>
  Object.fromEntries(
    fixture.telemetry.counters
      .read()
      .filter(({ name }) => name === "api_credentials_refuse_total")
      .map(({ reason, value }) => [reason ?? "", value]),
  );

describe.each(Object.keys(PROTOCOLS) as Protocol[])("a token that sends over %s", (protocol) => {
  const says = PROTOCOLS[protocol];

  it("is refused when it is unknown, expired, switched off or for another protocol, in the protocol's words", async () => {
    const other = (["http", "hec", "elasticsearch"] as const).filter((one) => one !== protocol);
    const scoped = await make({ inputs: other });
    const old = await make({ expiresInDays: 1 });
    await fixture.control.access.saveToken({
      ...(await recordOf(old.token.id)),
      expiresAt: micros(fixture.clock.now - 1),
    });
    const off = await make();
    await api("PATCH", `/api/v1/tokens/${off.token.id}`, { enabled: false });
    expect((await send(protocol, "tyto_nobody")).status).toBe(says.unknown);
    expect((await send(protocol, old.secret)).status).toBe(says.off);
    expect((await send(protocol, off.secret)).status).toBe(says.off);
    expect((await send(protocol, scoped.secret)).status).toBe(says.scope);
    expect(batches).toEqual([]);
    await api("PATCH", `/api/v1/tokens/${off.token.id}`, { enabled: true });
    expect((await send(protocol, off.secret)).status).toBe(200);
  });

  it("waits when it has sent more than its rate, and goes on when that is paid", async () => {
    const { secret } = await make({ recordsPerSecond: 1 });
    for (let round = 0; round < 5; round += 1) expect((await send(protocol, secret)).status).toBe(200);
    const refused = await send(protocol, secret);
    expect(refused.status).toBe(says.rate);
    expect(Number(refused.retryAfter)).toBeGreaterThan(0);
    expect(batches.reduce((sum, { records }) => sum + records.length, 0)).toBe(10);
    fixture.clock.now = micros(fixture.clock.now + 2 * MICROS_PER_SECOND);
    expect((await send(protocol, secret)).status).toBe(200);
    const bytes = await make({ bytesPerSecond: 1 });
    while ((await send(protocol, bytes.secret)).status === 200) expect(batches.length).toBeLessThan(50);
    expect((await send(protocol, bytes.secret)).status).toBe(says.rate);
  });

  it("sends as the source and the pack that it is bound to, whatever is asked for", async () => {
    const { secret } = await make({ source: "front door", pack: "acme-door" });
    expect((await send(protocol, secret)).status).toBe(200);
    expect(batches.length).toBeGreaterThan(0);
    for (const { source, pack } of batches) {
      expect(claims.get(source)).toBe("front door");
      expect(pack).toBe("acme-door");
    }
  });

  it("goes on with its old secret for the hours that were asked for, after it was rotated", async () => {
    const made = await make();
    const rotated = await api<CreatedToken>("POST", `/api/v1/tokens/${made.token.id}/rotate`, {
      validHours: 2,
    });
    expect(rotated.secret).not.toBe(made.secret);
    expect((await send(protocol, made.secret)).status).toBe(200);
    expect((await send(protocol, rotated.secret)).status).toBe(200);
    fixture.clock.now = micros(fixture.clock.now + 2 * MICROS_PER_HOUR);
    expect((await send(protocol, made.secret)).status).toBe(says.off);
    expect((await send(protocol, rotated.secret)).status).toBe(200);
  });
});

async function recordOf(id: string) {
  const record = (await fixture.control.access.tokens()).find((token) => token.id === id);
  if (record === undefined) throw new Error("no such token");
  return record;
}

it("counts what was refused by its reason", () => {
  const counted = Object.entries(refusals()).filter(([, value]) => value > 0);
  expect(counted.map(([reason]) => reason)).toEqual([
    "unknown-token",
    "expired-token",
    "switched-off-token",
    "over-rate",
    "wrong-scope",
  ]);
});

it("refuses another source's name on a bound token", async () => {
  const { secret } = await make({ source: "front door" });
  expect((await send("http", secret, "?source=back%20door")).status).toBe(403);
  expect((await send("http", secret, "?source=front%20door")).status).toBe(200);
});

it("knows when and from where a token was last used, written once a minute", async () => {
  const { token, secret } = await make();
  const shown = async (): Promise<Token | undefined> =>
    (await api<{ items: readonly Token[] }>("GET", "/api/v1/tokens?limit=200")).items.find(
      ({ id }) => id === token.id,
    );
  expect(await shown()).toMatchObject({
    lastUsedAt: null,
    lastUsedFrom: null,
    isEnabled: true,
    inputs: null,
  });
  await send("hec", secret);
  const first = await shown();
  expect(first).toMatchObject({ lastUsedFrom: "127.0.0.1" });
  fixture.clock.now = micros(fixture.clock.now + MICROS_PER_MINUTE / 2);
  await send("hec", secret);
  expect((await shown())?.lastUsedAt).toBe(first?.lastUsedAt);
  fixture.clock.now = micros(fixture.clock.now + MICROS_PER_MINUTE);
  await send("hec", secret);
  expect((await shown())?.lastUsedAt).not.toBe(first?.lastUsedAt);
});

it("gives terms of senders to no other token", async () => {
  const reply = await fixture.api.inject({
    method: "POST",
    url: "/api/v1/tokens",
    headers: bearer(fixture.tokens.admin),
    payload: { name: "reader", scope: "read", recordsPerSecond: 1 },
  });
  expect(reply.statusCode).toBe(400);
  expect(reply.json()).toMatchObject({ error: { field: "body.recordsPerSecond" } });
});
