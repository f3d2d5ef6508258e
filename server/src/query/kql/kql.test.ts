import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_TENANT } from "@tyto/domain";
import { temporaryEngine } from "../../storage/engine/engine-fixture.ts";
import { EVENTS, NOW } from "../cases/events.ts";
import { KQL_CASES } from "../cases/kql-cases.ts";
import { createQueryFrontend, type QueryFrontend } from "../frontend.ts";
import { buildKqlWorker } from "./worker-fixture.ts";

let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
let frontend: QueryFrontend;

beforeAll(async () => {
  frontend = createQueryFrontend({ kqlWorkerPath: await buildKqlWorker() });
  fixture = await temporaryEngine();
  expect(await fixture.engine.events.insert(EVENTS)).toEqual([]);
});
afterAll(async () => {
  await frontend.close();
  await fixture.remove();
});

let queries = 0;

async function ask(kql: string) {
  const compiled = await frontend.compileSearch({
    kql,
    limit: 100,
    now: NOW,
    tenant: DEFAULT_TENANT,
    from: "-1d",
  });
  if (!compiled.ok)
    throw new Error(compiled.diagnostics.map((each) => `${each.code}: ${each.message}`).join("; "));
  const outcome = await fixture.engine.queries.run(compiled.query, {
    limits: { timeoutMs: 5_000, maxRows: 1_000, maxMemoryBytes: 500_000_000 },
    queryId: `kql-${queries++}`,
  });
  return {
    columns: compiled.columns.map(({ name, type }) => `${name}:${type}`),
    rows: compiled.shape(outcome.rows).rows,
  };
}

describe("KQL answers", () => {
  test.each(KQL_CASES)("$name", async ({ kql, columns, rows }) => {
    expect(await ask(kql)).toEqual({ columns, rows });
  });
});
