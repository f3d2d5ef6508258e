import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { TytoError } from "@tyto/domain";
import type { WebhookKind } from "@tyto/domain";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IngestLimits } from "../ingest-handler.ts";
import { testShipper } from "../testing/shipper-fixture.ts";
import { createWebhookProtocol } from "./webhook-protocol.ts";

const SECRET = "It's a Secret to Everybody";
/** The test context's clock, in seconds. */
const NOW = 1_760_000_000;

function fixture(kind: WebhookKind, limits: Partial<IngestLimits> = {}) {
  const find = (name: string) => (name === "hook" ? { name, kind, secret: SECRET } : undefined);
  return testShipper("webhook", (intake) => createWebhookProtocol(intake, { find }), limits);
}

const hmac = (text: string | Uint8Array, secret = SECRET): string =>
  createHmac("sha256", secret).update(text).digest("hex");
const URL_PATH = "/ingest/webhook/hook";

describe("a webhook", () => {
  it("of GitHub is known by the signature that GitHub's manual computes", async () => {
    const { call, context } = fixture("github");
    const signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const reply = await call("POST", URL_PATH, "Hello, World!", { "x-hub-signature-256": signature });
    expect([reply.status, reply.json]).toEqual([200, { accepted: 1 }]);
    expect(context.sink.texts).toEqual(["Hello, World!"]);
  });

  it("of GitHub keeps the payload of a form, its event, and a delivery that comes again once", async () => {
    const { call, context } = fixture("github");
    const body = `payload=${encodeURIComponent(`{"action":"added"}`)}`;
    const headers = {
      "x-hub-signature-256": `sha256=${hmac(body)}`,
      "x-github-event": "member",
      "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
      "content-type": "application/x-www-form-urlencoded",
    };
    await call("POST", URL_PATH, body, headers);
    await call("POST", URL_PATH, body, headers);
    expect(context.sink.texts).toEqual([`{"action":"added"}`, `{"action":"added"}`]);
    const [first, second] = context.sink.batches;
    expect(first).toMatchObject({
      identity: { kind: "object", ordinals: [0] },
      header: `{"webhook":{"name":"hook","kind":"github","event":"member"}}`,
    });
    expect(second?.identity).toEqual(first?.identity);
    expect(context.sources.keys[0]).toEqual({ input: "webhook", discriminator: "hook hook", name: "hook" });
  });

  it("of Slack answers the challenge, and takes nothing that was signed more than five minutes ago", async () => {
    const { call, context } = fixture("slack");
    const send = (body: string, seconds: number) =>
      call("POST", URL_PATH, body, {
        "x-slack-request-timestamp": String(seconds),
        "x-slack-signature": `v0=${hmac(`v0:${seconds}:${body}`)}`,
      });
    expect((await send(`{"type":"url_verification","challenge":"abc"}`, NOW)).json).toEqual({
      challenge: "abc",
    });
    expect((await send(`{"type":"event_callback"}`, NOW - 299)).status).toBe(200);
    expect((await send(`{"type":"event_callback"}`, NOW - 301)).status).toBe(401);
    expect((await send(`{"type":"event_callback"}`, NOW + 301)).status).toBe(401);
    expect(context.sink.texts).toEqual([`{"type":"event_callback"}`]);
  });

  it("of Okta answers the verification, and each event in an envelope is a record", async () => {
    const { call, context } = fixture("okta");
    const asked = await call("GET", URL_PATH, "", { "x-okta-verification-challenge": "xyz" });
    expect([asked.status, asked.json]).toEqual([200, { verification: "xyz" }]);
    const body = `{"eventType":"com.okta.event_hook","data":{"events":[{"uuid":"a", "x":[1]},{"uuid":"b"}]},"source":"s"}`;
    expect((await call("POST", URL_PATH, body, { authorization: SECRET })).status).toBe(200);
    expect(context.sink.texts).toEqual([`{"uuid":"a", "x":[1]}`, `{"uuid":"b"}`]);
    expect((await call("POST", URL_PATH, `{"events":7}`, { authorization: SECRET })).status).toBe(200);
    expect(context.sink.texts).toHaveLength(3);
  });

  it.each<[WebhookKind, Record<string, string>]>([
    ["generic", { "x-signature-256": `sha256=${hmac("a\nb")}` }],
    ["generic", { "x-signature": hmac("a\nb").toUpperCase() }],
    ["token", { authorization: "Bearer s3cret" }],
  ])("of kind %s takes lines: %j", async (kind, headers) => {
    const secret = kind === "token" ? "s3cret" : SECRET;
    const { call, context } = testShipper("webhook", (intake) =>
      createWebhookProtocol(intake, { find: (name) => ({ name, kind, secret }) }),
    );
    expect((await call("POST", URL_PATH, "a\nb", headers)).status).toBe(200);
    expect(context.sink.texts).toEqual(["a", "b"]);
  });

  it.each<[WebhookKind, Record<string, string>]>([
    ["github", {}],
    ["github", { "x-hub-signature-256": `sha256=${hmac("x", "another")}` }],
    ["github", { "x-hub-signature-256": hmac("x") }],
    ["slack", { "x-slack-request-timestamp": "now", "x-slack-signature": `v0=${hmac("v0:now:x")}` }],
    ["okta", { authorization: "x" }],
    ["generic", { "x-signature": "" }],
    ["token", { authorization: "Bearer" }],
    ["token", { "x-gitlab-token": "x" }],
  ])("of kind %s refuses what its secret did not sign: %j", async (kind, headers) => {
    const { call, context } = fixture(kind);
    const refused = await call("POST", URL_PATH, "x", headers);
    const unknown = await call("POST", "/ingest/webhook/nope", "x", headers);
    expect([refused.status, refused.text]).toEqual([401, unknown.text]);
    expect(context.sink.batches).toEqual([]);
  });

  it("answers bombs, what is too long and a busy journal", async () => {
    const { call, context } = fixture("generic", { maxRecordBytes: 10 });
    const signed = (body: string | Uint8Array) => call("POST", URL_PATH, body, { "x-signature": hmac(body) });
    expect((await call("POST", URL_PATH, gzipSync(Buffer.alloc(50_000_000)), {})).status).toBe(413);
    expect((await signed(`short\n${"x".repeat(20)}`)).status).toBe(200);
    expect(context.sink.batches.map(({ fault }) => fault)).toEqual([undefined, "oversize"]);
    context.sink.gate = () => {
      throw new TytoError("back-pressure", "not now");
    };
    expect((await signed("x")).headers).toMatchObject({ "retry-after": "2" });
  });

  it("answers any bytes", async () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .constantFrom(
          `{"data":{"events":[`,
          `{"data":{"events":[]}}`,
          `payload=%7B`,
          `{"events":1,"data":{"events":[1,2]}}`,
        )
        .map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(
        body,
        fc.constantFrom<WebhookKind>("okta", "generic"),
        fc.boolean(),
        async (bytes, kind, isForm) => {
          const { call } = fixture(kind);
          const type: Record<string, string> = isForm
            ? { "content-type": "application/x-www-form-urlencoded" }
            : {};
          const reply = await call("POST", URL_PATH, bytes, {
            authorization: SECRET,
            "x-signature": hmac(bytes),
            ...type,
          });
          expect([200, 400]).toContain(reply.status);
        },
      ),
      { numRuns: 300 },
    );
  });
});
