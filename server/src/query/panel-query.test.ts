/** What a dashboard's variables and filters can and cannot do to a query, on the real parser and the real engine. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_TENANT } from "@tyto/domain";
import { NOW } from "./cases/events.ts";
import { startQueries, type QueryFixture } from "./cases/query-fixture.ts";
import type { ColumnFilter } from "./column-filters.ts";
import { drillTexts } from "./drill-query.ts";
import { compilePanel } from "./panel-query.ts";
import type { QueryParameter } from "./query-parameters.ts";

let queries: QueryFixture;
beforeAll(async () => {
  queries = await startQueries();
}, 60_000);
afterAll(() => queries.close());

const HOSTILE = [
  '"',
  "'",
  '" or true //',
  "x' | union Events //",
  "); drop table events; --",
  "\\",
  '\\" | take 1',
  "`Events`",
  "{p:String}",
  "?",
  "%",
  "\u202e\u0000\n| where true",
  "_user",
  '"]); Events | take 5 //',
  "ünïcode ☃ 𝒳",
  "a".repeat(500),
];

interface Asked {
  readonly kql: string;
  readonly parameters?: readonly QueryParameter[];
  readonly filters?: readonly ColumnFilter[];
}

async function ask({ kql, parameters = [], filters = [] }: Asked) {
  const question = {
    kql,
    parameters,
    filters,
    now: NOW,
    tenant: DEFAULT_TENANT,
    access: undefined,
    from: "-30d",
    to: "now",
  };
  const compiled = await queries.frontend.compileWith(question, (asked) => compilePanel(asked, 100));
  if (!compiled.ok) throw new Error(compiled.diagnostics.map(({ message }) => message).join("; "));
  const { value } = compiled;
  return { ...value, ...value.shape(await queries.run(value.query)) };
}

const text = (value: string): QueryParameter => ({ name: "_user", value });

describe("a variable", () => {
  it.each(HOSTILE)("is the same text to the engine, whatever stands in it: %j", async (value) => {
    const { rows, query } = await ask({ kql: "print said = _user, n = 1", parameters: [text(value)] });
    expect(rows).toEqual([[value, 1]]);
    if (value.length > 8) expect(query.sql).not.toContain(value);
  });

  it.each(HOSTILE)("in a list stays one element: %j", async (value) => {
    const list: QueryParameter = { name: "_users", value: [value, "other"] };
    const { rows } = await ask({
      kql: "print n = array_length(_users), one = tostring(_users[0])",
      parameters: [list],
    });
    expect(rows).toEqual([[2, value]]);
  });

  it.each(HOSTILE)("finds nothing that it does not name: %j", async (value) => {
    const { rows } = await ask({
      kql: "Events | where user.name == _user | count",
      parameters: [text(value)],
    });
    expect(rows).toEqual([[0]]);
  });

  it("that is empty can mean everything", async () => {
    const kql = "Events | where isempty(_user) or user.name == _user | count";
    const all = await ask({ kql: "Events | count" });
    expect((await ask({ kql, parameters: [text("")] })).rows).toEqual(all.rows);
    expect((await ask({ kql, parameters: [text("nobody")] })).rows).toEqual([[0]]);
  });

  it("with several values goes into `in`, and none of them can mean everything", async () => {
    const kql = "Events | where array_length(_users) == 0 or user.name in (_users) | count";
    const [[all]] = (await ask({ kql: "Events | count" })).rows as [[number]];
    const users = await ask({
      kql: "Events | where isnotempty(user.name) | summarize n = count() by user.name",
    });
    const [[name, count]] = users.rows as [[string, number]];
    const given = (value: readonly string[]) => ask({ kql, parameters: [{ name: "_users", value }] });
    expect((await given([])).rows).toEqual([[all]]);
    expect((await given([name])).rows).toEqual([[count]]);
    expect((await given([name, "nobody"])).rows).toEqual([[count]]);
  });

  it("leaves the places of diagnostics where the person wrote", async () => {
    const kql = "Events\n| where nope == _user";
    const question = { kql, parameters: [text("x")], now: NOW, tenant: DEFAULT_TENANT, access: undefined };
    const [found] = await queries.frontend.check(question);
    expect(found?.at).toEqual({ file: "query", line: 2, column: 9 });
    expect(kql.slice(found?.span.start, found?.span.end)).toBe("nope");
  });

  it("that nobody gave is an unknown name", async () => {
    const [found] = await queries.frontend.check({
      kql: "Events | where user.name == _user",
      now: NOW,
      tenant: DEFAULT_TENANT,
      access: undefined,
    });
    expect(found?.code).toBe("unknown-name");
  });
});

const only = (field: string, ...values: readonly string[]): ColumnFilter => ({ field, values, isNot: false });

describe("a filter", () => {
  it("stands on every table that has its field, wherever in the query", async () => {
    const { rows } = await ask({
      kql: "Events | summarize a = count() by k = 1 | join kind=inner (Events | summarize b = count() by k = 1) on k | project a, b",
      filters: [only("process.name", "sshd")],
    });
    const [[sshd]] = (await ask({ kql: 'Events | where process.name == "sshd" | count' })).rows as [[number]];
    expect(sshd).toBeGreaterThan(0);
    expect(rows).toEqual([[sshd, sshd]]);
  });

  it.each([
    ["a text", "process.name", "sshd", 'process.name == "sshd"'],
    ["an address", "source.ip", "203.0.113.9", 'source.ip == "203.0.113.9"'],
    ["a number", "destination.port", "443", "destination.port == 443"],
    ["an element of a list", "event.category", "authentication", 'event.category == "authentication"'],
    ["nothing", "user.name", "", "isempty(user.name)"],
  ])("by %s is what KQL says", async (_name, field, value, condition) => {
    const kql = "Events | count";
    const expected = (await ask({ kql: `Events | where ${condition} | count` })).rows;
    expect((await ask({ kql, filters: [only(field, value)] })).rows).toEqual(expected);
    const [[all], [some]] = [...(await ask({ kql })).rows, ...expected] as [[number], [number]];
    const others = await ask({ kql, filters: [{ ...only(field, value), isNot: true }] });
    expect(others.rows).toEqual([[all - some]]);
  });

  it.each(HOSTILE)("with a hostile value finds nothing: %j", async (value) => {
    const fields = ["user.name", "event.category", "source.ip", "some.vendor.field"];
    for (const field of fields)
      expect((await ask({ kql: "Events | count", filters: [only(field, value)] })).rows).toEqual([[0]]);
  });

  it("about a field that the table lacks says nothing", async () => {
    const all = await ask({ kql: "Alerts | count" });
    expect((await ask({ kql: "Alerts | count", filters: [only("user.name", "x")] })).rows).toEqual(all.rows);
  });
});

describe("a result column", () => {
  it("names the field that it holds, and none where the query computed it", async () => {
    const { columns } = await ask({
      kql: "Events | extend who = user.name, low = tolower(host.name) | summarize n = count() by who, low, tostring(event.category)",
    });
    expect(columns.map(({ name, field }) => [name, field])).toEqual([
      ["who", "user.name"],
      ["low", null],
      ["event.category", "event.category"],
      ["n", null],
    ]);
  });
});

describe("drilling down", () => {
  const filters = [
    only("user.name", 'a" or true //'),
    { ...only("process.name", "sshd", "cron"), isNot: true },
  ];

  it("keeps what chooses rows, and writes values and filters into the text", () => {
    const { narrow, wide } = drillTexts(
      {
        kql: 'let bad = "failure"; // why\nEvents\n| where event.outcome == bad // here\n| where user.name == _user\n| summarize count() by user.name | top 5 by count_',
        parameters: [text('x"y'), { name: "_unused", value: [] }],
        filters,
      },
      "Events",
    );
    expect(narrow[0]).toBe(
      'let _user = "x\\"y";\nlet bad = "failure";\nEvents\n| where user.name == "a\\" or true //"\n| where not(process.name == "sshd" or process.name == "cron")\n| where event.outcome == bad\n| where user.name == _user',
    );
    expect(wide.split("\n")).toHaveLength(3);
  });

  it.each(HOSTILE)("writes texts that are read as the same values: %j", async (value) => {
    const { narrow } = drillTexts(
      {
        kql: "Events | where user.name == _user or user.name in (_users) | count",
        parameters: [text(value), { name: "_users", value: [value] }],
        filters: [only("host.name", value)],
      },
      "Events",
    );
    const kql = narrow[0] ?? "";
    expect(
      await queries.frontend.check({ kql, now: NOW, tenant: DEFAULT_TENANT, access: undefined }),
    ).toEqual([]);
    expect((await ask({ kql: `${kql} | count` })).rows).toEqual([[0]]);
  });
});
