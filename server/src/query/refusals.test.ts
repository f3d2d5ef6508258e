import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_TENANT } from "@tyto/domain";
import { NOW } from "./cases/events.ts";
import { KQL_REFUSALS, SEARCH_REFUSALS, type RefusalCase } from "./cases/refusals.ts";
import { createQueryFrontend, type QueryFrontend, type QueryText } from "./frontend.ts";
import { buildKqlWorker } from "./kql/worker-fixture.ts";

let frontend: QueryFrontend;
beforeAll(async () => {
  frontend = createQueryFrontend({ kqlWorkerPath: await buildKqlWorker() });
});
afterAll(() => frontend.close());

async function refusalOf(query: Pick<QueryText, "kql" | "text" | "from" | "to">) {
  const compiled = await frontend.compileSearch({ ...query, limit: 10, now: NOW, tenant: DEFAULT_TENANT });
  if (compiled.ok) throw new Error("compiled");
  const [first] = compiled.diagnostics;
  if (first === undefined) throw new Error("refused without a reason");
  const text = query.kql ?? query.text ?? "";
  return {
    code: first.code,
    at: text.slice(first.span.start, first.span.end),
    hint: first.hint,
    diagnostic: first,
  };
}

function check(expected: RefusalCase, found: Awaited<ReturnType<typeof refusalOf>>): void {
  expect({ code: found.code, at: found.at }).toEqual({ code: expected.code, at: expected.at });
  if (expected.hint !== undefined) expect(found.hint).toMatch(expected.hint);
}

describe("the search bar refuses", () => {
  test.each(SEARCH_REFUSALS)("$text", async (each) => {
    check(each, await refusalOf({ text: each.text }));
  });
});

describe("KQL refuses", () => {
  test.each(KQL_REFUSALS)("$text", async (each) => {
    check(each, await refusalOf({ kql: each.text }));
  });
});

test("names line and column of what it refuses", async () => {
  const { diagnostic } = await refusalOf({ kql: "Events\n| take 5\n| where foo == 1" });
  expect(diagnostic.at).toEqual({ file: "query", line: 3, column: 9 });
});

test("refuses a range that is none", async () => {
  expect((await refusalOf({ text: "", from: "soon" })).code).toBe("bad-time");
  expect((await refusalOf({ text: "", from: "now", to: "-1h" })).code).toBe("empty-range");
  expect((await refusalOf({ text: "a".repeat(16_385) })).code).toBe("query-too-long");
  expect((await refusalOf({ text: "a", kql: "Events" })).code).toBe("ambiguous-query");
});
