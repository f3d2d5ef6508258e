/** What the routes of exceptions leave to the desk behind them. */
import type { ExceptionBody } from "@tyto/domain";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await startApi();
});
afterAll(() => fixture.close());

const BODY: ExceptionBody = {
  title: "The backup's own",
  conditions: [{ field: "user.name", how: "equals", value: "svc-backup" }],
  scope: { kind: "all" },
  reason: "",
  expiresInDays: 30,
};

it("put nothing on the record themselves: a condition's values are an event's", async () => {
  for (const [method, path, payload] of [
    ["POST", "", BODY],
    ["PUT", "/0123456789abcdef", { ...BODY, version: 1 }],
    ["POST", "/0123456789abcdef/end", undefined],
    ["POST", "/0123456789abcdef/renew", { expiresInDays: 30 }],
  ] as const) {
    const reply = await fixture.api.inject({
      method,
      url: `/api/v1/exceptions${path}`,
      headers: bearer(fixture.tokens.admin),
      ...(payload === undefined ? {} : { payload }),
    });
    // The request was understood; this fixture has no desk that knows any exception.
    expect([method, path, reply.statusCode]).toEqual([method, path, 404]);
  }
  expect(fixture.audited).toEqual([]);
});
