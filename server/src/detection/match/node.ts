import type { MatchedTerm } from "@tyto/domain";
import type { Subject } from "./subject.ts";

/** A compiled part of a detection. */
export interface Node {
  /** Rough price of a test, to ask cheap questions first: 1 = one comparison. */
  readonly cost: number;
  test(subject: Subject): boolean;
  /** Adds the terms that made a matching event match; what stands under a `not` explains nothing. */
  collect(subject: Subject, terms: MatchedTerm[]): void;
}

/** All of them hold. Asked cheapest first; terms come in the rule's order. */
export function allOf(nodes: readonly Node[]): Node {
  const asked = cheapestFirst(nodes);
  return {
    cost: sumOfCosts(nodes),
    test: (subject) => {
      for (const node of asked) if (!node.test(subject)) return false;
      return true;
    },
    collect: (subject, terms) => {
      for (const node of nodes) node.collect(subject, terms);
    },
  };
}

/** One of them holds. */
export function anyOf(nodes: readonly Node[]): Node {
  const asked = cheapestFirst(nodes);
  return {
    cost: sumOfCosts(nodes),
    test: (subject) => {
      for (const node of asked) if (node.test(subject)) return true;
      return false;
    },
    collect: (subject, terms) => {
      for (const node of nodes) if (node.test(subject)) node.collect(subject, terms);
    },
  };
}

export function negated(node: Node): Node {
  return { cost: node.cost, test: (subject) => !node.test(subject), collect: () => undefined };
}

function cheapestFirst(nodes: readonly Node[]): readonly Node[] {
  return [...nodes].sort((a, b) => a.cost - b.cost);
}

function sumOfCosts(nodes: readonly Node[]): number {
  return nodes.reduce((sum, { cost }) => sum + cost, 0);
}
