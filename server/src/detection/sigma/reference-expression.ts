import type { Place } from "@tyto/domain";
import { didYouMean } from "./problems.ts";
import type { Problems } from "./problems.ts";
import type { ReferenceExpression, RuleReference } from "./rule.ts";

const MAX_NESTING = 50;
const MAX_TOKENS = 1_000;
const WORDS: ReadonlySet<string> = new Set(["and", "or", "not", "(", ")"]);

interface ExpressionSource {
  readonly text: string;
  readonly at: Place;
  /** The rules that may be named; empty = any, because the condition alone names them. */
  readonly known: readonly string[];
  readonly problems: Problems;
}

interface Token {
  readonly text: string;
  readonly offset: number;
}

class Unreadable extends Error {}

/** Reads `login and (scan or not patch)`: or < and < not < parentheses, as in a detection's condition. */
export function readReferenceExpression(source: ExpressionSource): ReferenceExpression | undefined {
  try {
    return new ExpressionReader(source).read();
  } catch (cause) {
    if (cause instanceof Unreadable) return undefined;
    throw cause;
  }
}

/** The references of an expression, each once, in the order of writing. */
export function referencesIn(expression: ReferenceExpression): readonly RuleReference[] {
  const found = new Map<string, RuleReference>();
  const walk = (one: ReferenceExpression): void => {
    if (one.kind === "reference") {
      if (!found.has(one.reference)) found.set(one.reference, { reference: one.reference, at: one.at });
    } else if (one.kind === "not") walk(one.of);
    else one.of.forEach(walk);
  };
  walk(expression);
  return [...found.values()];
}

class ExpressionReader {
  readonly #source: ExpressionSource;
  readonly #tokens: readonly Token[];
  #next = 0;
  #nesting = 0;

  constructor(source: ExpressionSource) {
    this.#source = source;
    this.#tokens = [...source.text.matchAll(/[()]|[^\s()]+/g)].map((match) => ({
      text: match[0],
      offset: match.index,
    }));
  }

  read(): ReferenceExpression {
    if (this.#tokens.length === 0) this.#fail(undefined, "empty-condition", "the condition is empty");
    if (this.#tokens.length > MAX_TOKENS) {
      this.#fail(undefined, "condition-too-long", "the condition is too long");
    }
    const expression = this.#or();
    const rest = this.#tokens[this.#next];
    if (rest !== undefined) {
      this.#fail(rest, "bad-condition", `"${rest.text}" stands where and, or, or the end should`);
    }
    return expression;
  }

  #or(): ReferenceExpression {
    const terms = [this.#and()];
    while (this.#takes("or")) terms.push(this.#and());
    return join("or", terms);
  }

  #and(): ReferenceExpression {
    const terms = [this.#not()];
    while (this.#takes("and")) terms.push(this.#not());
    return join("and", terms);
  }

  #not(): ReferenceExpression {
    let isNegated = false;
    while (this.#takes("not")) isNegated = !isNegated;
    const operand = this.#operand();
    return isNegated ? { kind: "not", of: operand } : operand;
  }

  #operand(): ReferenceExpression {
    const token = this.#tokens[this.#next++];
    if (token === undefined) return this.#fail(undefined, "bad-condition", "the condition ends too early");
    if (token.text === "(") {
      if (++this.#nesting > MAX_NESTING) {
        this.#fail(token, "condition-too-deep", `parentheses are nested deeper than ${MAX_NESTING}`);
      }
      const inner = this.#or();
      if (!this.#takes(")")) this.#fail(token, "bad-condition", "this parenthesis is never closed");
      this.#nesting--;
      return inner;
    }
    const { known } = this.#source;
    if (WORDS.has(token.text.toLowerCase())) {
      this.#fail(token, "bad-condition", `"${token.text}" stands where the name of a rule should`);
    }
    if (known.length > 0 && !known.includes(token.text)) {
      const message = `"${token.text}" is not among the correlation's rules`;
      this.#fail(token, "unknown-reference", message, didYouMean(token.text, known));
    }
    return { kind: "reference", reference: token.text, at: this.#placeOf(token) };
  }

  #takes(word: string): boolean {
    if (this.#tokens[this.#next]?.text.toLowerCase() !== word) return false;
    this.#next++;
    return true;
  }

  #placeOf(token: Token | undefined): Place {
    const { at, text } = this.#source;
    // Only a condition on one line can be counted through: folded and quoted text has lost its columns.
    if (token === undefined || at.column === undefined || text.includes("\n")) return at;
    return { ...at, column: at.column + token.offset };
  }

  #fail(token: Token | undefined, code: string, message: string, hint?: string): never {
    this.#source.problems.error(this.#placeOf(token), code, message, hint);
    throw new Unreadable();
  }
}

function join(kind: "and" | "or", terms: readonly ReferenceExpression[]): ReferenceExpression {
  const [only] = terms;
  return terms.length === 1 && only !== undefined ? only : { kind, of: terms };
}
