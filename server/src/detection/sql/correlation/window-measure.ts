import { assertNever } from "@tyto/domain";
import { joinSql, param, sql, type BoundQuery } from "../../../query/index.ts";
import type { MemberExpression } from "../../correlation/condition-test.ts";
import type { LinkedCorrelation } from "../../correlation/linked-correlation.ts";
import type { Bound } from "../../sigma/rule.ts";

/** An aggregate that can be taken of two parts of a window and then put together. */
export interface Aggregate {
  readonly kind: "sum" | "set" | "list" | "weights" | "distinct";
  readonly args: BoundQuery;
}

/** What is measured of a window: aggregates over its hits, and what is made of them. */
export interface WindowMeasure {
  /** In the order of the columns `m0`, `m1`, … */
  readonly aggregates: readonly Aggregate[];
  /** Over these columns. */
  readonly measure: BoundQuery;
  /** Over these and the column `measure`. */
  readonly isMet: BoundQuery;
}

/** Up to here whole numbers add up the same in every order. */
const MAX_WHOLE = sql`9007199254740991`;

const ADDS_UP = sql`arrayAll(v -> v = trunc(v), val)`;
const ABSOLUTE = sql`arraySum(arrayMap(v -> abs(v), val)) * occ`;

/** Of every type but `temporal_ordered`. Where the column `is_whole` is false, sums are taken in the order of hits, as the stream takes them. */
export function windowMeasure({ rule, condition }: LinkedCorrelation): WindowMeasure {
  const { type } = rule;
  const isMet =
    condition.kind === "bounds" ? meetsBounds(condition.bounds) : holds(condition.expression, present);
  switch (type) {
    case "event_count":
      return { aggregates: [{ kind: "sum", args: sql`occ` }], measure: sql`m0`, isMet };
    case "value_count":
      return { aggregates: [{ kind: "distinct", args: sql`val` }], measure: sql`m0`, isMet };
    case "temporal":
    case "temporal_ordered":
      return { aggregates: [{ kind: "set", args: sql`src` }], measure: sql`length(m0)`, isMet };
    case "value_sum":
    case "value_avg": {
      const terms = sql`arrayMap((v, i) -> (at, id, i, v * occ), val, arrayEnumerate(val))`;
      const noTerms = sql`CAST([], 'Array(Tuple(Int64, String, UInt32, Float64))')`;
      const sum = sql`if(empty(m1), m0, arrayFold((s, t) -> s + t.4, arraySort(m1), toFloat64(0)))`;
      return {
        aggregates: [
          { kind: "sum", args: sql`arraySum(arrayMap(v -> v * occ, val))` },
          { kind: "list", args: sql`if(is_whole, ${noTerms}, ${terms})` },
          { kind: "sum", args: sql`length(val) * occ` },
        ],
        measure: type === "value_sum" ? sum : sql`(${sum}) / greatest(m2, 1)`,
        isMet,
      };
    }
    case "value_median":
    case "value_percentile":
      return {
        aggregates: [{ kind: "weights", args: sql`val, arrayMap(v -> toUInt64(occ), val)` }],
        measure: type === "value_median" ? median() : percentile(condition),
        isMet,
      };
    default:
      return assertNever(type);
  }
}

const FUNCTIONS = {
  sum: sql`sum`,
  set: sql`groupUniqArrayArray`,
  list: sql`groupArrayArray`,
  weights: sql`sumMap`,
  distinct: sql`uniqExactArray`,
} as const;

/** Over all rows of a group. */
export function aggregated({ kind, args }: Aggregate): BoundQuery {
  return sql`${FUNCTIONS[kind]}(${args})`;
}

/** Over the rows that meet a condition. */
export function aggregatedIf({ kind, args }: Aggregate, condition: BoundQuery): BoundQuery {
  return sql`${FUNCTIONS[kind]}If(${args}, ${condition})`;
}

/** Of both parts of a window that aggregate which is of all of it. */
export function together({ kind }: Aggregate, a: BoundQuery, b: BoundQuery): BoundQuery {
  switch (kind) {
    case "sum":
      return sql`${a} + ${b}`;
    case "set":
      return sql`arrayDistinct(arrayConcat(${a}, ${b}))`;
    case "list":
      return sql`arrayConcat(${a}, ${b})`;
    case "weights":
      return sql`arrayReduce('sumMap', [${a}.1, ${b}.1], [${a}.2, ${b}.2])`;
    case "distinct":
      throw new Error("distinct values of two parts are counted by `distinctMeasured`");
    default:
      return assertNever(kind);
  }
}

const WEIGHT = sql`arraySum(m0.2)`;

/** The number at a rank, the least one at 1. */
function numberAt(rank: BoundQuery): BoundQuery {
  return sql`m0.1[arrayFirstIndex(c -> c >= ${rank}, arrayCumSum(m0.2))]`;
}

function median(): BoundQuery {
  return sql`(${numberAt(sql`ceil(${WEIGHT} / 2)`)} + ${numberAt(sql`floor(${WEIGHT} / 2) + 1`)}) / 2`;
}

function percentile(condition: LinkedCorrelation["condition"]): BoundQuery {
  const wanted = condition.kind === "bounds" ? condition.percentile : 50;
  return numberAt(sql`greatest(ceil(${param("Float64", wanted)} * ${WEIGHT} / 100), 1)`);
}

const OPERATORS = {
  gt: sql`>`,
  gte: sql`>=`,
  lt: sql`<`,
  lte: sql`<=`,
  eq: sql`=`,
  neq: sql`!=`,
} as const;

export function meetsBounds(bounds: readonly Bound[]): BoundQuery {
  const tests = bounds.map(
    ({ operator, value }) => sql`measure ${OPERATORS[operator]} ${param("Float64", value)}`,
  );
  return sql`(${joinSql(tests, " AND ")})`;
}

const present = (member: number): BoundQuery => sql`has(m0, ${param("UInt64", member)})`;

/** @param isSeen whether a member that is asked for was seen. @param isNegated an odd number of `not` stands before it. */
export function holds(
  expression: MemberExpression,
  isSeen: (member: number, isNegated: boolean) => BoundQuery,
  isNegated = false,
): BoundQuery {
  switch (expression.kind) {
    case "member": {
      const seen = isSeen(expression.member, isNegated);
      return isNegated ? sql`NOT ${seen}` : seen;
    }
    case "not":
      return holds(expression.of, isSeen, !isNegated);
    case "and":
    case "or": {
      const tests = expression.of.map((one) => holds(one, isSeen, isNegated));
      return sql`(${joinSql(tests, (expression.kind === "and") !== isNegated ? " AND " : " OR ")})`;
    }
    default:
      return assertNever(expression);
  }
}

/** Rows with `is_whole`: the numbers of all of a group's hits are whole, so that no window has to be added up in order. */
export function withWhole(hits: BoundQuery): BoundQuery {
  const isWhole = sql`min(${ADDS_UP}) OVER g AND sum(${ABSOLUTE}) OVER g <= ${MAX_WHOLE}`;
  return sql`SELECT *, ${isWhole} AS is_whole FROM (${hits}) WINDOW g AS (PARTITION BY key)`;
}
