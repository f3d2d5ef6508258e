import { Readable } from "node:stream";
import {
  DEFAULT_TENANT,
  formatMicros,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  micros,
  TailBatchSchema,
  TailQuerySchema,
} from "@tyto/domain";
import type { Micros, TailBatch } from "@tyto/domain";
import type { FastifyReply, FastifyRequest } from "fastify";
import {
  compileTail,
  compileTailCount,
  parseInstant,
  refuseOtherThanEvents,
  resultRow,
} from "../../query/index.ts";
import { accessOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { Search } from "../running-searches.ts";
import type { SearchDesk } from "../search-desk.ts";
import { badField } from "../errors.ts";
import { refusal, searched } from "./search-routes.ts";

const LIMITS = { timeoutMs: 10_000, maxMemoryBytes: 256 * 1024 * 1024 } as const;
const POLL_MS = 1_000;
/** What a person can follow with their eyes is less. */
const ROWS_PER_POLL = 200;
/** Events whose own time is older are not shown: it bounds what every poll reads. */
const EVENTS_OF = 15 * MICROS_PER_MINUTE;
/** What came in earlier may become visible later: so far back a poll looks, and leaves out what it has shown. */
const OVERLAP = 10 * MICROS_PER_SECOND;
const HEARTBEAT_MS = 15_000;
/** Then the browser connects again, and whether it may is asked anew. */
const LASTS_MS = 10 * 60_000;
const MAX_COLUMNS = 30;

interface Follow {
  readonly kql?: string | undefined;
  readonly text?: string | undefined;
  readonly fields: readonly string[];
}

/** Events as they come in, as server-sent events: every poll is a search with the same bounds as any other. */
export function addTailRoute(app: HttpServer, dependencies: ApiDependencies, desk: SearchDesk): void {
  const closing = new AbortController();
  app.addHook("preClose", (done) => {
    closing.abort();
    done();
  });
  app.get(
    "/api/v1/search/tail",
    {
      config: { access: "events.search", refuses: [408, 409, 429] },
      schema: {
        summary: "Matching events as they come in: server-sent events `batch`, at most 200 rows a second",
        tags: ["search"],
        querystring: TailQuerySchema,
        response: { 200: TailBatchSchema },
      },
    },
    async (request, reply) => {
      const follow = followOf(request.query);
      const asked = await dependencies.query.compileWith(
        {
          ...follow,
          now: dependencies.now(),
          tenant: DEFAULT_TENANT,
          access: accessOf(callerOf(request)),
        },
        (one) => {
          refuseOtherThanEvents(one);
          return compileTail(one, { after: 0, fields: follow.fields, limit: 1 });
        },
      );
      if (!asked.ok) throw refusal(asked);
      await desk.audit(request, "tailed", searched(asked));
      const open: Open = { request, reply, follow, closing: closing.signal };
      const stream = Readable.from(messages({ dependencies, desk }, open), { objectMode: false });
      void reply.header("cache-control", "no-store").header("x-accel-buffering", "no");
      return reply.type("text/event-stream; charset=utf-8").send(stream as never);
    },
  );
}

function followOf(query: {
  readonly kql?: string;
  readonly text?: string;
  readonly columns?: string;
}): Follow {
  const { kql, text, columns = "timestamp,message,raw" } = query;
  if (kql !== undefined && text !== undefined)
    throw badField("query.text", "Give either kql or text, not both");
  const fields = [...new Set(columns.split(",").filter((name) => name !== ""))];
  if (fields.length > MAX_COLUMNS) throw badField("query.columns", `At most ${MAX_COLUMNS} columns`);
  return { kql, text, fields };
}

interface Tools {
  readonly dependencies: ApiDependencies;
  readonly desk: SearchDesk;
}

interface Open {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly follow: Follow;
  readonly closing: AbortSignal;
}

async function* messages(tools: Tools, { request, reply, follow, closing }: Open): AsyncGenerator<string> {
  const gone = new AbortController();
  const end = (): void => gone.abort();
  reply.raw.once("close", end);
  closing.addEventListener("abort", end, { once: true });
  const until = performance.now() + LASTS_MS;
  const seen = new Seen();
  let after = micros(tools.dependencies.now() - MICROS_PER_SECOND);
  let saidMs = performance.now();
  try {
    yield ": connected\n\nretry: 2000\n\n";
    while (!gone.signal.aborted && performance.now() < until) {
      const began = performance.now();
      const next = tools.dependencies.now();
      const batch = await poll(tools, { request, reply, follow, after, seen });
      after = micros(Math.max(after, next - OVERLAP));
      if (batch !== undefined) yield `event: batch\ndata: ${JSON.stringify(batch)}\n\n`;
      else if (performance.now() - saidMs > HEARTBEAT_MS) yield ": still here\n\n";
      if (batch !== undefined || performance.now() - saidMs > HEARTBEAT_MS) saidMs = performance.now();
      await pause(POLL_MS - (performance.now() - began), gone.signal);
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : "The tail ended";
    yield `event: problem\ndata: ${JSON.stringify({ message })}\n\n`;
  } finally {
    closing.removeEventListener("abort", end);
  }
}

/** Ids that were shown, forgotten when no poll can bring them again. */
class Seen {
  readonly #ids = new Map<string, Micros>();

  /** Whether it is new. */
  add(id: string, ingested: Micros): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.set(id, ingested);
    return true;
  }

  forget(before: Micros): void {
    for (const [id, ingested] of this.#ids) if (ingested < before) this.#ids.delete(id);
  }

  get size(): number {
    return this.#ids.size;
  }
}

interface Poll extends Pick<Open, "request" | "reply" | "follow"> {
  readonly after: Micros;
  readonly seen: Seen;
}

async function poll(
  { dependencies, desk }: Tools,
  { request, reply, follow, after, seen }: Poll,
): Promise<TailBatch | undefined> {
  const { query, now } = dependencies;
  seen.forget(micros(after - OVERLAP));
  // One more page than was shown: what is seen again must not hide what is new.
  const limit = ROWS_PER_POLL + seen.size + 1;
  const question = {
    kql: follow.kql,
    text: follow.text,
    now: now(),
    tenant: DEFAULT_TENANT,
    access: accessOf(callerOf(request)),
  };
  const range = {
    from: formatMicros(micros(now() - EVENTS_OF)),
    to: formatMicros(micros(now() + EVENTS_OF)),
  };
  const compiled = await query.compileWith({ ...question, ...range }, (asked) => ({
    rows: compileTail(asked, { after, fields: follow.fields, limit }),
    count: compileTailCount(asked, after).query,
  }));
  if (!compiled.ok) return undefined;
  const { columns, query: sql } = compiled.value.rows;
  const answer = (work: (search: Search) => Promise<readonly (readonly unknown[])[]>) =>
    desk.answer(request, reply, undefined, work);
  const rows = await answer(
    async (search) => (await desk.run(sql, { ...LIMITS, maxRows: limit }, search)).rows,
  );
  const fresh = rows
    .map((row) => resultRow(columns, row))
    .filter(([id, ingested]) => seen.add(String(id), parseInstant(String(ingested), now()) ?? after));
  if (fresh.length === 0) return undefined;
  const shown = fresh.slice(0, ROWS_PER_POLL);
  let skipped = fresh.length - shown.length;
  if (rows.length === limit) {
    const [[all = 0] = []] = await answer(
      async (search) => (await desk.run(compiled.value.count, { ...LIMITS, maxRows: 1 }, search)).rows,
    );
    skipped += Math.max(0, Number(all) - rows.length);
  }
  return {
    columns: columns.map(({ name, type }) => ({ name, type })),
    rows: shown.map((row) => [...row]),
    skipped,
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, Math.max(0, ms));
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
