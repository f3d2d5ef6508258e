/** What the search page asks beside rows, and what an export writes, on a real engine. */
import { DEFAULT_TENANT, micros } from "@tyto/domain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryEngine } from "../storage/engine/engine-fixture.ts";
import { EVENTS, NOW } from "./cases/events.ts";
import {
  compileExport,
  compilePieceEnd,
  isPieced,
  receivedBefore,
  type ExportShape,
} from "./export-query.ts";
import { queryFrontendOver, type AskedQuery } from "./frontend.ts";
import type { RowPlace, RowSpan } from "./ir.ts";
import {
  compileCount,
  compileDistinct,
  compileFinished,
  compilePatternLines,
  compileSample,
  compileStackedCounts,
  compileTail,
  compileTailCount,
  compileTopValues,
  filterOf,
  isRowwise,
  withOnly,
} from "./search-questions.ts";
import type { BoundQuery } from "./bound-query.ts";
import { parseSearchText } from "./search-text.ts";

const LIMITS = { timeoutMs: 10_000, maxRows: 1_000, maxMemoryBytes: 500_000_000 };
let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
const frontend = queryFrontendOver({
  parse: (text, now) => Promise.resolve({ ok: true, value: parseSearchText(text, now) }),
  ask: ({ text }) => Promise.resolve({ completions: [], span: { start: 0, end: text.length }, text }),
  close: () => Promise.resolve(),
});

beforeAll(async () => {
  fixture = await temporaryEngine();
  expect(await fixture.engine.events.insert(EVENTS)).toEqual([]);
});
afterAll(() => fixture.remove());

async function asked(text: string): Promise<AskedQuery> {
  const question = { text, from: "2000-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z" };
  const answer = await frontend.compileWith(
    { ...question, now: NOW, tenant: DEFAULT_TENANT, access: undefined },
    (query) => query,
  );
  if (!answer.ok) throw new Error(answer.diagnostics[0]?.message);
  return answer.value;
}

let queries = 0;
async function rows(query: BoundQuery): Promise<readonly (readonly unknown[])[]> {
  return (await fixture.engine.queries.run(query, { limits: LIMITS, queryId: `q${queries++}` })).rows;
}

/** RowBinary of one text a row. */
function textsOf(bytes: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      length += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    texts.push(bytes.toString("utf8", at, at + length));
    at += length;
  }
  return texts;
}

async function exported(query: AskedQuery, shape: ExportShape, span?: RowSpan): Promise<readonly string[]> {
  const { query: sql } = compileExport(query, shape, span);
  const limits = { timeoutMs: 10_000, maxMemoryBytes: 500_000_000, maxResultBytes: 100_000_000 };
  return textsOf(
    await fixture.engine.queries.bytes(sql, { format: "RowBinary", limits, queryId: `q${queries++}` }),
  );
}

describe("questions of the search page", () => {
  it("count what the filters let through, and say what it would cost", async () => {
    const query = await asked("");
    expect((await rows(compileCount(query).query))[0]).toEqual([EVENTS.length]);
    const estimate = await fixture.engine.queries.estimate(compileFinished(query, 10).query, {
      queryId: "e",
    });
    expect(estimate.rows).toBe(EVENTS.length);
    expect(estimate.bytes).toBeGreaterThan(0);
  });

  it("give the commonest values of a field, lists and vendors' own fields among them", async () => {
    const query = await asked("");
    const outcomes = await rows(compileTopValues(query, { field: "event.outcome", limit: 5 }).query);
    const counted = EVENTS.filter(({ fields }) => fields["event.outcome"] === outcomes[0]?.[0]).length;
    expect(outcomes[0]?.[1]).toBe(counted);
    const categories = await rows(compileTopValues(query, { field: "event.category", limit: 5 }).query);
    expect(String(categories[0]?.[0])).toMatch(/^\["/);
    const [distinct] = await rows(compileDistinct(query, "event.outcome").query);
    expect(distinct?.[0]).toBe(outcomes.length);
    expect(await rows(compileTopValues(query, { field: "acme.nothing", limit: 5 }).query)).toEqual([]);
    expect(() => compileTopValues(query, { field: "source.ipp", limit: 5 })).toThrow(/no field/);
  });

  it("stack counts over time by a field, and by nothing", async () => {
    const query = await asked("");
    const day = 86_400_000_000;
    const stacked = await rows(
      compileStackedCounts(query, { sizeMicros: day, field: "event.outcome", values: ["failure"] }).query,
    );
    const sum = stacked.reduce((total, [, , count]) => total + Number(count), 0);
    expect(sum).toBe(EVENTS.length);
    expect(new Set(stacked.map(([, value]) => value))).toEqual(new Set(["failure", ""]));
  });

  it("show the newest rows with the fields that are asked, and the lines to mine", async () => {
    const query = await asked("");
    const sample = await rows(compileSample(query, { fields: ["user.name", "timestamp"], limit: 3 }).query);
    const times = sample.map(([, time]) => String(time));
    expect(times).toEqual([...times].sort().reverse());
    expect(sample).toHaveLength(3);
    const lines = await rows(compilePatternLines(query, { limit: 100, characters: 10 }).query);
    expect(lines).toHaveLength(EVENTS.length);
    expect(lines.every(([, , text]) => String(text).length <= 10)).toBe(true);
  });

  it("follow what comes in", async () => {
    const query = await asked("");
    const newest = Math.max(...EVENTS.map(({ ingested }) => ingested));
    expect(await rows(compileTail(query, { after: newest, fields: ["raw"], limit: 10 }).query)).toEqual([]);
    const all = await rows(compileTail(query, { after: 0, fields: ["raw", "id"], limit: 10 }).query);
    expect(all[0]).toHaveLength(3);
    expect((await rows(compileTailCount(query, 0).query))[0]).toEqual([EVENTS.length]);
  });

  it("show more fields beside the usual ones, a vendor's among them, and no unknown ones", async () => {
    const compiled = await frontend.compileSearch({
      text: "",
      from: "2000-01-01T00:00:00Z",
      to: "2100-01-01T00:00:00Z",
      now: NOW,
      tenant: DEFAULT_TENANT,
      access: undefined,
      limit: 100,
      columns: ["host.hostname", "acme.zone", "source.ipp", "raw"],
    });
    if (!compiled.ok) throw new Error(compiled.diagnostics[0]?.message);
    const names = compiled.columns.map(({ name }) => name);
    expect(names.slice(-2)).toEqual(["host.hostname", "acme.zone"]);
    expect(names.filter((name) => name === "raw")).toHaveLength(1);
    expect(await rows(compiled.query)).toHaveLength(EVENTS.length);
  });

  it("hand on the filter alone", async () => {
    expect(filterOf(await asked(""))).toBeNull();
    expect(filterOf(await asked("user.name:root"))?.kind).toBe("call");
    expect(isRowwise(await asked("user.name:root"))).toBe(true);
  });
});

describe("an export", () => {
  it("has every row once, whatever the size of its pieces", async () => {
    const query = await asked("");
    expect(isPieced(query)).toBe(true);
    const whole = await exported(query, "ndjson");
    expect(whole).toHaveLength(EVENTS.length);
    for (const size of [1, 3, 7, 1_000]) {
      const pieces: string[] = [];
      let after: RowPlace | undefined;
      for (;;) {
        const from = after === undefined ? {} : { after };
        const [end] = await rows(compilePieceEnd(query, from, size));
        const [, origin = "", ordinal = ""] = /^(.*)-(\d+)$/.exec(String(end?.[1])) ?? [];
        const upTo = end === undefined ? undefined : { at: micros(Number(end[0])), origin, ordinal };
        const span = { ...from, ...(upTo === undefined ? {} : { upTo }) };
        const piece = await exported(query, "ndjson", span);
        if (upTo !== undefined) expect(piece).toHaveLength(size);
        pieces.push(...piece);
        if (upTo === undefined) break;
        after = upTo;
      }
      expect(pieces).toEqual(whole);
    }
  });

  it("writes JSON that says what the event says", async () => {
    const lines = (await exported(await asked(""), "ndjson")).map(
      (line) => JSON.parse(line) as Record<string, unknown>,
    );
    const event = EVENTS[0];
    const line = lines.find(({ id }) => id === event?.id);
    expect(line?.["raw"]).toBe(event === undefined ? "" : Buffer.from(event.raw).toString("utf8"));
    expect(String(line?.["timestamp"])).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(Object.values(line ?? {})).not.toContain("");
  });

  it("has the columns that were chosen, in their order, and none that nobody knows", async () => {
    const chosen = ["host.name", "timestamp", "nonsense", "host.name"];
    expect(compileExport(withOnly(await asked(""), chosen), "csv").names).toEqual(["host.name", "timestamp"]);
    // A query that chooses its columns itself keeps them.
    const own = withOnly(await asked(""), ["id"]);
    expect(compileExport(withOnly(own, chosen), "csv").names).toEqual(["id"]);
    const lines = await exported(withOnly(await asked(""), chosen), "ndjson");
    expect(lines.length).toBe((await exported(await asked(""), "ndjson")).length);
  });

  it("writes no formula into CSV", async () => {
    const raw = '=HYPERLINK("http://evil.example","x")\n+1';
    const [base] = EVENTS;
    if (base === undefined) throw new Error("there are events");
    const id = "00000000000000ff-1" as typeof base.id;
    const hostile = { ...base, id, raw: Buffer.from(raw), fields: { ...base.fields, message: "@SUM(A1)" } };
    expect(await fixture.engine.events.insert([hostile])).toEqual([]);
    const query = await asked(`id:"${id}"`);
    const { names } = compileExport(query, "csv");
    const [line = ""] = await exported(query, "csv");
    expect(names).toContain("raw");
    expect(line).toContain(`"'=HYPERLINK(""http://evil.example"",""x"")\n+1"`);
    expect(line).toContain(",'@SUM(A1),");
  });

  it("leaves out what came in after its beginning", async () => {
    const query = receivedBefore(await asked(""), 1);
    expect(await exported(query, "ndjson")).toEqual([]);
  });

  it("is Parquet that the engine reads", async () => {
    const { query, names } = compileExport(await asked(""), "columns");
    const limits = { timeoutMs: 10_000, maxMemoryBytes: 500_000_000, maxResultBytes: 100_000_000 };
    const file = await fixture.engine.queries.bytes(query, { format: "Parquet", limits, queryId: "parquet" });
    expect(file.toString("latin1", 0, 4)).toBe("PAR1");
    expect(names.length).toBeGreaterThan(10);
  });
});
