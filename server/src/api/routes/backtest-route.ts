import { BacktestBodySchema, BacktestReplySchema, formatMicros, MICROS_PER_DAY } from "@tyto/domain";
import type { BacktestBody } from "@tyto/domain";
import { actorOf } from "../access/caller.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { badField } from "../errors.ts";
import { callerOf } from "../http-server.ts";
import type { HttpServer } from "../http-server.ts";
import type { SearchDesk } from "../search-desk.ts";
import { readTimeRange } from "../time-range.ts";

const DEFAULT_RANGE = 7 * MICROS_PER_DAY;

/** A search over stored events like others: with an owner and limits, and stopped when its caller goes away. */
export function addBacktestRoute(
  app: HttpServer,
  { backtests, ownRules, now }: ApiDependencies,
  desk: SearchDesk,
): void {
  app.post(
    "/api/v1/rules/backtest",
    {
      config: { access: "events.search", isForWhole: true, refuses: [408, 409, 429] },
      schema: {
        summary: "What a rule would have raised, per day",
        tags: ["rules"],
        body: BacktestBodySchema,
        response: { 200: BacktestReplySchema },
      },
    },
    (request, reply) =>
      desk.answer(request, reply, undefined, async (search) => {
        const started = now();
        const { body } = request;
        const range = readTimeRange(body, { part: "body", now: started, defaultMicros: DEFAULT_RANGE });
        const { rule, outcome } = await backtests.run({ source: sourceOf(body), ...range }, search);
        if (body.yaml !== undefined)
          await ownRules.noteBacktest(
            body.yaml,
            {
              ...range,
              total: outcome.total,
              busiest: Math.max(0, ...outcome.days.map(({ count }) => count)),
            },
            actorOf(callerOf(request)),
          );
        const { evaluator, reason, days, total, samples, isExact, rowsRead, bytesRead, rechecked } = outcome;
        return {
          rule,
          days: days.map(({ day, count }) => ({ day: formatMicros(day), count })),
          total,
          evaluator,
          ...(reason === "" ? {} : { reason }),
          samples: samples.map((sample) => ({ ...sample, timestamp: formatMicros(sample.timestamp) })),
          exact: isExact,
          stats: { rowsRead, bytesRead, elapsedMs: (now() - started) / 1_000, rechecked },
          from: formatMicros(range.from),
          to: formatMicros(range.to),
        };
      }),
  );
}

function sourceOf({ ruleId, yaml }: BacktestBody): { readonly ruleId: string } | { readonly yaml: string } {
  if (ruleId !== undefined && yaml !== undefined)
    throw badField("body.yaml", "Give either ruleId or yaml, not both");
  if (ruleId !== undefined) return { ruleId };
  if (yaml !== undefined) return { yaml };
  throw badField("body.ruleId", "Name a rule by ruleId, or give one as yaml");
}
