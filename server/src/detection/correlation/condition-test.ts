import { meetsBounds } from "../sigma/read-bounds.ts";
import { MAX_CHOICES_OF } from "../sigma/read-correlation.ts";
import type { Bound, CorrelationType } from "../sigma/rule.ts";
import type { Hit } from "./hit.ts";
import { OrderMeter } from "./order-meter.ts";
import { DistinctMeter, OccurrenceMeter, PresenceMeter, RankMeter, SumMeter } from "./window-meter.ts";
import type { WindowMeter } from "./window-meter.ts";

/** A condition over members by their index. */
export type LinkedCondition =
  | { readonly kind: "bounds"; readonly bounds: readonly Bound[]; readonly percentile: number }
  | { readonly kind: "expression"; readonly expression: MemberExpression };

export type MemberExpression =
  | { readonly kind: "and" | "or"; readonly of: readonly MemberExpression[] }
  | { readonly kind: "not"; readonly of: MemberExpression }
  | { readonly kind: "member"; readonly member: number };

/** One pass over a group's hits: what is in the window, and whether that meets the condition. */
export interface WindowTest {
  enter(hit: Hit): void;
  leave(hit: Hit): void;
  /** The measure, when it meets the condition. @param since hits at or before this have left. */
  met(since: number): number | undefined;
}

export interface ConditionTest {
  /** Only a closed window can meet it: more hits might unmake it. */
  readonly needsClosedWindow: boolean;
  begin(): WindowTest;
}

export interface ConditionSource {
  readonly type: CorrelationType;
  readonly condition: LinkedCondition;
  readonly members: number;
  /** Members in the listed order; one may stand there twice. */
  readonly steps: readonly number[];
}

export function conditionTest(source: ConditionSource): ConditionTest {
  const { condition, type } = source;
  const needsClosedWindow = canBeUnmade(condition);
  if (condition.kind === "expression") {
    const { expression } = condition;
    const orders = type === "temporal_ordered" ? ordersTried(source) : undefined;
    return { needsClosedWindow, begin: () => new ExpressionTest(expression, source.members, orders) };
  }
  const { bounds } = condition;
  if (type === "temporal_ordered") {
    const orders = ordersTried(source);
    return { needsClosedWindow, begin: () => new BoundsTest(bounds, new OrderMeter(orders)) };
  }
  return {
    needsClosedWindow,
    begin: () => new BoundsTest(bounds, meterOf(type, condition.percentile, source)),
  };
}

function canBeUnmade(condition: LinkedCondition): boolean {
  if (condition.kind === "expression") return hasNot(condition.expression);
  return condition.bounds.some(({ operator }) => operator !== "gt" && operator !== "gte");
}

/** `temporal_ordered`: the orders of members that are looked for, those that say most first. */
export function ordersTried(source: ConditionSource): readonly (readonly number[])[] {
  const { condition, steps } = source;
  if (condition.kind === "expression") return ordersFor(condition.expression, source);
  const choices = choicesOf(steps);
  if (canBeUnmade(condition)) return choices;
  // Of orders that a lower bound accepts, the shortest are found wherever longer ones are.
  const orders = choices.filter(({ length }) => meetsBounds(condition.bounds, length));
  const least = Math.min(...orders.map(({ length }) => length));
  return orders.filter(({ length }) => length === least);
}

function meterOf(type: CorrelationType, percentile: number, { members }: ConditionSource): WindowMeter {
  switch (type) {
    case "event_count":
      return new OccurrenceMeter();
    case "value_count":
      return new DistinctMeter();
    case "temporal":
    case "temporal_ordered":
      return new PresenceMeter(members);
    case "value_sum":
      return new SumMeter(false);
    case "value_avg":
      return new SumMeter(true);
    case "value_percentile":
      return new RankMeter(percentile);
    case "value_median":
      return new RankMeter(undefined);
  }
}

class BoundsTest implements WindowTest {
  readonly #bounds: readonly Bound[];
  readonly #meter: WindowMeter;

  constructor(bounds: readonly Bound[], meter: WindowMeter) {
    this.#bounds = bounds;
    this.#meter = meter;
  }

  enter(hit: Hit): void {
    this.#meter.enter(hit);
  }

  leave(hit: Hit): void {
    this.#meter.leave(hit);
  }

  met(since: number): number | undefined {
    const value = this.#meter.measure(since);
    return meetsBounds(this.#bounds, value) ? value : undefined;
  }
}

class ExpressionTest implements WindowTest {
  readonly #expression: MemberExpression;
  readonly #presence: PresenceMeter;
  readonly #order: OrderMeter | undefined;

  constructor(
    expression: MemberExpression,
    members: number,
    orders: readonly (readonly number[])[] | undefined,
  ) {
    this.#expression = expression;
    this.#presence = new PresenceMeter(members);
    this.#order = orders === undefined ? undefined : new OrderMeter(orders);
  }

  enter(hit: Hit): void {
    this.#presence.enter(hit);
    this.#order?.enter(hit);
  }

  leave(hit: Hit): void {
    this.#presence.leave(hit);
  }

  met(since: number): number | undefined {
    const has = (member: number): boolean => this.#presence.has(member);
    if (this.#order !== undefined) {
      const accepts = (steps: readonly number[]): boolean =>
        holds(this.#expression, { found: (member) => steps.includes(member), present: has });
      return this.#order.found(since, accepts)?.length;
    }
    return holds(this.#expression, { found: has, present: has }) ? this.#presence.measure() : undefined;
  }
}

interface Seen {
  /** What a member that is asked for must be. */
  found(member: number): boolean;
  /** What a member under `not` must not be. */
  present(member: number): boolean;
}

function holds(expression: MemberExpression, seen: Seen, isNegated = false): boolean {
  switch (expression.kind) {
    case "member":
      return isNegated ? !seen.present(expression.member) : seen.found(expression.member);
    case "not":
      return holds(expression.of, seen, !isNegated);
    case "and":
    case "or": {
      const needsAll = (expression.kind === "and") !== isNegated;
      return needsAll
        ? expression.of.every((one) => holds(one, seen, isNegated))
        : expression.of.some((one) => holds(one, seen, isNegated));
    }
  }
}

/** An even number of `not` is none. */
function hasNot(expression: MemberExpression, isNegated = false): boolean {
  if (expression.kind === "member") return isNegated;
  if (expression.kind === "not") return hasNot(expression.of, !isNegated);
  return expression.of.some((one) => hasNot(one, isNegated));
}

/** Orders that may meet an expression, when what is under `not` is away. */
function ordersFor(expression: MemberExpression, { steps }: ConditionSource): readonly (readonly number[])[] {
  const distinct = [...new Set(steps)];
  return choicesOf(distinct).filter((choice) =>
    holds(expression, { found: (member) => choice.includes(member), present: () => false }),
  );
}

/** Every choice of some of the steps, in their order, the longest first; all of them alone when they are many. */
function choicesOf(steps: readonly number[]): readonly (readonly number[])[] {
  if (steps.length > MAX_CHOICES_OF) return [steps];
  const choices: (readonly number[])[] = [];
  for (let mask = 1; mask < 1 << steps.length; mask++) {
    choices.push(steps.filter((_, index) => (mask & (1 << index)) !== 0));
  }
  return choices.sort((a, b) => b.length - a.length);
}
