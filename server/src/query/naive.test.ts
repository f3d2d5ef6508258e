import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_TENANT } from "@tyto/domain";
import { NOW } from "./cases/events.ts";
import { evaluate } from "./cases/naive-evaluator.ts";
import { startQueries, type QueryFixture } from "./cases/query-fixture.ts";

/** The engine's answer against that of a small evaluator which knows nothing of SQL: generated rows, generated queries. */

let queries: QueryFixture;
beforeAll(async () => {
  queries = await startQueries();
});
afterAll(() => queries.close());

const IS_LONG = process.env["TYTO_VERIFY"] === "1";
const RUNS = IS_LONG ? 600 : 30;

const word = fc.constantFrom("", "a", "A", "b", "ab", "a b", "b-a", "x");
const number = fc.oneof(fc.integer({ min: -3, max: 6 }).map(String), fc.constant("long(null)"));
const table = fc
  .array(fc.tuple(word, number, fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((rows) => {
    const cells = rows.map(([k, n, l]) => `"${k}", ${n}, dynamic([${l.join(",")}])`);
    return `(datatable(k:string, n:long, l:dynamic)[${cells.join(", ")}])`;
  });

const text = fc.constantFrom("k", "tolower(k)", "strcat(k, 'a')", "tostring(n)", "substring(k, 1)");
const value = fc.constantFrom(
  "n",
  "n + 1",
  "n * 2 - 1",
  "n / 2",
  "n % 3",
  "strlen(k)",
  "iff(n > 1, n, 0)",
  "coalesce(n, 9)",
  "array_length(l)",
);
const condition: fc.Arbitrary<string> = fc.oneof(
  fc
    .tuple(
      text,
      fc.constantFrom("==", "!=", "=~", "has", "contains", "startswith", "endswith", "!contains", "in~"),
      word,
    )
    .map(([a, op, b]) => (op === "in~" ? `${a} in~ ("${b}", "x")` : `${a} ${op} "${b}"`)),
  fc
    .tuple(value, fc.constantFrom("==", "!=", "<", "<=", ">", ">="), value)
    .map(([a, op, b]) => `${a} ${op} ${b}`),
  fc.tuple(value, fc.constantFrom("isnull", "isnotnull")).map(([a, f]) => `${f}(${a})`),
);
const test2 = fc.oneof(
  condition,
  fc.tuple(condition, fc.constantFrom("and", "or"), condition).map(([a, op, b]) => `(${a}) ${op} (${b})`),
  condition.map((a) => `not(${a})`),
);

/** Operators that keep the columns `k`, `n` and `l`, then at most one that changes them. */
const keeping = fc.oneof(
  test2.map((each) => `where ${each}`),
  value.map((each) => `extend n = ${each}`),
  text.map((each) => `extend k = ${each}`),
  fc.constantFrom("mv-expand n = l to typeof(long)", "extend l = dynamic([7])", "project-reorder n"),
  table.map((other) => `join kind=leftsemi ${other} on k`),
  table.map((other) => `join kind=leftanti ${other} on n`),
  table.map((other) => `where k in (${other} | project k)`),
  table.map((other) => `union ${other}`),
  fc
    .constantFrom(0, 2)
    .map((limit) => `sort by n asc, k asc | extend r = row_number() | where r > ${limit} | project-away r`),
);
const closing = fc.oneof(
  fc.constantFrom(
    "summarize c = count(), s = sum(n), lo = min(n), hi = max(n), d = dcount(k), f = countif(n > 1) by k",
    "summarize c = count(), a = avg(n)",
    "distinct k, n",
    "count",
    "project k, m = n + strlen(k)",
    "top 1 by n desc | project n",
    "sort by n asc, k asc | project k, n, p = prev(n), q = next(k)",
  ),
  fc
    .tuple(table, fc.constantFrom("inner", "leftouter", "rightouter", "fullouter"))
    .map(([other, kind]) => `join kind=${kind} ${other} on k | project k, n, k1, n1`),
);
const query = fc
  .tuple(table, fc.array(keeping, { maxLength: 3 }), closing)
  .map(([source, operators, end]) => [source, ...operators, end].join(" | "));

const sorted = (rows: readonly (readonly unknown[])[]): readonly string[] =>
  rows.map((row) => JSON.stringify(row)).sort();

test("answers as the naive evaluator does", { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(query, async (kql) => {
      const parsed = await queries.parser.parse(kql, NOW);
      if (!parsed.ok) throw new Error(`${parsed.diagnostics[0]?.message ?? ""} in ${kql}`);
      const { rows } = await queries.ask({ kql, from: "-1d" });
      expect({ kql, rows: sorted(rows) }).toEqual({ kql, rows: sorted(evaluate(parsed.value)) });
    }),
    { numRuns: RUNS },
  );
});

const SEEDS = [
  "Events | where source.ip == '203.0.113.77' | join kind=leftouter (Alerts | project id, title) on id | take 5",
  "let T = Events | where raw has 'x'; union T, (T | mv-expand event.type) | summarize arg_max(timestamp, *) by id",
  "Events | parse raw with * 'from ' ip ' port ' p:long * | make-series n = count() on timestamp step 1h by ip",
  'print x = dynamic({"a":[1,2]}) | mv-apply e = x.a on (summarize s = sum(toint(e)))',
  "Events | sort by timestamp asc | extend p = prev(id), t = format_datetime(timestamp, 'yyyy') | where t matches regex @'\\d+'",
];
const pieces = [
  "|",
  "(",
  ")",
  "'",
  '"',
  ";",
  ",",
  "let ",
  "where ",
  "join ",
  " on ",
  "{",
  "}",
  "[",
  "]",
  "--",
  "/*",
  "`",
  "\\",
  "$left.",
  "dynamic(",
  "not(",
  "\u0000",
  "é",
  "*",
  "=",
  "..",
  "-1",
];

/** Cut, doubled, swapped, with pieces put in anywhere. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SEEDS),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom("cut", "put", "double"), fc.constantFrom(...pieces)), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([seed, changes]) =>
    changes.reduce((current, [where, change, piece]) => {
      const at = where % (current.length + 1);
      if (change === "cut") return current.slice(0, at) + current.slice(at + 1 + (where % 7));
      if (change === "put") return current.slice(0, at) + piece + current.slice(at);
      return current.slice(0, at) + current.slice(Math.max(0, at - (where % 12)));
    }, seed),
  );

test(
  "any text is rows or diagnostics, and nothing of it stands in the SQL",
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async (kql) => {
        const compiled = await queries.frontend.compileSearch({
          kql,
          limit: 5,
          now: NOW,
          tenant: DEFAULT_TENANT,
          access: undefined,
          from: "-1d",
        });
        if (!compiled.ok) {
          expect(compiled.diagnostics.length).toBeGreaterThan(0);
          for (const { span } of compiled.diagnostics) expect(span.end).toBeLessThanOrEqual(kql.length);
          return;
        }
        expect(compiled.query.sql).toMatch(/^[\x20-\x7e]+$/);
        expect(compiled.query.sql).not.toMatch(/;|--|\/\*|#|\$/);
        expect((await queries.run(compiled.query)).length).toBeLessThanOrEqual(6);
      }),
      { numRuns: RUNS * 2 },
    );
  },
);

test("texts that are built to hurt get an answer", { timeout: 120_000 }, async () => {
  const deep = (open: string, close: string, times: number): string =>
    open.repeat(times) + close.repeat(times);
  const texts = [
    `print ${deep("(", ")", 8_000)}`,
    `print ${"not(".repeat(3_900)}true${")".repeat(100)}`,
    `Events${" | where true".repeat(1_200)}`,
    `print ${"[".repeat(16_000)}`,
    `print dynamic(${"[".repeat(8_000)}${"]".repeat(8_000)})`,
    `let a = strcat('x', 'y'); ${Array.from({ length: 300 }, (_, index) => `let a${index} = strcat(a${index === 0 ? "" : index - 1}, a${index === 0 ? "" : index - 1});`).join(" ")} print a299`,
    `let f0 = (x:long) { x + x }; ${Array.from({ length: 200 }, (_, index) => `let f${index + 1} = (x:long) { f${index}(x) + f${index}(x) };`).join(" ")} print f200(1)`,
    `Events | where raw matches regex '(x+x+)+y' | where raw matches regex '${"(a|b)*".repeat(100)}' | count`,
    `${"union (".repeat(2_000)}Events${")".repeat(2_000)}`,
  ];
  // Each may cost the worker's three seconds and its start: every third here, all of them in the long run.
  const asked = IS_LONG ? texts : texts.filter((_, index) => index % 3 === 0);
  for (const kql of asked) {
    const compiled = await queries.frontend.compileSearch({
      kql,
      limit: 5,
      now: NOW,
      tenant: DEFAULT_TENANT,
      access: undefined,
    });
    if (compiled.ok) expect((await queries.run(compiled.query)).length).toBeLessThanOrEqual(6);
    else expect(compiled.diagnostics[0]?.message).toBeTruthy();
  }
});
