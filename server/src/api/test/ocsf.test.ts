/** A search whose answer is whole events in OCSF. */
import { micros, sequence, sourceId } from "@tyto/domain";
import type { ErrorBody, EventId, SearchReply } from "@tyto/domain";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ocsfComplaints } from "../../ocsf/testing/validator.ts";
import { sql } from "../../query/index.ts";
import type { CompiledSearch } from "../../query/index.ts";
import type { StoredEvent } from "../../storage/index.ts";
import { bearer, startApi } from "./api-fixture.ts";
import type { ApiFixture } from "./api-fixture.ts";

const ids = Array.from({ length: 501 }, (_, ordinal) => `00000000000000aa-${ordinal}` as EventId);
const stored = (id: EventId): StoredEvent => ({
  id,
  sequence: sequence(1),
  source: sourceId("00000000000000bb"),
  timestamp: micros(1_000_000),
  ingested: micros(2_000_000),
  pack: "acme-gate/log",
  fields: { "event.category": ["network"], "event.type": ["denied"], "source.ip": "192.0.2.5" },
  raw: new TextEncoder().encode("a line"),
});

let fixture: ApiFixture;
let columns: CompiledSearch["columns"];
const read: number[] = [];
let hasRun = false;

beforeAll(async () => {
  const other = await startApi();
  await other.close();
  fixture = await startApi({
    engine: {
      events: {
        ...other.dependencies.engine.events,
        byIds: (asked) => {
          read.push(asked.length);
          return Promise.resolve(asked.filter((id) => id !== ids[1]).map(stored));
        },
      },
      queries: {
        ...other.dependencies.engine.queries,
        run: () => {
          hasRun = true;
          const rows = [...ids.map((id) => ["x", id]), ["x", null], ["x", "no id"]];
          return Promise.resolve({
            columns: [],
            rows,
            rowsRead: 1,
            bytesRead: 1,
            elapsedMs: 1,
            isPartial: false,
          });
        },
        cancel: () => Promise.resolve(),
      },
    },
    query: {
      ...other.dependencies.query,
      compileSearch: () =>
        Promise.resolve({
          ok: true,
          query: sql`SELECT 1`,
          kql: "Events",
          from: micros(0),
          to: micros(1_000_000),
          columns,
          shape: (rows) => ({ rows, isPartial: false }),
        }),
      check: () => Promise.resolve([]),
      ask: ({ text }) => Promise.resolve({ completions: [], span: { start: 0, end: text.length }, text }),
      compileHistogram: () => Promise.reject(new Error("not asked")),
    },
  });
});
afterAll(() => fixture.close());

const search = () =>
  fixture.api.inject({
    method: "POST",
    url: "/api/v1/search",
    payload: { kql: "Events", schema: "ocsf" },
    headers: bearer(fixture.tokens.read),
  });

it("gives every event that the rows name, in their order; what is no event or has left gives none", async () => {
  columns = [
    { name: "message", type: "string" },
    { name: "id", type: "string" },
  ];
  const { columns: shown, rows } = (await search()).json<SearchReply>();
  expect(shown).toEqual([{ name: "event", type: "dynamic" }]);
  expect(rows.flatMap(([event]) => ocsfComplaints(event))).toEqual([]);
  expect(rows.map(([event]) => event)).toMatchObject(
    ids.filter((id) => id !== ids[1]).map((uid) => ({ class_uid: 4001, metadata: { uid } })),
  );
  expect(read).toEqual([500, 1]);
});

it("refuses rows that name no events, before the engine is asked", async () => {
  columns = [{ name: "count_", type: "long" }];
  hasRun = false;
  const reply = await search();
  expect([reply.statusCode, reply.json<ErrorBody>().error.code]).toEqual([400, "bad-request"]);
  expect(hasRun).toBe(false);
});
