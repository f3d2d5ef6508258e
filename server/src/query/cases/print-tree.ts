import type { Expression, Relation } from "../ir.ts";

/** A relation as indented text, the scan last: what the golden files show of the tree. */
export function printTree(relation: Relation): string {
  switch (relation.kind) {
    case "scan":
      return `scan ${relation.table}`;
    case "filter":
      return `filter ${show(relation.predicate)}\n${printTree(relation.input)}`;
    case "project":
    case "extend": {
      const items = relation.items.map(({ name, value }) => `${name} = ${show(value)}`);
      return `${relation.kind} ${items.join(", ")}\n${printTree(relation.input)}`;
    }
    case "summarize": {
      const keys = relation.keys.map(({ name, value }) => `${name} = ${show(value)}`);
      const values = relation.aggregations.map(
        (each) => `${name(each.name, each.type)} = ${each.function}(${each.args.map(show).join(", ")})`,
      );
      const by = keys.length === 0 ? "" : ` by ${keys.join(", ")}`;
      return `summarize ${values.join(", ")}${by}\n${printTree(relation.input)}`;
    }
    case "sort": {
      const keys = relation.keys.map((key) => `${show(key.value)} ${key.direction} nulls ${key.nulls}`);
      return `sort ${keys.join(", ")}\n${printTree(relation.input)}`;
    }
    case "take":
      return `take ${relation.count}\n${printTree(relation.input)}`;
  }
}

const name = (text: string, type: string): string => `${text}:${type}`;

function show(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return `${JSON.stringify(expression.value)}:${expression.type}`;
    case "column":
      return name(expression.name, expression.type);
    case "member":
      return `${show(expression.base)}[${JSON.stringify(expression.key)}]`;
    case "call":
      return `(${[expression.op, ...expression.args.map(show)].join(" ")})`;
    case "texts":
      return `texts(${JSON.stringify(expression.source)})`;
    case "texts-test":
      return `(${expression.test.kind} ${show(expression.texts)})`;
  }
}
