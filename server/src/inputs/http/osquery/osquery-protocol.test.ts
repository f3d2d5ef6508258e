import { gzipSync } from "node:zlib";
import { TytoError } from "@tyto/domain";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IngestLimits } from "../ingest-handler.ts";
import { GOOD, testShipper } from "../testing/shipper-fixture.ts";
import { createOsqueryProtocol } from "./osquery-protocol.ts";

/** Seals for a test's eyes: readable, and checked all the same. */
const keys = {
  seal: (use: string, text: string): string => Buffer.from(`${use}|${text}`).toString("base64"),
  open: (use: string, sealed: string): string | undefined => {
    const text = Buffer.from(sealed, "base64").toString("utf8");
    return text.startsWith(`${use}|`) ? text.slice(use.length + 1) : undefined;
  },
};
const fixture = (limits: Partial<IngestLimits> = {}) =>
  testShipper("osquery", (intake) => createOsqueryProtocol(intake, keys), limits);

async function enrolled(limits: Partial<IngestLimits> = {}) {
  const { call, context } = fixture(limits);
  const post = (path: string, body: object | string | Uint8Array) =>
    call(
      "POST",
      path,
      typeof body === "object" && !(body instanceof Uint8Array) ? JSON.stringify(body) : body,
      {},
    );
  const reply = await post("/enroll", {
    enroll_secret: GOOD,
    host_identifier: "web1",
    host_details: { os_version: {} },
  });
  const { node_key: key } = reply.json as { readonly node_key: string };
  return { post, context, key };
}

const RESULT = {
  name: "p",
  hostIdentifier: "web1",
  unixTime: 1772186400,
  action: "added",
  columns: { pid: "1" },
};

describe("osquery over TLS plugins", () => {
  it("enrols, gets an empty configuration and no queries, and its logs are kept", async () => {
    const { post, context, key } = await enrolled();
    expect((await post("/config", { node_key: key })).json).toEqual({ schedule: {}, node_invalid: false });
    expect((await post("/osquery/distributed/read", { node_key: key })).json).toEqual({
      queries: {},
      node_invalid: false,
    });
    expect((await post("/distributed/write", { node_key: key, queries: {} })).json).toEqual({
      node_invalid: false,
    });
    const logs = { node_key: key, log_type: "result", data: [RESULT, { ...RESULT, name: "q" }] };
    expect((await post("/log", gzipSync(JSON.stringify(logs)))).json).toEqual({ node_invalid: false });
    expect(context.sink.texts).toEqual([JSON.stringify(RESULT), JSON.stringify({ ...RESULT, name: "q" })]);
    expect(context.sink.batches[0]?.header).toBe(`{"osquery":{"log_type":"result","host":"web1"}}`);
    await post("/log", {
      node_key: key,
      log_type: "status",
      data: JSON.stringify([{ severity: "0", message: "x" }]),
    });
    expect(context.sink.texts.at(-1)).toBe(`{"severity":"0","message":"x"}`);
  });

  it("is told to enrol again when its key or its token is none", async () => {
    const { post, context } = await enrolled();
    expect((await post("/enroll", { enroll_secret: "reader" })).json).toEqual({
      node_key: "",
      node_invalid: true,
    });
    const revoked = keys.seal("osquery node key", JSON.stringify(["expired", "web1"]));
    for (const node_key of ["", "x", 7, revoked, keys.seal("another use", `["${GOOD}",""]`)]) {
      const reply = await post("/log", { node_key, log_type: "result", data: [RESULT] });
      expect(reply.json).toEqual({ node_invalid: true });
    }
    expect(context.sink.batches).toEqual([]);
  });

  it.each<[string, (key: string) => object | string | Uint8Array, number]>([
    ["no JSON", () => "hello", 400],
    ["JSON that is cut off", (key) => `{"node_key":"${key}","data":[`, 400],
    ["a log without its type", (key) => ({ node_key: key, data: [] }), 400],
    ["a log without its data", (key) => ({ node_key: key, log_type: "result" }), 400],
    ["data that is none", (key) => ({ node_key: key, log_type: "result", data: "[" }), 400],
    ["a bomb", () => gzipSync(Buffer.alloc(50_000_000)), 413],
  ])("is refused %s", async (_what, body, status) => {
    const { post, context, key } = await enrolled();
    expect((await post("/log", body(key))).status).toBe(status);
    expect(context.sink.batches).toEqual([]);
  });

  it("is told to come again while the journal takes nothing", async () => {
    const { post, context, key } = await enrolled();
    context.sink.gate = () => {
      throw new TytoError("back-pressure", "not now");
    };
    const reply = await post("/log", { node_key: key, log_type: "result", data: [RESULT] });
    expect([reply.status, reply.headers["retry-after"]]).toEqual([503, "2"]);
  });

  it("is answered whatever it sends", async () => {
    const { post, key } = await enrolled();
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .anything()
        .map((data) =>
          Buffer.from(
            JSON.stringify({ node_key: key, log_type: "result", data }, (_, value: unknown) =>
              typeof value === "bigint" ? String(value) : value,
            ),
          ),
        ),
    );
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom("/enroll", "/config", "/log"), async (bytes, path) => {
        expect([200, 400]).toContain((await post(path, Uint8Array.from(bytes))).status);
      }),
      { numRuns: 300 },
    );
  });
});
