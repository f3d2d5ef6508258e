import type { Aggregation, Expression, Relation } from "../ir.ts";

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
      const values = relation.aggregations.map(showAggregation);
      const by = keys.length === 0 ? "" : ` by ${keys.join(", ")}`;
      return `summarize ${values.join(", ")}${by}\n${printTree(relation.input)}`;
    }
    case "sort": {
      const keys = relation.keys.map((key) => `${show(key.value)} ${key.direction} nulls ${key.nulls}`);
      return `sort ${keys.join(", ")}\n${printTree(relation.input)}`;
    }
    case "take":
      return `take ${relation.count}\n${printTree(relation.input)}`;
    case "sample":
      return `sample ${relation.count}\n${printTree(relation.input)}`;
    case "values":
      return `values ${relation.columns.map((each) => name(each.name, each.type)).join(", ")}: ${JSON.stringify(relation.rows)}`;
    case "range":
      return `range from ${relation.start} step ${relation.step}, ${relation.count} times`;
    case "join": {
      const on = relation.on.map(({ left, right }) => `${show(left)} == ${show(right)}`);
      return `join ${relation.join} on ${on.join(" and ")}\n${indented(relation.left)}\nwith\n${indented(relation.right)}`;
    }
    case "union":
      return `union\n${relation.inputs.map(indented).join("\nand\n")}`;
    case "expand": {
      const items = relation.items.map((each) => `${name(each.name, each.type)} = ${show(each.value)}`);
      return `expand ${items.join(", ")}\n${printTree(relation.input)}`;
    }
    case "window": {
      const items = relation.items.map(
        (each) => `${name(each.name, each.type)} = ${each.function}(${each.args.map(show).join(", ")})`,
      );
      const order = relation.order.map((key) => `${show(key.value)} ${key.direction}`);
      const by = relation.partition.length === 0 ? "" : ` within ${relation.partition.map(show).join(", ")}`;
      return `window ${items.join(", ")}${by} over ${order.join(", ")}\n${printTree(relation.input)}`.replaceAll(
        "\u0000",
        "~",
      );
    }
    case "series": {
      const values = relation.aggregations.map(showAggregation);
      const keys = relation.keys.map(({ name: key, value }) => `${key} = ${show(value)}`);
      return `series ${values.join(", ")} on ${show(relation.axis.value)} step ${relation.step} by ${keys.join(", ")}\n${printTree(relation.input)}`;
    }
  }
}

const indented = (relation: Relation): string => printTree(relation).replace(/^/gm, "  ");

const showAggregation = (each: Aggregation): string =>
  `${name(each.name, each.type)} = ${each.function}(${each.args.map(show).join(", ")})`;

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
    case "element":
      return `${show(expression.base)}[${show(expression.key)}]`;
    case "scalar-query":
      return `scalar of\n${indented(expression.relation)}\n`;
    case "member-query":
      return `(${expression.op} ${show(expression.needle)} of\n${indented(expression.relation)}\n)`;
    case "texts":
      return `texts(${JSON.stringify(expression.source)})`;
    case "texts-test":
      return `(${expression.test.kind} ${show(expression.texts)})`;
  }
}
