import { gzipSync } from "node:zlib";
import { TytoError } from "@tyto/domain";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { IngestLimits } from "../ingest-handler.ts";
import { GOOD, testShipper } from "../testing/shipper-fixture.ts";
import { createGelfProtocol } from "./gelf-protocol.ts";

const fixture = (limits: Partial<IngestLimits> = {}, allowsQueryTokens = false) =>
  testShipper("gelf-http", (intake) => createGelfProtocol(intake, { allowsQueryTokens }), limits);
const MESSAGE = `{"version":"1.1", "host":"web1","short_message":"hi","_team":"shop"}`;

describe("GELF over HTTP", () => {
  it.each([
    ["one message, as Graylog's manual shows", MESSAGE, [MESSAGE]],
    ["several, line by line", `${MESSAGE}\n${MESSAGE}\r\n`, [MESSAGE, MESSAGE]],
    ["gzip", gzipSync(MESSAGE), [MESSAGE]],
    ["a pretty-printed one", `{\n "short_message": "a"\n}`, [`{\n "short_message": "a"\n}`]],
  ])("takes %s and answers 202", async (_what, body, expected) => {
    const { call, context } = fixture();
    const reply = await call("POST", "/gelf", body);
    expect([reply.status, reply.text]).toEqual([202, ""]);
    expect(context.sink.texts).toEqual(expected);
  });

  it("looks at the token in the address only where that is switched on", async () => {
    expect((await fixture().call("POST", `/gelf?token=${GOOD}`, MESSAGE, {})).status).toBe(401);
    expect((await fixture({}, true).call("POST", `/gelf?token=${GOOD}`, MESSAGE, {})).status).toBe(202);
    expect((await fixture({}, true).call("POST", "/gelf?token=x", MESSAGE, {})).status).toBe(401);
  });

  it.each([
    ["nothing", "", 400],
    ["text", "hello", 400],
    ["a message that is cut off", MESSAGE.slice(0, -3), 400],
    ["a message behind which text stands", `${MESSAGE}x`, 400],
    ["a list", `[${MESSAGE}]`, 400],
    ["a gzip stream that is cut off", gzipSync(MESSAGE).subarray(0, -5), 400],
    ["a bomb", gzipSync(Buffer.alloc(50_000_000, " ")), 413],
  ])("refuses %s whole", async (_what, body, status) => {
    const { call, context } = fixture();
    expect((await call("POST", "/gelf", body)).status).toBe(status);
    expect(context.sink.batches).toEqual([]);
  });

  it("answers 503 while the journal takes nothing, and cuts what is too long", async () => {
    const { call, context } = fixture({ maxRecordBytes: 20 });
    expect((await call("POST", "/gelf", MESSAGE)).status).toBe(202);
    expect(context.sink.batches.map(({ fault }) => fault)).toEqual(["oversize"]);
    context.sink.gate = () => {
      throw new TytoError("back-pressure", "not now");
    };
    const reply = await call("POST", "/gelf", MESSAGE);
    expect([reply.status, reply.headers["retry-after"]]).toEqual([503, "2"]);
  });

  it("answers any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 50 }), fc.json()), async (body) => {
        expect([202, 400]).toContain((await fixture().call("POST", "/gelf", body)).status);
      }),
      { numRuns: 300 },
    );
  });
});
