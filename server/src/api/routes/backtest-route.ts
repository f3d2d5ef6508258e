import {
  BacktestBodySchema,
  BacktestReplySchema,
  formatMicros,
  micros,
  MICROS_PER_DAY,
  TytoError,
} from "@tyto/domain";
import type { BacktestBody, Micros } from "@tyto/domain";
import { parseInstant } from "../../query/index.ts";
import type { ApiDependencies } from "../dependencies.ts";
import { badField } from "../errors.ts";
import type { HttpServer } from "../http-server.ts";
import type { SearchDesk } from "../search-desk.ts";

const DEFAULT_RANGE = 7 * MICROS_PER_DAY;

/** A search over stored events like others: with an owner and limits, and stopped when its caller goes away. */
export function addBacktestRoute(
  app: HttpServer,
  { backtests, now }: ApiDependencies,
  desk: SearchDesk,
): void {
  app.post(
    "/api/v1/rules/backtest",
    {
      config: { access: "read", refuses: [408, 409, 429] },
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
        const range = rangeOf(body, started);
        const { rule, outcome } = await backtests.run({ source: sourceOf(body), ...range }, search);
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

function rangeOf(body: BacktestBody, now: Micros): { readonly from: Micros; readonly to: Micros } {
  const read = (part: "from" | "to", otherwise: Micros): Micros => {
    const text = body[part];
    const instant = text === undefined ? otherwise : parseInstant(text, now);
    if (instant !== undefined) return instant;
    throw badField(`body.${part}`, "This is no time: write -24h, -7d, now or 2026-01-31T08:00:00Z");
  };
  const to = read("to", micros(now + 1));
  const from = read("from", micros(Math.max(0, to - DEFAULT_RANGE)));
  if (from < to) return { from, to };
  throw new TytoError("bad-request", "The time range ends before it begins");
}
