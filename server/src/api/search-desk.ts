import { TytoError } from "@tyto/domain";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { AccessAction, QueryLimits, QueryOutcome, QueryProgress } from "../storage/index.ts";
import type { ReasonCounter } from "../telemetry/index.ts";
import { actorOf, ownerOf } from "./access/caller.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { callerOf } from "./http-server.ts";
import { RunningSearches } from "./running-searches.ts";
import type { Search } from "./running-searches.ts";

const OUTCOMES = ["answered", "refused", "timeout", "too-expensive", "cancelled", "failed"] as const;
type Outcome = (typeof OUTCOMES)[number];

/** Hands questions to the engine and keeps an eye on them: who asked, whether they still wait, how it ended. */
export class SearchDesk {
  readonly #dependencies: ApiDependencies;
  readonly #searches = new RunningSearches();
  readonly #ended: ReasonCounter<Outcome>;

  constructor(dependencies: ApiDependencies) {
    this.#dependencies = dependencies;
    this.#ended = dependencies.telemetry.counters.defineByReason("api_searches_end_total", OUTCOMES);
  }

  /** @param id the caller's own name for the search; one is made up when there is none. */
  async answer<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    id: string | undefined,
    work: (search: Search) => Promise<T>,
  ): Promise<T> {
    const owner = ownerOf(callerOf(request));
    const own = id ?? `unnamed ${Buffer.from(this.#dependencies.random(12)).toString("hex")}`;
    try {
      const answer = await this.#searches.run({ owner, id: own, gone: whenGone(reply) }, work);
      this.#ended.add("answered");
      return answer;
    } catch (error) {
      this.#ended.add(outcomeOf(error));
      throw error;
    }
  }

  run(query: Parameters<QueryRun>[0], limits: QueryLimits, search: Search): Promise<QueryOutcome> {
    return this.#dependencies.engine.queries.run(query, { limits, ...search });
  }

  /** How far a search of the caller's is. */
  async progress(request: FastifyRequest<{ Params: { id: string } }>): Promise<QueryProgress | undefined> {
    const queryId = this.#searches.queryIdOf(ownerOf(callerOf(request)), request.params.id);
    if (queryId === undefined) return undefined;
    const known = await this.#dependencies.engine.queries.progress(queryId);
    return known ?? { rowsRead: 0, bytesRead: 0, rowsTotal: 0, elapsedMs: 0 };
  }

  /** Writes down who is going to look at what. Before the engine is asked: what was not written down is not answered. */
  audit(
    request: FastifyRequest,
    action: AccessAction,
    detail: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    return this.#dependencies.audit.append({ actor: actorOf(callerOf(request)), action, detail });
  }

  stop(request: FastifyRequest<{ Params: { id: string } }>): boolean {
    return this.#searches.stop(ownerOf(callerOf(request)), request.params.id);
  }
}

type QueryRun = ApiDependencies["engine"]["queries"]["run"];

/** Aborts when the connection ends before the answer does. The request's own `close` also fires when its body has been read. */
function whenGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof TytoError)) return "failed";
  switch (error.code) {
    case "query-timeout":
      return "timeout";
    case "query-too-expensive":
      return "too-expensive";
    case "query-cancelled":
      return "cancelled";
    default:
      return error.status < 500 ? "refused" : "failed";
  }
}
