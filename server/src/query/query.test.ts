import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_TENANT, parseEventId, tenantId } from "@tyto/domain";
import { temporaryEngine } from "../storage/engine/engine-fixture.ts";
import { EVENTS, NOW } from "./cases/events.ts";
import { GOLDEN } from "./cases/golden.ts";
import { KQL_CASES } from "./cases/kql-cases.ts";
import { printTree } from "./cases/print-tree.ts";
import { KQL_REFUSALS, SEARCH_REFUSALS, type RefusalCase } from "./cases/refusals.ts";
import { KQL_OF_TEXT, SEARCH_CASES } from "./cases/search-cases.ts";
import { queryFrontendOver, type CompiledSearch, type QueryText, type SearchRequest } from "./frontend.ts";
import { WorkerKqlParser } from "./kql/worker-parser.ts";
import { buildKqlWorker } from "./kql/worker-fixture.ts";
import { parseSearchText } from "./search-text.ts";
import { TABLES } from "./tables.ts";

/** The whole module against a real engine and a real worker: they take seconds to start, so all cases share one of each. */

let fixture: Awaited<ReturnType<typeof temporaryEngine>>;
let parser: WorkerKqlParser;
let frontend: ReturnType<typeof queryFrontendOver>;

beforeAll(async () => {
  // The machine may be busy with other tests: what takes too long is `worker-parser.test.ts`'s subject.
  parser = new WorkerKqlParser({
    workerPath: await buildKqlWorker(),
    queryTimeoutMs: 25_000,
    idleMs: 600_000,
  });
  frontend = queryFrontendOver(parser);
  fixture = await temporaryEngine();
  expect(await fixture.engine.events.insert(EVENTS)).toEqual([]);
});
afterAll(async () => {
  await frontend.close();
  await fixture.remove();
});

type Question = Partial<SearchRequest>;

async function compile(question: Question): Promise<CompiledSearch> {
  const request = { limit: 100, now: NOW, tenant: DEFAULT_TENANT, access: undefined, ...question };
  const compiled = await frontend.compileSearch(request);
  if (compiled.ok) return compiled;
  throw new Error(compiled.diagnostics.map((each) => `${each.code}: ${each.message}`).join("; "));
}

let queries = 0;

async function run(query: CompiledSearch["query"]): Promise<readonly (readonly unknown[])[]> {
  const limits = { timeoutMs: 10_000, maxRows: 1_000, maxMemoryBytes: 500_000_000 };
  return (await fixture.engine.queries.run(query, { limits, queryId: `query-${queries++}` })).rows;
}

async function ask(question: Question) {
  const compiled = await compile(question);
  return { compiled, ...compiled.shape(await run(compiled.query)) };
}

async function foundBy(question: Question): Promise<readonly number[]> {
  const { compiled, rows } = await ask(question);
  const at = compiled.columns.findIndex(({ name }) => name === "id");
  return rows.map((row) => parseEventId(String(row[at]))?.ordinal ?? -1);
}

describe("the search bar finds", () => {
  test.each(SEARCH_CASES)("$name", async ({ text, finds }) => {
    expect(await foundBy({ text })).toEqual(finds);
  });
});

describe("KQL answers", () => {
  test.each(KQL_CASES)("$name", async ({ kql, columns, rows }) => {
    const answer = await ask({ kql, from: "-1d" });
    const found = answer.compiled.columns.map(({ name, type }) => `${name}:${type}`);
    expect({ columns: found, rows: answer.rows }).toEqual({ columns, rows });
  });
});

describe("compiles to", () => {
  test.each(GOLDEN)("$name", async ({ name, ...question }) => {
    const compiled = await compile(question);
    const parsed = await parser.parse(compiled.kql, NOW);
    if (!parsed.ok) throw new Error("not understood");
    const parameters = Object.entries(compiled.query.params).map(
      ([each, { value }]) => `${each} = ${JSON.stringify(value)}`,
    );
    const rows = compiled.shape(await run(compiled.query)).rows.map((row) => JSON.stringify(row));
    const parts = {
      ...(question.text === undefined ? {} : { text: question.text }),
      kql: compiled.kql,
      tree: printTree(parsed.value),
      sql: compiled.query.sql.replace(/ (FROM|WHERE|GROUP BY|ORDER BY|LIMIT|AND) /g, "\n$1 "),
      parameters: parameters.join("\n"),
      columns: compiled.columns.map((column) => `${column.name}:${column.type}`).join(" "),
      rows: rows.join("\n"),
    };
    const golden = Object.entries(parts).map(([title, body]) => `# ${title}\n${body}\n`);
    await expect(golden.join("\n")).toMatchFileSnapshot(`cases/golden/${name}.golden`);
  });
});

test("a search opened as KQL is the same query", async () => {
  for (const { text } of SEARCH_CASES) {
    const searched = await compile({ text });
    const opened = await compile({ kql: searched.kql });
    expect({ text, sql: opened.query.sql, params: opened.query.params }).toEqual({
      text,
      sql: searched.query.sql,
      params: searched.query.params,
    });
  }
  for (const [text, kql] of KQL_OF_TEXT) expect(frontend.textToKql(text, NOW)).toEqual({ ok: true, kql });
});

test("shows an event's columns as the API spells them", async () => {
  const { compiled, rows } = await ask({ text: "user.name:root" });
  const row = Object.fromEntries(compiled.columns.map(({ name }, index) => [name, rows[0]?.[index]]));
  expect(row).toMatchObject({
    timestamp: "2026-03-10T11:00:00.000Z",
    id: "00000000000000a1-1",
    source: "00000000000000b1",
    "source.ip": "203.0.113.77",
    "source.port": 50112,
    "destination.ip": "",
    "destination.port": null,
    "event.category": ["authentication"],
    message: "Failed password for root from 203.0.113.77 port 50112 ssh2",
  });
});

test("a query that computes a column shows it beside the usual ones", async () => {
  const { compiled, rows } = await ask({
    kql: 'Events | where user.name == "root" | extend x = strlen(raw)',
  });
  expect(compiled.columns.at(-1)).toEqual({ name: "x", type: "long" });
  expect(rows[0]?.at(-1)).toBe(92);
});

test("findings and alerts are tables, too", async () => {
  expect((await ask({ kql: "Alerts | where severity == 'high' | count" })).rows).toEqual([[0]]);
  expect((await ask({ kql: "Findings" })).compiled.columns.map(({ name }) => name)).toContain("sentence");
  expect((await ask({ kql: "Alerts | summarize count() by status" })).rows).toEqual([]);
});

test("cuts at the limit and says so", async () => {
  const three = await ask({ text: "", limit: 3 });
  expect([three.rows.length, three.isPartial]).toEqual([3, true]);
  const all = await ask({ text: "", limit: 12 });
  expect([all.rows.length, all.isPartial]).toEqual([12, false]);
});

test("keeps to the range, its end excluded; a query's own range counts when none is given", async () => {
  const range = { from: "2026-03-10T11:00:05Z", to: "2026-03-10T11:05:01Z" };
  expect(await foundBy({ text: "", ...range })).toEqual([4, 3, 2]);
  expect(await foundBy({ text: "", from: "-1m" })).toEqual([12]);
  const kql =
    "Events | where timestamp >= datetime(2026-03-10T08:00:00Z) and timestamp < datetime(2026-03-10T10:00:00Z)";
  const compiled = await compile({ kql });
  expect([compiled.from, compiled.to].map((each) => new Date(each / 1_000).toISOString())).toEqual([
    "2026-03-10T08:00:00.000Z",
    "2026-03-10T10:00:00.000Z",
  ]);
  expect(await foundBy({ kql: "Events | where timestamp > ago(90d) | count", from: "-1m" })).toEqual([-1]);
});

test("shows one tenant nothing of another, whatever is asked", async () => {
  const tenant = tenantId("other");
  expect(await foundBy({ text: "", tenant })).toEqual([]);
  expect(await foundBy({ text: "failed or -failed", tenant })).toEqual([]);
  expect((await ask({ kql: "Events | summarize count()", tenant })).rows).toEqual([[0]]);
  for (const { kql } of KQL_CASES) {
    const { sql, params } = (await compile({ kql, tenant })).query;
    expect(sql).toMatch(
      / FROM (events|findings|alerts) WHERE tenant = \{p\d+:String\} AND `timestamp` >= \{p\d+:DateTime64/,
    );
    expect(Object.values(params).filter(({ value }) => value === "other")).toHaveLength(1);
  }
});

describe("a histogram", () => {
  const hour = { from: "2026-03-10T11:00:00Z", to: "2026-03-10T12:00:00Z", buckets: 12 };

  async function histogramOf(question: Partial<QueryText>) {
    const compiled = await frontend.compileHistogram({
      ...hour,
      now: NOW,
      tenant: DEFAULT_TENANT,
      access: undefined,
      ...question,
    });
    if (!compiled.ok) throw new Error(compiled.diagnostics.map((each) => each.message).join("; "));
    return { bucketMs: compiled.bucketMs, ...compiled.fill(await run(compiled.query)) };
  }

  test("counts by bucket, empty ones included", async () => {
    const { bucketMs, buckets, total } = await histogramOf({ text: "" });
    expect([bucketMs, total]).toEqual([300_000, 11]);
    expect(buckets.map(({ count }) => count)).toEqual([3, 2, 2, 0, 1, 0, 2, 0, 0, 0, 0, 1]);
    expect(buckets[1]?.start).toBe("2026-03-10T11:05:00.000Z");
  });

  test("counts what passes the filters, before anything is grouped or cut", async () => {
    const counted = async (kql: string): Promise<number> => (await histogramOf({ kql })).total;
    expect(await counted('Events | where process.name == "sshd" | summarize count() by user.name')).toBe(3);
    expect(
      await counted("Events | where isnotempty(source.ip) | sort by source.ip | take 1 | where raw has 'x'"),
    ).toBe(7);
    expect(await counted("Events | extend n = source.port + 1 | where n == 50113 | project n")).toBe(1);
  });

  test("puts buckets of several days where bin puts them", async () => {
    const { bucketMs, buckets, total } = await histogramOf({ text: "", from: "-70d", to: "now" });
    expect(bucketMs).toBe(7 * 86_400_000);
    expect(total).toBe(12);
    // A Monday, as the first day of Kusto's year 1.
    expect(new Date(buckets[0]?.start ?? "").getUTCDay()).toBe(1);
  });
});

async function refusalOf(query: Pick<QueryText, "kql" | "text" | "from" | "to">) {
  const compiled = await frontend.compileSearch({
    ...query,
    limit: 10,
    now: NOW,
    tenant: DEFAULT_TENANT,
    access: undefined,
  });
  if (compiled.ok) throw new Error("compiled");
  const [first] = compiled.diagnostics;
  if (first === undefined) throw new Error("refused without a reason");
  const text = query.kql ?? query.text ?? "";
  return {
    code: first.code,
    at: text.slice(first.span.start, first.span.end),
    hint: first.hint,
    place: first.at,
  };
}

function check(expected: RefusalCase, found: Awaited<ReturnType<typeof refusalOf>>): void {
  expect({ code: found.code, at: found.at }).toEqual({ code: expected.code, at: expected.at });
  if (expected.hint !== undefined) expect(found.hint).toMatch(expected.hint);
}

describe("the search bar refuses", () => {
  test.each(SEARCH_REFUSALS)("$text", async (each) => check(each, await refusalOf({ text: each.text })));
});

describe("KQL refuses", () => {
  test.each(KQL_REFUSALS)("$text", async (each) => check(each, await refusalOf({ kql: each.text })));
});

test("names line and column of what it refuses", async () => {
  const { place } = await refusalOf({ kql: "Events\n| take 5\n| where foo == 1" });
  expect(place).toEqual({ file: "query", line: 3, column: 9 });
});

test("refuses a range that is none, and what is too long", async () => {
  expect((await refusalOf({ text: "", from: "soon" })).code).toBe("bad-time");
  expect((await refusalOf({ text: "", from: "now", to: "-1h" })).code).toBe("empty-range");
  expect((await refusalOf({ text: "a".repeat(16_385) })).code).toBe("query-too-long");
  expect((await refusalOf({ text: "a", kql: "Events" })).code).toBe("ambiguous-query");
});

describe("no text from outside enters the SQL", () => {
  const MARKER = "zq7x";
  const hostile = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "'",
          '"',
          "`",
          "\\",
          "{p0:String}",
          "{",
          "}",
          "--",
          "/*",
          "*/",
          ";",
          "\n",
          "\0",
          "%",
          "$$",
          "#",
          "é",
          ")",
          " OR 1=1 ",
        ),
        fc.string({ maxLength: 6 }),
      ),
      { maxLength: 6 },
    )
    .map((parts) => `${parts.join(MARKER)}${MARKER}`);

  /** Our own vocabulary: what is left of the text when parameters are taken out is the same whatever was asked for. */
  function checkSql({ sql, params }: CompiledSearch["query"]): void {
    expect(sql).not.toContain(MARKER);
    const places = [...sql.matchAll(/\{([^}]*)\}/g)].map((match) => match[1]);
    const expected = Object.entries(params).map(([name, { type }]) => `${name}:${type}`);
    expect([...new Set(places)]).toEqual(expected);
    expect(sql).toMatch(/^[\x20-\x7e]+$/);
    expect(sql).not.toMatch(/;|--|\/\*|#|\$/);
  }

  const quoted = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;

  test("from the search bar", async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const value = quoted(text);
        const { query } = await compile({
          text: `${value} or user.name:${value} -event.type:${value} or a.b:${value}`,
        });
        checkSql(query);
        const bound = Object.values(query.params).map((each) => each.value);
        expect(bound).toContain(text.toLowerCase());
      }),
      { numRuns: 40 },
    );
  });

  test("from KQL: texts, names of columns, names of fields, steps into values", async () => {
    const literal = (text: string): string => JSON.stringify(text.replace(/[\0\n\ud800-\udfff]/g, ""));
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const value = literal(text);
        const kql = `Events | where raw has ${value} or user.name in (${value}) or a.b[${value}] =~ ${value} | extend [${value}] = 1 | project [${value}], x = strcat(raw, ${value})`;
        const compiled = await frontend.compileSearch({
          kql,
          limit: 5,
          now: NOW,
          tenant: DEFAULT_TENANT,
          access: undefined,
        });
        if (compiled.ok) checkSql(compiled.query);
      }),
      { numRuns: 25 },
    );
  });

  test("and whatever compiles, the engine runs", async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "failed",
        "source.ip:203.0.113.0/24",
        "port:>20",
        "-",
        "not ",
        "(",
        ")",
        " or ",
        " and ",
        '"a b"',
        "user.name:a*",
        "*",
        "a.b.c:1",
        "event.type:*x*",
        "timestamp:[-1d TO now]",
        "x?y*z",
      ),
      fc.string({ maxLength: 8 }),
    );
    let compiledTexts = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
        const request = {
          text: pieces.join(" "),
          limit: 5,
          now: NOW,
          tenant: DEFAULT_TENANT,
          access: undefined,
        };
        const compiled = await frontend.compileSearch(request);
        if (!compiled.ok) return;
        compiledTexts++;
        expect((await run(compiled.query)).length).toBeLessThanOrEqual(6);
      }),
      { numRuns: 40 },
    );
    expect(compiledTexts).toBeGreaterThan(10);
  });
});

test("every column can be named in KQL, and a text that is abused does no harm", async () => {
  for (const table of Object.values(TABLES)) {
    const names = [...table.columns.keys()];
    for (let at = 0; at < names.length; at += 40) {
      const each = names.slice(at, at + 40);
      const parsed = await parser.parse(
        `${table.name} | project a0 = 1, ${each.join(", ")} | where isnotempty(tostring(${each.join(")) or isnotempty(tostring(")}))`,
        NOW,
      );
      if (!parsed.ok) throw new Error(parsed.diagnostics[0]?.message);
      expect(parsed.value.columns.map(({ name }) => name)).toEqual(["a0", ...each]);
    }
  }
  const texts = [
    `Events | where ${"-".repeat(3_000)}1 == 1`,
    `Events | where ${"(".repeat(400)}true${")".repeat(400)}`,
    `Events | where ${Array.from({ length: 1_000 }, (_, index) => `port == ${index}`).join(" or ")}`,
    'Events | where raw == "\u0000\ud800"',
    "\u0000",
  ];
  for (const kql of texts)
    await frontend.compileSearch({ kql, limit: 5, now: NOW, tenant: DEFAULT_TENANT, access: undefined });
});

test("any text is either a query or refused", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      try {
        parseSearchText(text, NOW);
      } catch (error) {
        expect(error).toHaveProperty("name", "Refusal");
      }
    }),
  );
});
