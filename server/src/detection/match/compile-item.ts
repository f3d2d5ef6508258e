import { assertNever } from "@tyto/domain";
import type { Diagnostic, Place } from "@tyto/domain";
import { literalOf } from "../sigma/pattern.ts";
import type { DetectionItem, ValueTest } from "../sigma/rule.ts";
import type { SlotOf } from "./compile.ts";
import { foldCase } from "./fold.ts";
import { isInNetwork, parseIp, parseNetwork } from "./ip-address.ts";
import { LiteralSet } from "./literals/literal-set.ts";
import type { Literal, LiteralSink } from "./literals/literal.ts";
import { negated } from "./node.ts";
import type { Node } from "./node.ts";
import { literalOfPattern } from "./pattern-literal.ts";
import { compileRegex } from "./regex.ts";
import type { FieldSlot, Subject } from "./subject.ts";
import { timePartOf } from "./time-part.ts";
import { compilePattern } from "./text-test.ts";
import type { TextTest, TextValue } from "./text-test.ts";

const MAX_TERM_CHARACTERS = 1_000;
/** Prices by which a rule's questions are put in order; only their order matters. */
const PATTERN_COST = 2;
const LITERAL_SET_COST = 10;
const NETWORK_COST = 10;
const KEYWORD_COST = 200;
const REGEX_COST = 50;
/** From this many literals on, seeking all of them at once is cheaper than one after another. */
const MANY_LITERALS = 6;

/** Compiles detection items. Collects what is wrong with them; what it returns then must not be run. */
export class ItemCompiler {
  readonly #slotOf: SlotOf;
  readonly diagnostics: Diagnostic[] = [];
  verdict: "invalid" | "unsupported" | undefined;

  constructor(slotOf: SlotOf) {
    this.#slotOf = slotOf;
  }

  compile(item: DetectionItem): Node {
    const presence = item.field === null ? undefined : this.#presenceTest(item.field, item);
    if (presence !== undefined) return negatedIf(item.isNegated, presence);
    const tests = this.#valueTests(item);
    const values =
      item.field === null
        ? (subject: Subject): readonly TextValue[] => subject.keywords
        : valuesIn(this.#slotOf(item.field));
    const isAll = item.quantifier === "all";
    const test = (subject: Subject, among: readonly TextValue[]): boolean => {
      for (const one of tests) if (one.test(subject, among) !== isAll) return !isAll;
      return isAll;
    };
    const node: Node = {
      cost: tests.reduce((sum, { cost }) => sum + cost, item.field === null ? KEYWORD_COST : 1),
      test: (subject) => test(subject, values(subject)),
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
      cost: 1,
      test: (subject) => subject.view(slot).isPresent === isPresent,
      collect: (subject, terms) => {
        const value = subject.view(slot).values[0]?.text ?? "";
        terms.push({ field, value: value.slice(0, MAX_TERM_CHARACTERS), modifier: item.modifiers });
      },
    };
  }

  /** Equal texts are one look into a set, and many literals one search: some rules list thousands. */
  #valueTests(item: DetectionItem): readonly ValuesTest[] {
    const slot = item.field === null ? undefined : this.#slotOf(item.field);
    if (item.quantifier === "all") return item.tests.map((test) => this.#valueTest(test, slot));
    const equal = new Map<boolean, Set<string>>();
    const sought: { readonly test: ValueTest; readonly literals: readonly Literal[] }[] = [];
    const rest: ValueTest[] = [];
    for (const test of item.tests) {
      const texts = test.kind === "patterns" ? test.patterns.map(literalOf) : [undefined];
      const literals = literalsOf(test);
      if (test.kind === "patterns" && texts.every((text) => text !== undefined)) {
        const known = equal.get(test.isCased) ?? new Set();
        for (const text of texts) known.add(test.isCased ? text : foldCase(text));
        equal.set(test.isCased, known);
      } else if (literals !== undefined) {
        sought.push({ test, literals });
      } else {
        rest.push(test);
      }
    }
    const sets = [...equal].map(([isCased, texts]) => equalTest(texts, isCased));
    const literals = sought.flatMap((one) => one.literals);
    const isMany = literals.length >= MANY_LITERALS;
    const one = isMany ? rest : [...sought.map(({ test }) => test), ...rest];
    return [
      ...sets,
      ...(isMany ? [literalSetTest(literals)] : []),
      ...one.map((test) => this.#valueTest(test, slot)),
    ];
  }

  #valueTest(test: ValueTest, slot: FieldSlot | undefined): ValuesTest {
    switch (test.kind) {
      case "patterns":
        return anyValue(
          anyTextOf(test.patterns.map((pattern) => compilePattern(pattern, test.isCased))),
          test.patterns.length * PATTERN_COST,
        );
      case "null":
        return { cost: 1, test: (subject) => slot !== undefined && subject.view(slot).isNull };
      case "exists":
        return NEVER;
      case "regex": {
        const outcome = compileRegex(test.source, test);
        if (outcome.kind === "compiled") return anyValue(outcome.test, REGEX_COST);
        const message = `the expression cannot run in linear time: ${outcome.message}`;
        this.#report("unsupported", test.at, "unsupported-regex", message);
        return NEVER;
      }
      case "network":
        return this.#network(test.network, test.at);
      case "compare":
        return anyValue(numericTest(comparison(test.operator, test.operand)), PATTERN_COST);
      case "time-part": {
        const meets = comparison(test.operator, test.operand);
        return anyValue(({ text }) => {
          const part = timePartOf(text, test.part);
          return part !== undefined && meets(part);
        }, NETWORK_COST);
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
    }, NETWORK_COST);
  }

  #report(verdict: "invalid" | "unsupported", at: Place, code: string, message: string, hint?: string): void {
    this.verdict = this.verdict === "invalid" ? "invalid" : verdict;
    this.diagnostics.push({ severity: "error", code, message, at, ...(hint === undefined ? {} : { hint }) });
  }
}

/** Folding keeps lengths, so what has none of theirs need not be folded. */
function equalTest(texts: ReadonlySet<string>, isCased: boolean): ValuesTest {
  const lengths = new Set([...texts].map((text) => text.length));
  return anyValue(
    (value) => lengths.has(value.text.length) && texts.has(isCased ? value.text : value.folded),
    1,
  );
}

/** A test over all values of a field at once: null and field comparisons look at more than one text. */
interface ValuesTest {
  readonly cost: number;
  test(subject: Subject, values: readonly TextValue[]): boolean;
}

const NEVER: ValuesTest = { cost: 0, test: () => false };

function anyValue(test: TextTest, cost: number): ValuesTest {
  return {
    cost,
    test: (_, values) => {
      for (const value of values) if (test(value)) return true;
      return false;
    },
  };
}

/** The literals of a test that is nothing but literals without regard to case. */
function literalsOf(test: ValueTest): readonly Literal[] | undefined {
  if (test.kind !== "patterns" || test.isCased) return undefined;
  const literals = test.patterns.map(literalOfPattern);
  const all = literals.filter((literal) => literal !== undefined);
  return all.length === literals.length ? all.map((literal) => ({ ...literal, payload: 0 })) : undefined;
}

const FIRST_FOUND: LiteralSink = { found: () => true };

function literalSetTest(literals: readonly Literal[]): ValuesTest {
  // Made when it is first asked: of thousands of rules, few are ever more than looked for.
  let set: LiteralSet | undefined;
  return anyValue(
    ({ text }) => (set ??= new LiteralSet(literals)).search(text, FIRST_FOUND),
    LITERAL_SET_COST,
  );
}

function anyTextOf(tests: readonly TextTest[]): TextTest {
  const [only] = tests;
  return tests.length === 1 && only !== undefined ? only : (value) => tests.some((test) => test(value));
}

function valuesIn(slot: FieldSlot): (subject: Subject) => readonly TextValue[] {
  return (subject) => subject.view(slot).values;
}

function negatedIf(isNegated: boolean, node: Node): Node {
  return isNegated ? negated(node) : node;
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
  const relate = (left: TextValue, right: TextValue): boolean => {
    // Folding keeps lengths, and a longer text stands in no shorter one.
    const excess = left.text.length - right.text.length;
    switch (test.relation) {
      case "equals":
        return excess === 0 && pick(left) === pick(right);
      case "contains":
        return excess >= 0 && pick(left).includes(pick(right));
      case "startswith":
        return excess >= 0 && pick(left).startsWith(pick(right));
      case "endswith":
        return excess >= 0 && pick(left).endsWith(pick(right));
      default:
        return assertNever(test.relation);
    }
  };
  return {
    cost: 2 * PATTERN_COST,
    test: (subject, values) => {
      const others = subject.view(other).values;
      return values.some((left) => others.some((right) => relate(left, right)));
    },
  };
}
