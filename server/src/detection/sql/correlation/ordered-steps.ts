import { param, sql, joinSql, type BoundQuery } from "../../../query/index.ts";
import { ordersTried } from "../../correlation/condition-test.ts";
import type { LinkedCorrelation } from "../../correlation/linked-correlation.ts";
import { holds, meetsBounds } from "./window-measure.ts";

/** Of runs of steps, that many checks whether an instant has enough events for them; beyond it, only those of one rule each. */
const MAX_CHECKS = 300;

/**
 * `temporal_ordered`: which orders of members can be found, each step at an event of its own (`correlation/order-meter.ts`). Hits of one
 * instant may stand in any order, so a run that has come to a step may take several more at one instant: as many as the instant has
 * distinct events for (Hall's theorem: for every set of rules, as many events as steps that ask for them).
 */
interface OrderPlan {
  readonly orders: readonly (readonly number[])[];
  /** Bit of each member. */
  readonly bits: readonly number[];
  /** Sets of members, as bits. */
  readonly sets: readonly number[];
  /** Per run of steps (by what it asks for, whatever the order): sets (from 1 on), and how many events must be in them. */
  readonly runs: readonly (readonly (readonly [set: number, events: number])[])[];
  /** Per order and step: the runs (from 1 on) that end there, the longest first. */
  readonly runsTo: readonly (readonly (readonly number[])[])[];
  /** Whether events of several rules at one instant are seen right. */
  readonly seesAll: boolean;
}

function planOf(correlation: LinkedCorrelation): OrderPlan {
  const { condition, members, steps } = correlation;
  const orders = ordersTried({
    type: correlation.rule.type,
    condition,
    members: members.length,
    steps,
  });
  const distinct = [...new Set(steps)];
  const bits = members.map((_, member) => (distinct.includes(member) ? 2 ** distinct.indexOf(member) : 0));
  const runsBySteps = new Map<string, number>();
  const asked: (readonly number[])[] = [];
  const runOf = (run: readonly number[]): number => {
    const sorted = [...run].sort((a, b) => a - b);
    const key = sorted.join(" ");
    const known = runsBySteps.get(key);
    if (known !== undefined) return known;
    asked.push(sorted);
    runsBySteps.set(key, asked.length);
    return asked.length;
  };
  const runsTo = orders.map((order) =>
    order.map((_, end) => Array.from({ length: end + 1 }, (_, start) => runOf(order.slice(start, end + 1)))),
  );
  const checks = asked.reduce((sum, run) => sum + 2 ** new Set(run).size, 0);
  const seesAll = checks <= MAX_CHECKS;
  const sets = new Map<number, number>();
  const runs = asked.map((run) =>
    setsOf([...new Set(run)], seesAll).map((set) => {
      const mask = set.reduce((sum, member) => sum + (bits[member] ?? 0), 0);
      const index = sets.get(mask) ?? sets.size + 1;
      sets.set(mask, index);
      return [index, run.filter((member) => set.includes(member)).length] as const;
    }),
  );
  return { orders, bits, sets: [...sets.keys()], runs, runsTo, seesAll };
}

/** All sets of these members that are not empty, or only those of one. */
function setsOf(members: readonly number[], isAll: boolean): readonly (readonly number[])[] {
  if (!isAll) return members.map((member) => [member]);
  return Array.from({ length: 2 ** members.length - 1 }, (_, index) =>
    members.filter((_, place) => ((index + 1) & (1 << place)) !== 0),
  );
}

/** Beyond what a time may be. */
const NEVER = sql`toInt64(-4611686018427387904)`;

/** Per instant: `runs_to`, per order and step where the longest run began that the instant's events can end (from 1 on; 0 = none). */
function instants(rows: BoundQuery, by: BoundQuery, columns: BoundQuery, plan: OrderPlan): BoundQuery {
  const mask = sql`arraySum(s -> ${param("Array(UInt64)", plan.bits)}[s + 1], src)`;
  const held = sql`SELECT ${by}, at, sumMap([toUInt64(${mask})], [toUInt64(1)]) AS held, ${columns} FROM (${rows}) GROUP BY ${by}, at`;
  const supply = sql`arrayMap(t -> arraySum((k, c) -> if(bitAnd(k, t) != 0, c, 0), held.1, held.2), ${param("Array(UInt64)", plan.sets)})`;
  const isBeyond = plan.seesAll
    ? sql`0`
    : sql`throwIf(arrayExists(k -> bitCount(k) > 1, held.1), 'events of several rules at one instant of a long order')`;
  const fits = sql`arrayMap(r -> arrayAll(c -> supply[c.1] >= c.2, r), ${json(plan.runs, "Array(Array(Tuple(UInt16, UInt16)))")})`;
  const runsTo = sql`arrayMap(o -> arrayMap(e -> arrayFirstIndex(r -> fits[r], e), o), ${json(plan.runsTo, "Array(Array(Array(UInt16)))")})`;
  return sql`SELECT *, ${runsTo} AS runs_to FROM (SELECT *, ${fits} AS fits FROM (SELECT *, ${supply} AS supply FROM (${held}) WHERE ${isBeyond} = 0))`;
}

function json(value: unknown, type: string): BoundQuery {
  return sql`JSONExtract(${param("String", JSON.stringify(value))}, ${param("String", type)})`;
}

/** When the latest run of each order began that has come to each step; all of them never, at first. */
function noBeginnings({ orders }: OrderPlan): BoundQuery {
  const lengths = param(
    "Array(UInt64)",
    orders.map(({ length }) => length),
  );
  return sql`arrayMap(l -> arrayResize(emptyArrayInt64(), l, ${NEVER}), ${lengths})`;
}

/** @param before beginnings as they were */
function afterInstant(before: BoundQuery): BoundQuery {
  const begun = sql`multiIf(f = 0, ${NEVER}, f = 1, x.1, b[f - 1])`;
  return sql`arrayMap((b, m) -> arrayMap((y, f) -> greatest(y, ${begun}), b, m), ${before}, x.2)`;
}

/** Merged hits with `measure`, how many steps of the first order can be found, and `is_hot`. All orders that are tried meet the condition. */
export function orderMeasured(hits: BoundQuery, correlation: LinkedCorrelation): BoundQuery {
  const plan = planOf(correlation);
  const rows = instants(hits, sql`key`, sql`groupArray((id, carried, ev)) AS hits`, plan);
  const listed = sql`SELECT key, arraySort(i -> i.1, groupArray((at, runs_to, hits))) AS list FROM (${rows}) GROUP BY key`;
  const since = sql`x.1 - ${param("Int64", correlation.rule.timespanMicros)}`;
  const first = sql`arrayFirstIndex(b -> b[-1] > ${since}, a)`;
  const lengths = param("Array(UInt64)", [0, ...plan.orders.map(({ length }) => length)]);
  const found = sql`${lengths}[toUInt64(${first}) + 1]`;
  const step = sql`arrayMap(a -> (a, arrayPushBack(acc.2, ${found})), [${afterInstant(sql`acc.1`)}])[1]`;
  const start = sql`(${noBeginnings(plan)}, emptyArrayUInt64())`;
  const folded = sql`SELECT key, list, arrayFold((acc, x) -> ${step}, arrayMap(i -> (i.1, i.2), list), ${start}).2 AS measures FROM (${listed})`;
  const flat = sql`SELECT key, i.1 AS at, measure, i.3 AS hits FROM (${folded}) ARRAY JOIN list AS i, measures AS measure`;
  return sql`SELECT key, at, h.1 AS id, h.2 AS carried, h.3 AS ev, measure, measure > 0 AS is_hot FROM (${flat}) ARRAY JOIN hits AS h`;
}

/** Windows, by `key` and `opener`, with the columns of `closedWindows`, `measure` and `is_met`. */
export function orderInWindow(opened: BoundQuery, correlation: LinkedCorrelation): BoundQuery {
  const plan = planOf(correlation);
  const columns = sql`min((at, id)) AS f, max((at, id)) AS l, argMax(carried, (at, id)) AS c, groupUniqArrayArray(ev) AS e, groupUniqArrayArray(src) AS s`;
  const rows = instants(opened, sql`key, opener`, columns, plan);
  const listed = sql`SELECT key, opener, min(f) AS first, max(l) AS final, argMax(c, l) AS carried, arraySort(groupUniqArrayArray(e)) AS events, groupUniqArrayArray(s) AS m0, arraySort(i -> i.1, groupArray((at, runs_to))) AS list FROM (${rows}) GROUP BY key, opener`;
  const beginnings = sql`arrayFold((acc, x) -> ${afterInstant(sql`acc`)}, list, ${noBeginnings(plan)})`;
  const found = sql`SELECT *, final.1 AS last, arrayMap(b -> b[-1] > ${NEVER}, ${beginnings}) AS is_found FROM (${listed})`;
  const measured = sql`SELECT *, ${lengthOfFirst(plan, correlation)} AS measure FROM (${found})`;
  const { condition } = correlation;
  const isMet = condition.kind === "bounds" ? meetsBounds(condition.bounds) : sql`measure > 0`;
  return sql`SELECT *, ${isMet} AS is_met FROM (${measured})`;
}

/** Of an expression, the first order that meets it with what else was seen. */
function lengthOfFirst({ orders }: OrderPlan, { condition }: LinkedCorrelation): BoundQuery {
  const ways = orders.flatMap((order, index) => {
    const isFound = sql`is_found[${param("UInt64", index + 1)}]`;
    const isAccepted =
      condition.kind === "bounds"
        ? sql`true`
        : holds(condition.expression, (member, isNegated) =>
            isNegated
              ? sql`has(m0, ${param("UInt64", member)})`
              : order.includes(member)
                ? sql`true`
                : sql`false`,
          );
    return [sql`(${isFound} AND ${isAccepted})`, sql`${param("UInt64", order.length)}`];
  });
  return sql`multiIf(${joinSql(ways, ", ")}, 0)`;
}
