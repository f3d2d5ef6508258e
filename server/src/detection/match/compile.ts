import { assertNever } from "@tyto/domain";
import type { Diagnostic, MatchedTerm } from "@tyto/domain";
import type { DetectionItem, Expression } from "../sigma/rule.ts";
import { allOf, anyOf, negated } from "./node.ts";
import type { Node } from "./node.ts";
import { ItemCompiler } from "./compile-item.ts";
import type { SharedTests } from "./shared-tests.ts";
import type { FieldSlot, Subject } from "./subject.ts";

const MAX_TERMS = 50;

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

/**
 * Compiles a detection into closures. What only compiling can find (a bad network, an expression RE2 refuses) is reported.
 * @param shared items that rules have in common; has counted this one. None = the rule stands alone.
 */
export function compileDetection(
  detection: Expression,
  slotOf: SlotOf,
  shared?: SharedTests,
): CompileOutcome {
  const compiler = new Compiler(slotOf, shared);
  const root = compiler.compile(detection);
  const { diagnostics, verdict } = compiler.items;
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

const NEVER: Node = { cost: 0, test: () => false, collect: () => undefined };

class Compiler {
  readonly items: ItemCompiler;
  readonly #shared: SharedTests | undefined;

  constructor(slotOf: SlotOf, shared: SharedTests | undefined) {
    this.#shared = shared;
    this.items = new ItemCompiler(slotOf);
  }

  compile(expression: Expression): Node {
    switch (expression.kind) {
      case "and":
        return allOf(expression.of.map((one) => this.compile(one)));
      case "or":
        return anyOf(expression.of.map((one) => this.compile(one)));
      case "not":
        return negated(this.compile(expression.of));
      case "item":
        return this.#item(expression.item);
      default:
        return assertNever(expression);
    }
  }

  #item(item: DetectionItem): Node {
    if (this.#shared === undefined) return this.items.compile(item);
    const compiled = this.#shared.node(item, () => {
      const node = this.items.compile(item);
      // What is wrong is not shared: every rule that holds it must hear of it.
      return this.items.verdict === undefined ? node : undefined;
    });
    return compiled ?? NEVER;
  }
}
