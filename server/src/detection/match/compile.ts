import { assertNever } from "@tyto/domain";
import type { Diagnostic, MatchedTerm, Place } from "@tyto/domain";
import type { DetectionItem, Expression, ValueTest } from "../sigma/rule.ts";
import { literalOf } from "../sigma/pattern.ts";
import { foldCase } from "./fold.ts";
import { isInNetwork, parseIp, parseNetwork } from "./ip-address.ts";
import { compileRegex } from "./regex.ts";
import { timePartOf } from "./time-part.ts";
import type { FieldSlot, Subject } from "./subject.ts";
import { compilePattern } from "./text-test.ts";
import type { TextTest, TextValue } from "./text-test.ts";

const MAX_TERMS = 50;
const MAX_TERM_CHARACTERS = 1_000;

/** A rule's detection, ready to run: no parsing, no allocation but what `explain` returns. */
export interface Matcher {
  test(subject: Subject): boolean;
  /** Which terms of a matching event met the rule, at most 50; what stands under a `not` explains nothing. */
  explain(subject: Subject): readonly MatchedTerm[];
}

/** Where a rule's fields stand; one slot per distinct list of candidates, shared by all rules. */
export type SlotOf = (field: string) => FieldSlot;

export type CompileOutcome =
  | { readonly kind: "compiled"; readonly matcher: Matcher; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: "invalid" | "unsupported"; readonly diagnostics: readonly Diagnostic[] };

interface Node {
  test(subject: Subject): boolean;
  collect(subject: Subject, terms: MatchedTerm[]): void;
}

/** Compiles a detection into closures. What only compiling can find (a bad network, an expression RE2 refuses) is reported. */
export function compileDetection(detection: Expression, slotOf: SlotOf): CompileOutcome {
  const compiler = new Compiler(slotOf);
  const root = compiler.compile(detection);
  const { diagnostics, verdict } = compiler;
  if (verdict !== undefined) return { kind: verdict, diagnostics };
  const matcher: Matcher = {
    test: (subject) => root.test(subject),
    explain: (subject) => {
      const terms: MatchedTerm[] = [];
      root.collect(subject, terms);
      return terms.slice(0, MAX_TERMS);
    },
  };
  return { kind: "compiled", matcher, diagnostics };
}

class Compiler {
  readonly #slotOf: SlotOf;
  readonly diagnostics: Diagnostic[] = [];
  verdict: "invalid" | "unsupported" | undefined;

  constructor(slotOf: SlotOf) {
    this.#slotOf = slotOf;
  }

  compile(expression: Expression): Node {
    switch (expression.kind) {
      case "and": {
        const nodes = expression.of.map((one) => this.compile(one));
        return {
          test: (subject) => nodes.every((node) => node.test(subject)),
          collect: (subject, terms) => nodes.forEach((node) => node.collect(subject, terms)),
        };
      }
      case "or": {
        const nodes = expression.of.map((one) => this.compile(one));
        return {
          test: (subject) => nodes.some((node) => node.test(subject)),
          collect: (subject, terms) => {
            for (const node of nodes) if (node.test(subject)) node.collect(subject, terms);
          },
        };
      }
      case "not": {
        const node = this.compile(expression.of);
        return { test: (subject) => !node.test(subject), collect: () => undefined };
      }
      case "item":
        return this.#item(expression.item);
      default:
        return assertNever(expression);
    }
  }

  #item(item: DetectionItem): Node {
    const presence = item.field === null ? undefined : this.#presenceTest(item.field, item);
    if (presence !== undefined) return negatedIf(item.isNegated, presence);
    const tests = this.#valueTests(item);
    const values =
      item.field === null
        ? (subject: Subject): readonly TextValue[] => subject.keywords
        : valuesIn(this.#slotOf(item.field));
    const isAll = item.quantifier === "all";
    const node: Node = {
      test: isAll
        ? (subject) => tests.every((one) => one.test(subject, values(subject)))
        : (subject) => tests.some((one) => one.test(subject, values(subject))),
      collect: (subject, terms) => {
        const hit = values(subject).find((value) => tests.some((one) => one.test(subject, [value])));
        if (hit === undefined && item.field === null) return;
        const value = (hit?.text ?? "").slice(0, MAX_TERM_CHARACTERS);
        terms.push({ field: item.field ?? "", value, modifier: item.modifiers });
      },
    };
    return negatedIf(item.isNegated, node);
  }

  /** `exists` and null look at the field itself, not at its text. Undefined when no value of the item does. */
  #presenceTest(field: string, item: DetectionItem): Node | undefined {
    const [first] = item.tests;
    if (first?.kind !== "exists") return undefined;
    const slot = this.#slotOf(field);
    const { isPresent } = first;
    return {
      test: (subject) => subject.view(slot).isPresent === isPresent,
      collect: (subject, terms) => {
        const value = subject.view(slot).values[0]?.text ?? "";
        terms.push({ field, value: value.slice(0, MAX_TERM_CHARACTERS), modifier: item.modifiers });
      },
    };
  }

  #valueTests(item: DetectionItem): readonly ValuesTest[] {
    const slot = item.field === null ? undefined : this.#slotOf(item.field);
    if (item.quantifier === "all") return item.tests.map((test) => this.#valueTest(test, slot));
    // Equal texts, however many, are one look into a set: some rules list thousands.
    const equal = new Map<boolean, Set<string>>();
    const rest: ValueTest[] = [];
    for (const test of item.tests) {
      const texts = test.kind === "patterns" ? test.patterns.map(literalOf) : [undefined];
      if (test.kind === "patterns" && texts.every((text) => text !== undefined)) {
        const known = equal.get(test.isCased) ?? new Set();
        for (const text of texts) known.add(test.isCased ? text : foldCase(text));
        equal.set(test.isCased, known);
      } else {
        rest.push(test);
      }
    }
    const sets = [...equal].map(([isCased, texts]): ValuesTest => ({
      test: (_, values) => values.some((value) => texts.has(isCased ? value.text : value.folded)),
    }));
    return [...sets, ...rest.map((test) => this.#valueTest(test, slot))];
  }

  #valueTest(test: ValueTest, slot: FieldSlot | undefined): ValuesTest {
    switch (test.kind) {
      case "patterns":
        return anyValue(anyOf(test.patterns.map((pattern) => compilePattern(pattern, test.isCased))));
      case "null":
        return { test: (subject) => slot !== undefined && subject.view(slot).isNull };
      case "exists":
        return { test: () => false };
      case "regex": {
        const outcome = compileRegex(test.source, test);
        if (outcome.kind === "compiled") return anyValue(outcome.test);
        const message = `the expression cannot run in linear time: ${outcome.message}`;
        this.#report("unsupported", test.at, "unsupported-regex", message);
        return NEVER;
      }
      case "network":
        return this.#network(test.network, test.at);
      case "compare":
        return anyValue(numericTest(comparison(test.operator, test.operand)));
      case "time-part": {
        const meets = comparison(test.operator, test.operand);
        return anyValue(({ text }) => {
          const part = timePartOf(text, test.part);
          return part !== undefined && meets(part);
        });
      }
      case "field":
        return fieldComparison(this.#slotOf(test.other), test);
      default:
        return assertNever(test);
    }
  }

  #network(text: string, at: Place): ValuesTest {
    const network = parseNetwork(text);
    if (network === undefined) {
      this.#report(
        "invalid",
        at,
        "bad-network",
        `"${text}" is no network`,
        "as in 192.0.2.0/24 or 2001:db8::/32",
      );
      return NEVER;
    }
    if (network.hasHostBits) {
      const message = `${text} has bits beyond its prefix; they are ignored`;
      this.diagnostics.push({ severity: "warning", code: "host-bits", message, at });
    }
    return anyValue(({ text: value }) => {
      const address = parseIp(value);
      return address !== undefined && isInNetwork(address, network);
    });
  }

  #report(verdict: "invalid" | "unsupported", at: Place, code: string, message: string, hint?: string): void {
    this.verdict = this.verdict === "invalid" ? "invalid" : verdict;
    this.diagnostics.push({ severity: "error", code, message, at, ...(hint === undefined ? {} : { hint }) });
  }
}

/** A test over all values of a field at once: null and field comparisons look at more than one text. */
interface ValuesTest {
  test(subject: Subject, values: readonly TextValue[]): boolean;
}

const NEVER: ValuesTest = { test: () => false };

function anyValue(test: TextTest): ValuesTest {
  return { test: (_, values) => values.some(test) };
}

function anyOf(tests: readonly TextTest[]): TextTest {
  const [only] = tests;
  return tests.length === 1 && only !== undefined ? only : (value) => tests.some((test) => test(value));
}

function valuesIn(slot: FieldSlot): (subject: Subject) => readonly TextValue[] {
  return (subject) => subject.view(slot).values;
}

function negatedIf(isNegated: boolean, node: Node): Node {
  if (!isNegated) return node;
  return { test: (subject) => !node.test(subject), collect: () => undefined };
}

/** A text that is no number meets no comparison. */
function numericTest(meets: (value: number) => boolean): TextTest {
  return ({ text }) => {
    const trimmed = text.trim();
    const value = trimmed === "" ? Number.NaN : Number(trimmed);
    return Number.isFinite(value) && meets(value);
  };
}

function comparison(
  operator: "eq" | "lt" | "lte" | "gt" | "gte",
  operand: number,
): (value: number) => boolean {
  return (value) => {
    switch (operator) {
      case "eq":
        return value === operand;
      case "lt":
        return value < operand;
      case "lte":
        return value <= operand;
      case "gt":
        return value > operand;
      case "gte":
        return value >= operand;
      default:
        return assertNever(operator);
    }
  };
}

function fieldComparison(other: FieldSlot, test: Extract<ValueTest, { kind: "field" }>): ValuesTest {
  const pick = (value: TextValue): string => (test.isCased ? value.text : value.folded);
  const relate = (left: string, right: string): boolean => {
    switch (test.relation) {
      case "equals":
        return left === right;
      case "contains":
        return left.includes(right);
      case "startswith":
        return left.startsWith(right);
      case "endswith":
        return left.endsWith(right);
      default:
        return assertNever(test.relation);
    }
  };
  return {
    test: (subject, values) => {
      const others = subject.view(other).values;
      return values.some((left) => others.some((right) => relate(pick(left), pick(right))));
    },
  };
}
