import type { MatchedTerm } from "@tyto/domain";
import type { DetectionItem, ValueTest } from "../sigma/rule.ts";
import type { Node } from "./node.ts";
import type { Subject } from "./subject.ts";

/** Longer lists are hardly ever written twice, and their keys would cost more than they save. */
const MAX_SHARED_VALUES = 100;

/**
 * Detection items that several rules have in common, while rules are being compiled: each is compiled once, and an event is asked
 * once. Only what really is asked twice remembers its answer.
 */
export class SharedTests {
  readonly #known = new Map<string, SharedNode>();
  #shared = 0;

  /** The node of an equal item that was compiled before, or a new one. `undefined` passes on what cannot compile. */
  node(slot: number, item: DetectionItem, compile: () => Node | undefined): Node | undefined {
    const key = item.tests.length > MAX_SHARED_VALUES ? undefined : keyOf(slot, item);
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) {
      known.share(() => this.#shared++);
      return known;
    }
    const compiled = compile();
    if (key === undefined || compiled === undefined) return compiled;
    const node = new SharedNode(compiled);
    this.#known.set(key, node);
    return node;
  }
}

class SharedNode implements Node {
  readonly #node: Node;
  #number: number | undefined;

  constructor(node: Node) {
    this.#node = node;
  }

  get cost(): number {
    return this.#node.cost;
  }

  share(number: () => number): void {
    this.#number ??= number();
  }

  test(subject: Subject): boolean {
    const { results } = subject;
    if (this.#number === undefined || results === undefined) return this.#node.test(subject);
    const known = results.answer(this.#number);
    if (known !== undefined) return known;
    const isTrue = this.#node.test(subject);
    results.remember(this.#number, isTrue);
    return isTrue;
  }

  collect(subject: Subject, terms: MatchedTerm[]): void {
    this.#node.collect(subject, terms);
  }
}

/** Equal keys mean equal items in all that matching and explaining look at. */
function keyOf(slot: number, item: DetectionItem): string {
  const head = `${slot}|${item.field ?? ""}|${item.modifiers}|${item.quantifier}|${item.isNegated ? "not" : ""}`;
  return item.tests.reduce((key, test) => `${key}\u0000${keyOfTest(test)}`, head);
}

function keyOfTest(test: ValueTest): string {
  if (test.kind !== "patterns")
    return JSON.stringify(test, (name, value: unknown) => (name === "at" ? undefined : value));
  let key = test.isCased ? "cased" : "text";
  for (const pattern of test.patterns) {
    key += "\u0001";
    for (const part of pattern) key += part.kind === "text" ? `\u0002${part.text}` : `\u0003${part.kind}`;
  }
  return key;
}
