import type { Place } from "@tyto/domain";
import { didYouMean } from "./problems.ts";
import type { Problems } from "./problems.ts";
import type { Expression } from "./rule.ts";

const MAX_NESTING = 50;
const MAX_TOKENS = 5_000;
/** `selection | count() by user > 5` of Sigma 1. */
const AGGREGATION = /\|\s*(count|sum|min|max|avg|near)\b/;
const OPERATORS: ReadonlySet<string> = new Set(["and", "or", "not", "of"]);

interface ConditionSource {
  readonly text: string;
  readonly at: Place;
  /** Selections by name, in the rule's order. */
  readonly selections: ReadonlyMap<string, Expression>;
  /** Names that the condition reached, for the warning about those it did not. */
  readonly used: Set<string>;
  readonly problems: Problems;
}

interface Token {
  readonly text: string;
  /** Characters from the condition's start. */
  readonly offset: number;
}

class Unreadable extends Error {}

/**
 * Reads `1 of sel* and not (a or b)`. Precedence (specification 2.1, "Condition"): or < and < not < `x of` < parentheses.
 * `undefined` when it is wrong; the problems say where.
 */
export function readCondition(source: ConditionSource): Expression | undefined {
  try {
    return new ConditionReader(source).read();
  } catch (cause) {
    if (cause instanceof Unreadable) return undefined;
    throw cause;
  }
}

class ConditionReader {
  readonly #source: ConditionSource;
  readonly #tokens: readonly Token[];
  #next = 0;
  #nesting = 0;

  constructor(source: ConditionSource) {
    this.#source = source;
    this.#tokens = [...source.text.matchAll(/[()]|[^\s()]+/g)].map((match) => ({
      text: match[0],
      offset: match.index,
    }));
  }

  read(): Expression {
    if (this.#tokens.length === 0) this.#fail(undefined, "empty-condition", "the condition is empty");
    if (this.#tokens.length > MAX_TOKENS)
      this.#fail(undefined, "condition-too-long", "the condition is too long");
    const pipe = this.#tokens.find((token) => token.text.startsWith("|") || token.text.endsWith("|"));
    if (pipe !== undefined || AGGREGATION.test(this.#source.text)) {
      const hint = "write a correlation rule (type: event_count) instead";
      const message = "aggregation after | left Sigma with version 2";
      this.#source.problems.refuse(this.#placeOf(pipe), "pipe-aggregation", message, hint);
      throw new Unreadable();
    }
    const expression = this.#or();
    const rest = this.#tokens[this.#next];
    if (rest !== undefined) {
      const message = `"${rest.text}" stands where the condition should end or go on with and/or`;
      this.#fail(rest, "bad-condition", message);
    }
    return expression;
  }

  #or(): Expression {
    const terms = [this.#and()];
    while (this.#takes("or")) terms.push(this.#and());
    return join("or", terms);
  }

  #and(): Expression {
    const terms = [this.#not()];
    while (this.#takes("and")) terms.push(this.#not());
    return join("and", terms);
  }

  #not(): Expression {
    let isNegated = false;
    while (this.#takes("not")) isNegated = !isNegated;
    const operand = this.#operand();
    return isNegated ? { kind: "not", of: operand } : operand;
  }

  #operand(): Expression {
    const token = this.#tokens[this.#next];
    if (token === undefined) return this.#fail(undefined, "bad-condition", "the condition ends too early");
    this.#next++;
    if (token.text === "(") return this.#parenthesised(token);
    if (token.text === ")")
      return this.#fail(token, "bad-condition", "a parenthesis closes that none opened");
    if (this.#peek() === "of") return this.#quantified(token);
    return this.#named(token);
  }

  #parenthesised(open: Token): Expression {
    if (++this.#nesting > MAX_NESTING) {
      this.#fail(open, "condition-too-deep", `parentheses are nested deeper than ${MAX_NESTING}`);
    }
    const inner = this.#or();
    if (!this.#takes(")")) this.#fail(open, "bad-condition", "this parenthesis is never closed");
    this.#nesting--;
    return inner;
  }

  #quantified(quantifier: Token): Expression {
    const word = quantifier.text.toLowerCase();
    this.#next++;
    if (word !== "1" && word !== "any" && word !== "all") {
      this.#fail(quantifier, "bad-quantifier", `"${quantifier.text} of" is not 1, any or all`);
    }
    const target = this.#tokens[this.#next];
    if (target === undefined || target.text === "(" || target.text === ")") {
      return this.#fail(
        quantifier,
        "bad-condition",
        `"${quantifier.text} of" needs a name, a pattern or them`,
      );
    }
    this.#next++;
    const names = this.#namesLike(target);
    if (names.length === 0) {
      const hint = "correct the pattern, or take the term out of the condition";
      this.#fail(target, "empty-selector", `no selection is called like "${target.text}"`, hint);
    }
    const terms = names.map((name) => this.#use(name));
    const joined = join(word === "all" ? "and" : "or", terms);
    // One selection alone keeps its own name, which says more than the pattern.
    return terms.length === 1
      ? joined
      : { ...joined, name: { kind: "selector", text: `${quantifier.text} of ${target.text}` } };
  }

  /** Names that begin with an underscore are reached only directly (specification 2.1). */
  #namesLike(target: Token): readonly string[] {
    const all = [...this.#source.selections.keys()].filter((name) => !name.startsWith("_"));
    if (target.text.toLowerCase() === "them") return all;
    const pattern = target.text.split(/\*+/).map(escapeRegex).join(".*");
    const whole = new RegExp(`^${pattern}$`, "s");
    return all.filter((name) => whole.test(name));
  }

  #named(token: Token): Expression {
    if (!this.#source.selections.has(token.text)) {
      if (OPERATORS.has(token.text.toLowerCase())) {
        this.#fail(token, "bad-condition", `"${token.text}" stands where a selection's name should`);
      }
      const hint = didYouMean(token.text, this.#source.selections.keys());
      this.#fail(token, "unknown-selection", `the rule has no selection called "${token.text}"`, hint);
    }
    return this.#use(token.text);
  }

  #use(name: string): Expression {
    this.#source.used.add(name);
    const selection = this.#source.selections.get(name);
    if (selection === undefined) throw new Unreadable();
    return { ...selection, name: { kind: "selection", text: name } };
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next]?.text.toLowerCase();
  }

  #takes(word: string): boolean {
    if (this.#peek() !== word) return false;
    this.#next++;
    return true;
  }

  #placeOf(token: Token | undefined): Place {
    const { at } = this.#source;
    // Only a condition on one line can be counted through: folded and quoted text has lost its columns.
    if (token === undefined || at.column === undefined || this.#source.text.includes("\n")) return at;
    return { ...at, column: at.column + token.offset };
  }

  #fail(token: Token | undefined, code: string, message: string, hint?: string): never {
    this.#source.problems.error(this.#placeOf(token), code, message, hint);
    throw new Unreadable();
  }
}

function join(kind: "and" | "or", terms: readonly Expression[]): Expression {
  const [only] = terms;
  return terms.length === 1 && only !== undefined ? only : { kind, of: terms };
}

function escapeRegex(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
}
