import type { MatchedTerm } from "@tyto/domain";
import type { DetectionItem, Expression, ValueTest } from "../sigma/rule.ts";
import type { SlotOf } from "./compile.ts";
import type { Node } from "./node.ts";
import type { Subject } from "./subject.ts";

/** Longer lists are hardly ever written twice, and their keys would cost more than they save. */
const MAX_SHARED_VALUES = 100;

/**
 * Detection items that several rules have in common, while rules are being compiled: each is compiled once, and an event is asked
 * once. All rules are counted before the first is compiled, so that only what is asked twice remembers its answer.
 */
export class SharedTests {
  readonly #uses = new Map<string, number>();
  readonly #keys = new Map<DetectionItem, string>();
  readonly #nodes = new Map<string, Node>();
  #shared = 0;

  count(detection: Expression, slotOf: SlotOf): void {
    switch (detection.kind) {
      case "and":
      case "or":
        for (const one of detection.of) this.count(one, slotOf);
        return;
      case "not":
        return this.count(detection.of, slotOf);
      case "item": {
        const { item } = detection;
        if (item.tests.length > MAX_SHARED_VALUES) return;
        const key = keyOf(item.field === null ? -1 : slotOf(item.field).index, item);
        this.#keys.set(item, key);
        this.#uses.set(key, (this.#uses.get(key) ?? 0) + 1);
      }
    }
  }

  /** The node of an equal item that was compiled before, or a new one. `undefined` passes on what cannot compile. */
  node(item: DetectionItem, compile: () => Node | undefined): Node | undefined {
    const key = this.#keys.get(item);
    if (key === undefined || (this.#uses.get(key) ?? 0) < 2) return compile();
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const compiled = compile();
    if (compiled === undefined) return undefined;
    const node = new SharedNode(compiled, this.#shared++);
    this.#nodes.set(key, node);
    return node;
  }
}

class SharedNode implements Node {
  readonly #node: Node;
  readonly #number: number;

  constructor(node: Node, number: number) {
    this.#node = node;
    this.#number = number;
  }

  get cost(): number {
    return this.#node.cost;
  }

  test(subject: Subject): boolean {
    const { results } = subject;
    if (results === undefined) return this.#node.test(subject);
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
  let key = `${slot}|${item.field ?? ""}|${item.modifiers}|${item.quantifier}|${item.isNegated ? "not" : ""}`;
  for (const test of item.tests) key += `\u0000${keyOfTest(test)}`;
  return key;
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
