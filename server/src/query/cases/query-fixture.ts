import { DEFAULT_TENANT } from "@tyto/domain";
import { temporaryEngine } from "../../storage/engine/engine-fixture.ts";
import {
  queryFrontendOver,
  type CompiledSearch,
  type QueryFrontend,
  type SearchRequest,
} from "../frontend.ts";
import { call, column, literal, not, type Expression, type TableName } from "../ir.ts";
import type { KqlParser } from "../kql/kql-parser.ts";
import { WorkerKqlParser } from "../kql/worker-parser.ts";
import { buildKqlWorker } from "../kql/worker-fixture.ts";
import { EVENTS, NOW } from "./events.ts";

export type Question = Partial<SearchRequest>;

/** A real engine with the sample events, and a real worker. They take seconds to start: tests of one file share one. */
export interface QueryFixture {
  readonly frontend: QueryFrontend;
  readonly parser: WorkerKqlParser;
  readonly compile: (question: Question) => Promise<CompiledSearch>;
  readonly ask: (
    question: Question,
  ) => Promise<{ readonly compiled: CompiledSearch } & ReturnType<CompiledSearch["shape"]>>;
  readonly run: (query: CompiledSearch["query"]) => Promise<readonly (readonly unknown[])[]>;
  /** Hides sshd's events. */
  readonly restriction: ReadonlyMap<TableName, Expression>;
  readonly close: () => Promise<void>;
}

export async function startQueries(): Promise<QueryFixture> {
  const parser = new WorkerKqlParser({
    workerPath: await buildKqlWorker(),
    queryTimeoutMs: 25_000,
    idleMs: 600_000,
  });
  const frontend = queryFrontendOver(remembering(parser));
  const fixture = await temporaryEngine();
  const rejected = await fixture.engine.events.insert(EVENTS);
  if (rejected.length > 0) throw new Error("the sample events were not stored");
  let queries = 0;
  const compile = async (question: Question): Promise<CompiledSearch> => {
    const compiled = await frontend.compileSearch({
      limit: 100,
      now: NOW,
      tenant: DEFAULT_TENANT,
      access: undefined,
      ...question,
    });
    if (compiled.ok) return compiled;
    const reasons = compiled.diagnostics.map((each) => `${each.code}: ${each.message}`).join("; ");
    throw new Error(`${reasons} in ${question.kql ?? question.text ?? ""}`);
  };
  const run: QueryFixture["run"] = async (query) => {
    const limits = { timeoutMs: 20_000, maxRows: 1_000, maxMemoryBytes: 500_000_000 };
    return (await fixture.engine.queries.run(query, { limits, queryId: `query-${queries++}` })).rows;
  };
  const isSshd = call("==", "bool", [column("process.name", "string"), literal("string", "sshd")]);
  return {
    frontend,
    parser,
    compile,
    run,
    ask: async (question) => {
      const compiled = await compile(question);
      return { compiled, ...compiled.shape(await run(compiled.query)) };
    },
    restriction: new Map<TableName, Expression>([
      ["Events", not(isSshd)],
      ["Alerts", literal("bool", true)],
      ["Findings", literal("bool", true)],
    ]),
    close: async () => {
      await frontend.close();
      await fixture.remove();
    },
  };
}

/** What a text means at one time is always the same, and Kusto's parser is the slow part of a test. */
function remembering(parser: KqlParser): KqlParser {
  const known = new Map<string, ReturnType<KqlParser["parse"]>>();
  return {
    parse: (text, now, parameters = []) => {
      const key = `${now} ${JSON.stringify(parameters)} ${text}`;
      const parsed = known.get(key) ?? parser.parse(text, now, parameters);
      known.set(key, parsed);
      return parsed;
    },
    ask: (question) => parser.ask(question),
    close: () => parser.close(),
  };
}
