import { assertNever } from "@tyto/domain";
import { call, junction, literal, not, parseIpRange, texts, textsTest } from "../../query/index.ts";
import type { EventTest, QueryExpression, TextPattern } from "../../query/index.ts";
import type { ResolvedLogsource } from "../logsource/logsource-map.ts";
import { foldCase } from "../match/fold.ts";
import { MAX_SUBJECT } from "../match/regex.ts";
import { DASHES } from "../sigma/pattern.ts";
import type { Pattern } from "../sigma/pattern.ts";
import type { DetectionItem, Expression, ValueTest } from "../sigma/rule.ts";
import { lowerGate } from "./lower-gate.ts";

/** Ways through nested values that a statement spells out for one field; a rule with more is left to the matcher. */
const MAX_WAYS = 128;

/** A rule over events in the query's typed form. `match/compile.ts` says what each test means; this says the same again. */
export function lowerRule(rule: {
  readonly logsource: ResolvedLogsource;
  readonly detection: Expression;
}): EventTest & {
  /** No event needs the matcher because of what the rule asks, only because of what stands in it. */
  readonly isExact: boolean;
} {
  const lowering = new Lowering(rule.logsource);
  const predicate = lowering.expression(rule.detection);
  const gate = lowerGate(rule.logsource);
  if (lowering.isTooDeep) {
    return { gate, predicate: literal("bool", false), doubt: literal("bool", true), isExact: false };
  }
  return { gate, predicate, doubt: lowering.doubt(), isExact: true };
}

class Lowering {
  readonly #logsource: ResolvedLogsource;
  /** By their JSON: many items doubt the same. */
  readonly #doubts = new Map<string, QueryExpression>();
  isTooDeep = false;

  constructor(logsource: ResolvedLogsource) {
    this.#logsource = logsource;
  }

  doubt(): QueryExpression {
    return junction("or", [...this.#doubts.values()]);
  }

  expression(expression: Expression): QueryExpression {
    switch (expression.kind) {
      case "and":
      case "or":
        return junction(
          expression.kind,
          expression.of.map((one) => this.expression(one)),
        );
      case "not":
        return not(this.expression(expression.of));
      case "item": {
        const test = this.#item(expression.item);
        return expression.item.isNegated ? not(test) : test;
      }
      default:
        return assertNever(expression);
    }
  }

  #item(item: DetectionItem): QueryExpression {
    const [first] = item.tests;
    if (item.field !== null && first?.kind === "exists") {
      return call(first.isPresent ? ">=" : "<", "bool", [this.#presence(item.field), literal("long", 1)]);
    }
    this.#doubtRow(item.field);
    if (item.quantifier === "all")
      return junction(
        "and",
        item.tests.map((test) => this.#test(test, item.field)),
      );
    return junction(
      "or",
      merged(item.tests).map((test) => this.#test(test, item.field)),
    );
  }

  #test(test: ValueTest, field: string | null): QueryExpression {
    switch (test.kind) {
      case "patterns": {
        const patterns = test.patterns.map((pattern) => lowerPattern(pattern, test.isCased));
        return textsTest(this.#texts(field, test.isCased), { kind: "patterns", patterns });
      }
      case "null":
        if (field === null) return literal("bool", false);
        return call("<", "bool", [this.#presence(field), literal("long", 2)]);
      case "exists":
        return literal("bool", false);
      case "regex": {
        const subject = this.#texts(field, true);
        this.#add(textsTest(subject, { kind: "longer", bytes: MAX_SUBJECT }));
        return textsTest(subject, { kind: "regex", source: flagged(test) });
      }
      case "network":
        return this.#network(test.network, field);
      case "compare": {
        const subject = this.#texts(field, true);
        this.#add(textsTest(subject, { kind: "odd-number" }));
        return textsTest(subject, { kind: "compare", operator: test.operator, operand: test.operand });
      }
      case "time-part": {
        const subject = this.#texts(field, true);
        const { part, operator, operand } = test;
        this.#add(textsTest(subject, { kind: "odd-time", part }));
        return textsTest(subject, { kind: "time-part", part, operator, operand });
      }
      case "field": {
        this.#doubtRow(test.other);
        const others = this.#texts(test.other, test.isCased);
        return textsTest(this.#texts(field, test.isCased), {
          kind: "related",
          others,
          relation: test.relation,
        });
      }
      default:
        return assertNever(test);
    }
  }

  #network(text: string, field: string | null): QueryExpression {
    const range = parseIpRange(text);
    if (range === undefined) return literal("bool", false);
    const isV6 = text.includes(":");
    const bits = Number(text.split("/")[1] ?? (isV6 ? 128 : 32)) + (isV6 ? 0 : 96);
    return textsTest(this.#texts(field, true), { kind: "network", ...range, isMappedIn: bits >= 96 });
  }

  #texts(field: string | null, isCased: boolean): QueryExpression {
    if (field === null) return texts({ kind: "record", isFolded: !isCased });
    return texts({ kind: "field", names: this.#logsource.candidates(field), isFolded: !isCased });
  }

  #presence(field: string): QueryExpression {
    this.#checkPath(field);
    return texts({ kind: "presence", names: this.#logsource.candidates(field), isExact: false });
  }

  #doubtRow(field: string | null): void {
    if (field === null) {
      this.#add(isDoubtful(texts({ kind: "doubt", of: "record" })));
      return;
    }
    this.#checkPath(field);
    for (const doubt of rowDoubts(this.#logsource.candidates(field))) this.#add(doubt);
  }

  #checkPath(field: string): void {
    if (hasTooManyWays(this.#logsource.candidates(field))) this.isTooDeep = true;
  }

  #add(doubt: QueryExpression): void {
    this.#doubts.set(JSON.stringify(doubt), doubt);
  }
}

/** Rows of which the engine cannot tell what stands under these names: all of them, when the names can be read in too many ways. */
export function fieldDoubts(names: readonly string[]): readonly QueryExpression[] {
  return hasTooManyWays(names) ? [literal("bool", true)] : rowDoubts(names);
}

function rowDoubts(names: readonly string[]): readonly QueryExpression[] {
  const gathered = names.filter((name) => name.endsWith(".*"));
  return [
    texts({ kind: "doubt", of: "field" }),
    ...gathered.map((name) => texts({ kind: "gathered-doubt", start: name.slice(0, -1) })),
  ].map(isDoubtful);
}

/** A dot may stand in a key or between two: each one doubles the ways to read a name. */
function hasTooManyWays(names: readonly string[]): boolean {
  const ways = names.map((name) => (name.endsWith(".*") ? 1 : 2 ** (name.split(".").length - 1)));
  return ways.reduce((sum, one) => sum + one, 0) > MAX_WAYS;
}

function isDoubtful(doubt: QueryExpression): QueryExpression {
  return call("==", "bool", [doubt, literal("long", 1)]);
}

/** Pattern tests of one kind of case are one test: any of them is enough. */
function merged(tests: readonly ValueTest[]): readonly ValueTest[] {
  const patterns = [true, false].flatMap((isCased): readonly ValueTest[] => {
    const all = tests.flatMap((test) =>
      test.kind === "patterns" && test.isCased === isCased ? test.patterns : [],
    );
    return all.length === 0 ? [] : [{ kind: "patterns", patterns: all, isCased }];
  });
  return [...patterns, ...tests.filter(({ kind }) => kind !== "patterns")];
}

function lowerPattern(pattern: Pattern, isCased: boolean): TextPattern {
  return pattern.map((part) => {
    if (part.kind === "text") return isCased ? part : { kind: "text", text: foldCase(part.text) };
    return part.kind === "dash" ? { kind: "dash", dashes: DASHES } : part;
  });
}

/** Flags in front; without `s` a dot must not match a line break, which is the engine's default. */
function flagged(test: Extract<ValueTest, { readonly kind: "regex" }>): string {
  const on = `${test.isCaseInsensitive ? "i" : ""}${test.isMultiline ? "m" : ""}${test.isDotAll ? "s" : ""}`;
  return `(?${on}${test.isDotAll ? "" : "-s"})${test.source}`;
}
