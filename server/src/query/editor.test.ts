import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_TENANT } from "@tyto/domain";
import { NOW } from "./cases/events.ts";
import { queryFrontendOver, type QueryFrontend } from "./frontend.ts";
import { WorkerKqlParser } from "./kql/worker-parser.ts";
import { buildKqlWorker } from "./kql/worker-fixture.ts";

let frontend: QueryFrontend;
beforeAll(async () => {
  frontend = queryFrontendOver(
    new WorkerKqlParser({ workerPath: await buildKqlWorker(), queryTimeoutMs: 25_000, idleMs: 600_000 }),
  );
});
afterAll(() => frontend.close());

/** `|` of the text that begins with `^` is where the person is: `Events ^| whe`. */
async function completed(marked: string) {
  const at = marked.indexOf("^");
  const text = marked.replace("^", "");
  const { completions, span } = await frontend.ask({ kind: "complete", text, at });
  return {
    labels: completions.map(({ label }) => label),
    completions,
    replaced: text.slice(span.start, span.end),
  };
}

test("completes columns under the names that people write, a dotted one as one word", async () => {
  const empty = await completed("Events | where ^");
  expect(empty.labels).toEqual(expect.arrayContaining(["source.ip", "user.name", "timestamp"]));
  const part = await completed("Events | where source.i^");
  expect(part.labels[0]).toBe("source.ip");
  expect(part.replaced).toBe("source.i");
  expect((await completed("Events | where usern^")).labels).not.toContain("source.ip");
  expect((await completed("Events | summarize n = count() by user.name | where ^")).labels).toEqual(
    expect.arrayContaining(["n", "user.name"]),
  );
});

test("completes operators, functions and tables, and only those that there are", async () => {
  const operators = await completed("Events | ^");
  expect(operators.labels).toEqual(expect.arrayContaining(["where", "join", "mv-expand", "make-series"]));
  expect(operators.labels).not.toContain("fork");
  const functions = await completed("Events | extend x = ipv4_is_^");
  expect(functions.labels).toContain("ipv4_is_private");
  expect(functions.completions.find(({ label }) => label === "ipv4_is_private")).toMatchObject({
    kind: "function",
    insert: "ipv4_is_private(",
  });
  expect((await completed("Events | summarize arg_^")).labels).toEqual(
    expect.arrayContaining(["arg_max", "arg_min"]),
  );
  expect((await completed("let mine = 5; Events | take m^")).labels).toContain("mine");
  expect((await completed("^")).labels).toEqual(expect.arrayContaining(["Events", "Findings", "Alerts"]));
});

test("says what stands at a place", async () => {
  const hover = async (marked: string) => {
    const at = marked.indexOf("^");
    return (await frontend.ask({ kind: "hover", text: marked.replace("^", ""), at })).text;
  };
  expect(await hover("Events | where source^.ip == ''")).toBe("source.ip: string: ECS source.ip (ip)");
  expect(await hover("Events | where strl^en(raw) > 5")).toBe("strlen(text)\nCharacters in a text.");
  expect(await hover("Events | mv-exp^and event.type")).toBe(
    "mv-expand list to typeof(type)\nA row for each element of a list.",
  );
  expect(await hover("let n = 5; Events | take n^")).toContain("long");
  expect(await hover("Events | where ^ true")).toBeTypeOf("string");
});

test("lays a text out and changes nothing but blanks", async () => {
  const text = "let n=5;Events|where source.ip=='x'   and  port>n|summarize count()by user.name";
  const { text: formatted } = await frontend.ask({ kind: "format", text });
  expect(formatted).toContain("\n| where");
  expect(formatted.replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
  const broken = "Events | where (";
  expect((await frontend.ask({ kind: "format", text: broken })).text.replace(/\s/g, "")).toBe(
    broken.replace(/\s/g, ""),
  );
});

test("finds all that is wrong, also what only the compiler refuses", async () => {
  const check = async (kql: string) =>
    (await frontend.check({ kql, now: NOW, tenant: DEFAULT_TENANT, access: undefined })).map(
      ({ code, span }) => [code, kql.slice(span.start, span.end)],
    );
  expect(await check("Events | where source.ip == 'x' | count")).toEqual([]);
  expect(await check("Events | where foo == 1 and bar == 2")).toEqual([
    ["unknown-name", "foo"],
    ["unknown-name", "bar"],
  ]);
  expect(await check("Events | where source.port == 'abc'")).toEqual([
    ["type-mismatch", "source.port == 'abc'"],
  ]);
});
