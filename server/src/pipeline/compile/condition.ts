import { BlockList, isIP } from "node:net";
import { assertNever } from "@tyto/domain";
import type { FieldScalar, FieldValue } from "@tyto/domain";
import type { ComparisonOperator, Condition, ValueType } from "../../content/index.ts";

/** Whose fields a condition looks at: a draft, or an event that stands. */
export interface FieldHolder {
  readonly fields: {
    has(name: string): boolean;
    get(name: string): FieldValue | undefined;
  };
}

export type Test = (holder: FieldHolder) => boolean;

/** A field that is missing satisfies no test but `!=` and `not`. Lists satisfy a test when one of their items does. */
export function compileCondition(condition: Condition): Test {
  switch (condition.kind) {
    case "and": {
      const tests = condition.all.map(compileCondition);
      return (holder) => tests.every((test) => test(holder));
    }
    case "or": {
      const tests = condition.all.map(compileCondition);
      return (holder) => tests.some((test) => test(holder));
    }
    case "not": {
      const test = compileCondition(condition.inner);
      return (holder) => !test(holder);
    }
    case "exists": {
      const { field } = condition;
      return (holder) => holder.fields.has(field);
    }
    case "in":
      return compileIn(condition.field, condition.values);
    case "is": {
      const { field } = condition;
      const holds = IS_OF_TYPE[condition.type];
      return (holder) => holds(holder.fields.get(field));
    }
    case "cidr":
      return compileCidr(condition.field, condition.ranges);
    case "compare":
      return compileComparison(condition.field, condition.operator, condition.value);
    case "compareFields":
      return compileFieldComparison(condition.field, condition.operator, condition.other);
    default:
      return assertNever(condition);
  }
}

/** Text and numbers compare as the same where they are written the same: `"22"` equals `22`. */
function compileIn(field: string, values: readonly FieldScalar[]): Test {
  const set = new Set(values.map(String));
  return anyOf(field, (value) => set.has(String(value)));
}

function compileComparison(field: string, operator: ComparisonOperator, expected: FieldScalar): Test {
  const text = String(expected);
  const number = Number(expected);
  switch (operator) {
    case "==":
      return anyOf(field, (value) => String(value) === text);
    case "!=": {
      const equals = anyOf(field, (value) => String(value) === text);
      return (holder) => !equals(holder);
    }
    case "contains":
      return anyOf(field, (value) => String(value).includes(text));
    case "startsWith":
      return anyOf(field, (value) => String(value).startsWith(text));
    case "endsWith":
      return anyOf(field, (value) => String(value).endsWith(text));
    case "<":
      return anyOf(field, (value) => toNumber(value) < number);
    case "<=":
      return anyOf(field, (value) => toNumber(value) <= number);
    case ">":
      return anyOf(field, (value) => toNumber(value) > number);
    case ">=":
      return anyOf(field, (value) => toNumber(value) >= number);
    default:
      return assertNever(operator);
  }
}

/** Not a number where there is none, so that every order comparison with it is false. */
function toNumber(value: FieldScalar): number {
  return value === "" ? Number.NaN : Number(value);
}

/** Nothing equals a missing field, and nothing is less or more than it. Of a list, any item may satisfy the test. */
function compileFieldComparison(field: string, operator: ComparisonOperator, other: string): Test {
  if (operator === "!=") {
    const equals = compileFieldComparison(field, "==", other);
    return (holder) => !equals(holder);
  }
  const compare = COMPARE[operator];
  return (holder) => {
    const right = scalarsOf(holder.fields.get(other));
    return (
      right.length > 0 && scalarsOf(holder.fields.get(field)).some((a) => right.some((b) => compare(a, b)))
    );
  };
}

const COMPARE: Readonly<
  Record<Exclude<ComparisonOperator, "!=">, (a: FieldScalar, b: FieldScalar) => boolean>
> = {
  "==": (a, b) => String(a) === String(b),
  "<": (a, b) => toNumber(a) < toNumber(b),
  "<=": (a, b) => toNumber(a) <= toNumber(b),
  ">": (a, b) => toNumber(a) > toNumber(b),
  ">=": (a, b) => toNumber(a) >= toNumber(b),
  contains: (a, b) => String(a).includes(String(b)),
  startsWith: (a, b) => String(a).startsWith(String(b)),
  endsWith: (a, b) => String(a).endsWith(String(b)),
};

/** More items than this are not compared with each other: two long lists would cost their product. */
const MAX_COMPARED = 100;

function scalarsOf(value: FieldValue | undefined): readonly FieldScalar[] {
  if (isScalar(value)) return [value];
  return Array.isArray(value) ? value.slice(0, MAX_COMPARED).filter(isScalar) : [];
}

function anyOf(field: string, test: (value: FieldScalar) => boolean): Test {
  return (holder) => {
    const value = holder.fields.get(field);
    if (value === undefined || value === null) return false;
    if (typeof value !== "object") return test(value);
    return Array.isArray(value) && value.some((item) => isScalar(item) && test(item));
  };
}

function isScalar(value: unknown): value is FieldScalar {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

const IS_OF_TYPE: Readonly<Record<ValueType, (value: FieldValue | undefined) => boolean>> = {
  text: (value) => typeof value === "string",
  number: (value) =>
    typeof value === "number" ||
    (typeof value === "string" && value !== "" && Number.isFinite(Number(value))),
  boolean: (value) => typeof value === "boolean",
  list: (value) => Array.isArray(value),
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  ip: (value) => typeof value === "string" && isIP(value) !== 0,
};

function compileCidr(field: string, ranges: readonly string[]): Test {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", bits] = range.split("/");
    const family = isIP(network) === 6 ? "ipv6" : "ipv4";
    if (isIP(network) !== 0) list.addSubnet(network, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return anyOf(field, (value) => {
    const family = isIP(String(value));
    return family !== 0 && list.check(String(value), family === 6 ? "ipv6" : "ipv4");
  });
}
