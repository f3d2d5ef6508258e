import { assertNever } from "@tyto/domain";
import type { FieldScalar } from "@tyto/domain";
import type { ComparisonOperator, Condition } from "../../content/index.ts";
import { call, column, junction, literal, not, parseIpRange, texts, textsTest } from "../../query/index.ts";
import type { EventTest, QueryExpression, TextPattern } from "../../query/index.ts";
import { isPresent } from "./lower-fact.ts";
import { fieldDoubts } from "./lower-rule.ts";

export type ConditionTest =
  | { readonly kind: "test"; readonly test: Pick<EventTest, "predicate" | "doubt"> }
  /** A good condition that the store cannot be asked for. */
  | { readonly kind: "problem"; readonly message: string };

/**
 * A condition of packs in the query's typed form: `pipeline/compile/condition.ts` says what each test means; this says the same again.
 * What only the pipeline can tell is a problem: nobody could preview it.
 */
export function lowerCondition(condition: Condition): ConditionTest {
  const lowering = new Lowering();
  const predicate = lowering.condition(condition);
  const [problem] = lowering.problems;
  if (problem !== undefined) return { kind: "problem", message: problem };
  return { kind: "test", test: { predicate, doubt: lowering.doubt() } };
}

const NEVER = literal("bool", false);

class Lowering {
  readonly problems: string[] = [];
  /** By their JSON: many tests doubt the same. */
  readonly #doubts = new Map<string, QueryExpression>();

  doubt(): QueryExpression {
    return junction("or", [...this.#doubts.values()]);
  }

  condition(condition: Condition): QueryExpression {
    switch (condition.kind) {
      case "and":
      case "or":
        return junction(
          condition.kind,
          condition.all.map((one) => this.condition(one)),
        );
      case "not":
        return not(this.condition(condition.inner));
      case "exists":
        return OWN.has(condition.field) ? literal("bool", true) : isPresent(condition.field);
      case "in":
        return junction(
          "or",
          condition.values.map((value) => this.#compare(condition.field, "==", value)),
        );
      case "cidr":
        return junction(
          "or",
          condition.ranges.map((range) => this.#network(condition.field, range)),
        );
      case "compare":
        return this.#compare(condition.field, condition.operator, condition.value);
      case "is":
        return this.#refuse("A filter cannot ask for the type of a value (`is`)");
      case "compareFields":
        return this.#refuse("A filter cannot compare two fields");
      default:
        return assertNever(condition);
    }
  }

  #compare(field: string, operator: ComparisonOperator, value: FieldScalar): QueryExpression {
    const text = String(value);
    switch (operator) {
      case "!=":
        return not(this.#compare(field, "==", value));
      case "==":
      case "contains":
      case "startsWith":
      case "endsWith":
        return OWN.has(field) ? ownText(field, operator, text) : this.#text(field, patternOf(operator, text));
      case "<":
      case "<=":
      case ">":
      case ">=":
        return this.#number(field, operator, Number(value));
      default:
        return assertNever(operator);
    }
  }

  #text(field: string, pattern: TextPattern): QueryExpression {
    return this.#present(field, textsTest(this.#texts(field), { kind: "patterns", patterns: [pattern] }));
  }

  #number(field: string, operator: keyof typeof ORDER, operand: number): QueryExpression {
    if (OWN.has(field)) return this.#refuse(`${field} is no number`);
    if (!Number.isFinite(operand)) return NEVER;
    const subject = this.#texts(field);
    this.#add(textsTest(subject, { kind: "odd-number" }));
    return this.#present(field, textsTest(subject, { kind: "compare", operator: ORDER[operator], operand }));
  }

  #network(field: string, text: string): QueryExpression {
    if (OWN.has(field)) return this.#refuse(`${field} is no address`);
    const range = parseIpRange(text);
    if (range === undefined) return this.#refuse(`"${text.slice(0, 60)}" is no network`);
    const isMappedIn = !text.includes(":");
    return this.#present(field, textsTest(this.#texts(field), { kind: "network", ...range, isMappedIn }));
  }

  /** Filters look at the very key; the texts of a name are found through nested values, too. */
  #present(field: string, test: QueryExpression): QueryExpression {
    return junction("and", [isPresent(field), test]);
  }

  #texts(field: string): QueryExpression {
    for (const doubt of fieldDoubts([field])) this.#add(doubt);
    return texts({ kind: "field", names: [field], isFolded: false });
  }

  #add(doubt: QueryExpression): void {
    this.#doubts.set(JSON.stringify(doubt), doubt);
  }

  #refuse(message: string): QueryExpression {
    this.problems.push(message);
    return NEVER;
  }
}

const ORDER = { "<": "lt", "<=": "lte", ">": "gt", ">=": "gte" } as const;

/** Columns of ours that are no fields. */
const OWN: ReadonlySet<string> = new Set(["pack", "raw"]);
const OWN_OPERATORS = {
  "==": "==",
  contains: "contains_cs",
  startsWith: "startswith_cs",
  endsWith: "endswith_cs",
} as const;

function ownText(field: string, operator: keyof typeof OWN_OPERATORS, text: string): QueryExpression {
  return call(OWN_OPERATORS[operator], "bool", [column(field, "string"), literal("string", text)]);
}

function patternOf(operator: keyof typeof OWN_OPERATORS, text: string): TextPattern {
  const own: TextPattern = text === "" ? [] : [{ kind: "text", text }];
  const many: TextPattern = [{ kind: "many" }];
  switch (operator) {
    case "==":
      return own;
    case "contains":
      return [...many, ...own, ...many];
    case "startsWith":
      return [...own, ...many];
    case "endsWith":
      return [...many, ...own];
    default:
      return assertNever(operator);
  }
}
