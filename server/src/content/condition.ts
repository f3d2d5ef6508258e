import type { FieldScalar } from "@tyto/domain";
import { COMPARISON_OPERATORS, VALUE_TYPES } from "./pack-definition.ts";
import type { ComparisonOperator, Condition } from "./pack-definition.ts";

/**
 * The language of `when`:
 *
 *     condition  = conjunction { "or" conjunction }
 *     conjunction = term { "and" term }
 *     term       = "not" term | "(" condition ")" | field test
 *     test       = "exists" | "missing" | operator (value | "{" field "}") | ["not"] "in" list | "is" type | "cidr" (text | list)
 *
 * Fields stand bare (`event.code`) or in backticks when they hold odd characters; texts stand in quotes. On the right of an operator
 * a field stands in braces: `source.ip == {destination.ip}`.
 */
export type ConditionResult =
  | { readonly kind: "condition"; readonly condition: Condition }
  | { readonly kind: "problem"; readonly message: string; readonly offset: number };

/** Every field that a condition asks for, those on the right of an operator too. */
export function fieldsOf(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case "and":
    case "or":
      return condition.all.flatMap(fieldsOf);
    case "not":
      return fieldsOf(condition.inner);
    case "compareFields":
      return [condition.field, condition.other];
    case "exists":
    case "compare":
    case "in":
    case "is":
    case "cidr":
      return [condition.field];
  }
}

type Token = { readonly offset: number } & (
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "field"; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "reference"; readonly text: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "symbol"; readonly text: string }
  | { readonly kind: "end" }
);

class ConditionProblem extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export function parseCondition(text: string): ConditionResult {
  try {
    return { kind: "condition", condition: new ConditionParser(tokenise(text)).parse() };
  } catch (error) {
    if (error instanceof ConditionProblem) {
      return { kind: "problem", message: error.message, offset: error.offset };
    }
    throw error;
  }
}

const TOKEN =
  /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`]*)`|\{([^{}]*)\}|(-?\d+(?:\.\d+)?)(?![\w.@])|([\w@][\w@.:/-]*)|(==|!=|<=|>=|[<>()[\],]))/y;

function tokenise(text: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  let offset = 0;
  while (offset < text.trimEnd().length) {
    TOKEN.lastIndex = offset;
    const m = TOKEN.exec(text);
    if (m === null) throw new ConditionProblem(`cannot read "${text.slice(offset, offset + 20)}"`, offset);
    const quoted = m[1] ?? m[2];
    if (quoted !== undefined) tokens.push({ kind: "text", text: quoted.replace(/\\(.)/g, "$1"), offset });
    else if (m[3] !== undefined) tokens.push({ kind: "field", text: m[3], offset });
    else if (m[4] !== undefined) tokens.push({ kind: "reference", text: m[4].trim(), offset });
    else if (m[5] !== undefined) tokens.push({ kind: "number", value: Number(m[5]), offset });
    else if (m[6] !== undefined) tokens.push({ kind: "word", text: m[6], offset });
    else tokens.push({ kind: "symbol", text: m[7] ?? "", offset });
    offset = TOKEN.lastIndex;
  }
  tokens.push({ kind: "end", offset: text.length });
  return tokens;
}

class ConditionParser {
  readonly #tokens: readonly Token[];
  #position = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Condition {
    const condition = this.#disjunction();
    const rest = this.#peek();
    if (rest.kind !== "end") throw new ConditionProblem("unexpected text behind the condition", rest.offset);
    return condition;
  }

  #peek(): Token {
    const token = this.#tokens[this.#position] ?? this.#tokens.at(-1);
    return token ?? { kind: "end", offset: 0 };
  }

  #next(): Token {
    const token = this.#peek();
    this.#position += 1;
    return token;
  }

  #takeWord(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== "word" || token.text !== word) return false;
    this.#position += 1;
    return true;
  }

  #takeSymbol(symbol: string): boolean {
    const token = this.#peek();
    if (token.kind !== "symbol" || token.text !== symbol) return false;
    this.#position += 1;
    return true;
  }

  #disjunction(): Condition {
    const all = [this.#conjunction()];
    while (this.#takeWord("or")) all.push(this.#conjunction());
    const [first] = all;
    return all.length === 1 && first !== undefined ? first : { kind: "or", all };
  }

  #conjunction(): Condition {
    const all = [this.#term()];
    while (this.#takeWord("and")) all.push(this.#term());
    const [first] = all;
    return all.length === 1 && first !== undefined ? first : { kind: "and", all };
  }

  #term(): Condition {
    this.#depth += 1;
    if (this.#depth > 50) throw new ConditionProblem("nested too deep", this.#peek().offset);
    const condition = this.#takeWord("not")
      ? ({ kind: "not", inner: this.#term() } as const)
      : this.#takeSymbol("(")
        ? this.#parenthesised()
        : this.#test();
    this.#depth -= 1;
    return condition;
  }

  #parenthesised(): Condition {
    const inner = this.#disjunction();
    if (!this.#takeSymbol(")")) throw new ConditionProblem("expected )", this.#peek().offset);
    return inner;
  }

  #test(): Condition {
    const name = this.#next();
    if (name.kind !== "word" && name.kind !== "field") {
      throw new ConditionProblem("expected a field name", name.offset);
    }
    const field = name.text;
    if (this.#takeWord("exists")) return { kind: "exists", field };
    if (this.#takeWord("missing")) return { kind: "not", inner: { kind: "exists", field } };
    if (this.#takeWord("in")) return { kind: "in", field, values: this.#list() };
    if (this.#takeWord("not")) {
      if (!this.#takeWord("in")) throw new ConditionProblem("expected in", this.#peek().offset);
      return { kind: "not", inner: { kind: "in", field, values: this.#list() } };
    }
    if (this.#takeWord("is")) return { kind: "is", field, type: this.#type() };
    if (this.#takeWord("cidr")) return { kind: "cidr", field, ranges: this.#ranges() };
    const operator = this.#operator();
    const other = this.#peek();
    if (other.kind !== "reference") return { kind: "compare", field, operator, value: this.#value() };
    this.#position += 1;
    if (other.text === "") throw new ConditionProblem("expected a field name in { }", other.offset);
    return { kind: "compareFields", field, operator, other: other.text };
  }

  #operator(): ComparisonOperator {
    const token = this.#next();
    const text = token.kind === "symbol" || token.kind === "word" ? token.text : "";
    const operator = COMPARISON_OPERATORS.find((known) => known === text);
    if (operator === undefined) {
      throw new ConditionProblem(
        `expected a test: exists, missing, in, is, cidr, ${COMPARISON_OPERATORS.join(", ")}`,
        token.offset,
      );
    }
    return operator;
  }

  #type(): (typeof VALUE_TYPES)[number] {
    const token = this.#next();
    const type = token.kind === "word" ? VALUE_TYPES.find((known) => known === token.text) : undefined;
    if (type === undefined) {
      throw new ConditionProblem(`expected one of ${VALUE_TYPES.join(", ")}`, token.offset);
    }
    return type;
  }

  #value(): FieldScalar {
    const token = this.#next();
    if (token.kind === "text") return token.text;
    if (token.kind === "number") return token.value;
    if (token.kind === "word" && (token.text === "true" || token.text === "false"))
      return token.text === "true";
    throw new ConditionProblem("expected a quoted text, a number, true, false or a {field}", token.offset);
  }

  #list(): readonly FieldScalar[] {
    if (!this.#takeSymbol("[")) throw new ConditionProblem("expected a list in [ ]", this.#peek().offset);
    const values: FieldScalar[] = [];
    while (!this.#takeSymbol("]")) {
      values.push(this.#value());
      if (!this.#takeSymbol(",") && this.#peek().kind !== "symbol") {
        throw new ConditionProblem("expected , or ]", this.#peek().offset);
      }
    }
    return values;
  }

  #ranges(): readonly string[] {
    const token = this.#peek();
    if (token.kind === "symbol") return this.#list().map(String);
    return [String(this.#value())];
  }
}
