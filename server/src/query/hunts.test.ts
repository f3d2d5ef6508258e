import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_TENANT } from "@tyto/domain";
import { AGGREGATE_CASES } from "./cases/aggregate-cases.ts";
import { NOW } from "./cases/events.ts";
import { FUNCTION_CASES } from "./cases/function-cases.ts";
import { HUNT_CASES } from "./cases/hunt-cases.ts";
import { OPERATOR_CASES } from "./cases/operator-cases.ts";
import { startQueries, type QueryFixture } from "./cases/query-fixture.ts";
import { functionNames } from "./kql/function-table.ts";
import { OPERATORS } from "./kql/operator-table.ts";

/**
 * More than two hundred queries, each with its SQL and its rows on a real engine, in one golden file for each group: a change in
 * what any operator or function does shows in the diff. `npx vitest run server/src/query -u` rewrites them.
 */

let queries: QueryFixture;
beforeAll(async () => {
  queries = await startQueries();
});
afterAll(() => queries.close());

const GROUPS: readonly (readonly [name: string, cases: readonly string[]])[] = [
  ...Object.entries(FUNCTION_CASES).map(([group, cases]) => [`functions-${group}`, cases] as const),
  ["aggregates", AGGREGATE_CASES],
  ...Object.entries(OPERATOR_CASES).map(([group, cases]) => [`operators-${group}`, cases] as const),
  ["hunts", HUNT_CASES.map(([, kql]) => kql)],
];
const ALL = GROUPS.flatMap(([, cases]) => cases);

describe("every case of", () => {
  test.each(GROUPS)("%s", { timeout: 120_000 }, async (group, cases) => {
    const parts = await Promise.all(cases.map(golden));
    await expect(parts.join("\n")).toMatchFileSnapshot(`cases/golden/${group}.golden`);
  });
});

async function golden(kql: string): Promise<string> {
  const { compiled, rows } = await queries.ask({ kql, from: "-1d" });
  const lines = rows.map((row) => JSON.stringify(row));
  // Without an order of its own, a result has none.
  if (!/\b(?:sort|order|top|serialize|range)\b/.test(kql)) lines.sort();
  const columns = compiled.columns.map(({ name, type }) => `${name}:${type}`).join(" ");
  const sql = compiled.query.sql.replace(/ (FROM|WHERE|GROUP BY|ORDER BY|LIMIT) /g, "\n$1 ");
  return `# ${kql}\n${sql}\n--\n${columns}\n${lines.join("\n")}\n`;
}

test("there are at least two hundred cases, none twice", () => {
  expect(ALL.length).toBeGreaterThanOrEqual(200);
  expect(new Set(ALL).size).toBe(ALL.length);
});

test("every function and operator of the language has a case", () => {
  const words = new Set(ALL.flatMap((kql) => kql.match(/[a-z][\w-]*/g) ?? []));
  expect(functionNames().filter((name) => !words.has(name))).toEqual([]);
  const text = ALL.join("\n");
  expect(OPERATORS.map(({ name }) => name).filter((name) => !text.includes(name))).toEqual([]);
});

const BOUND =
  /\b(?:events|findings|alerts)\)? WHERE tenant = \{p\d+:String\} AND `timestamp` >= \{p\d+:DateTime64\(6, 'UTC'\)\} AND `timestamp` < \{p\d+:DateTime64\(6, 'UTC'\)\} AND (?:NOT \(`process_name` = |true)/g;

test(
  "every scan of every case carries tenant, time and what the person may see",
  { timeout: 120_000 },
  async () => {
    const restriction = queries.restriction;
    for (const kql of ALL) {
      const compiled = await queries.compile({
        kql,
        from: "-1d",
        access: { restrictions: restriction, masked: new Set(["user.name"]) },
      });
      const { sql, params } = compiled.query;
      const scans = sql.match(/\b(?:events|findings|alerts)\b(?=\)? WHERE)/g)?.length ?? 0;
      const bound = sql.match(BOUND)?.length ?? 0;
      expect({ kql, bound }).toEqual({ kql, bound: scans });
      expect(sql.match(/\bFROM (?:events|findings|alerts)\b/g)?.length ?? 0).toBe(scans);
      expect(Object.values(params).some(({ value }) => value === DEFAULT_TENANT)).toBe(scans > 0);
      expect(sql).not.toContain("user_name");
    }
  },
);

test("a restricted person finds nothing of what is restricted, whatever is asked", async () => {
  const access = { restrictions: queries.restriction, masked: new Set<string>() };
  const secret = await queries.ask({
    kql: "Events | where process.name == 'sshd' | count",
    from: "-1d",
    access,
  });
  expect(secret.rows).toEqual([[0]]);
  const joined = await queries.ask({
    kql: "Events | where port == 443 | join kind=fullouter (Events | where process.name == 'sshd') on source.ip | union (Events) | summarize countif(process.name == 'sshd'), countif(raw has 'sshd')",
    from: "-1d",
    access,
  });
  expect(joined.rows).toEqual([[0, 0]]);
  const inner = await queries.ask({
    kql: "print toscalar(Events | where process.name == 'sshd' | count), 'x' in ((Events | where process.name == 'sshd' | project user.name))",
    from: "-1d",
    access,
  });
  expect(inner.rows).toEqual([[0, false]]);
});

test("a masked column is missing, and its values cannot be probed", async () => {
  const access = { restrictions: new Map(), masked: new Set(["user.name", "raw", "winlog", "source"]) };
  const rows = async (kql: string) => (await queries.ask({ kql, from: "-1d", access })).rows;
  expect(await rows("Events | where user.name == 'root' | count")).toEqual([[0]]);
  expect(
    await rows("Events | where isnotempty(user.name) or isnotempty(raw) or isnotempty(source.ip) | count"),
  ).toEqual([[0]]);
  expect(
    await rows(
      "Events | where isnotempty(winlog.event_data.TargetUserName) or winlog.event_data has 'erin' | count",
    ),
  ).toEqual([[0]]);
  expect(
    await rows(
      "Events | where id startswith '0' and isnotempty(process.name) | summarize count(), make_set(user.name)",
    ),
  ).toEqual([[4, [""]]]);
});

test("a query may compare ranges of its own, each scan with its own", async () => {
  const compiled = await queries.compile({
    kql: "Events | where timestamp > ago(1h) | join kind=leftanti (Events | where timestamp between (ago(14d) .. ago(1h))) on source.ip",
  });
  expect(compiled.to - compiled.from).toBe(14 * 86_400_000_000 + 1);
  const times = Object.values(compiled.query.params).filter(({ type }) => type.startsWith("DateTime64"));
  expect(new Set(times.map(({ value }) => value)).size).toBeGreaterThanOrEqual(4);
  expect(NOW).toBe(compiled.to - 1);
});
