import type { Micros } from "@tyto/domain";
import type { Relation, TableName } from "../ir.ts";
import type { QueryParameter } from "../query-parameters.ts";
import { refuse } from "../refusal.ts";
import { scanTable, TABLES } from "../tables.ts";
import { lowerExpression } from "./lower-expression.ts";
import { boundArguments, lowerLet, lowerParameters } from "./lower-let.ts";
import { lowerOperator, lowerSource, refuseOperator } from "./lower-operator.ts";
import {
  BUDGET,
  checkScans,
  deeper,
  outputColumns,
  spend,
  tableBinding,
  type LoweringContext,
} from "./lowering-context.ts";
import {
  argumentItems,
  childAt,
  functionName,
  isTabular,
  listItems,
  textOf,
  unsupported,
} from "./syntax-nodes.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

/** Operators of one pipe: each may be a level of the engine's statement, and those are nested. */
const MAX_OPERATORS = 60;

export function lowerQuery(
  root: Syntax,
  query: {
    readonly now: Micros;
    readonly original: LoweringContext["original"];
    readonly otherFields: readonly string[];
    readonly parameters: readonly QueryParameter[];
  },
): Relation {
  const statements = root.kind === "node" ? listItems(root).filter((item) => item.kind === "node") : [];
  const { now, original, otherFields } = query;
  let context: LoweringContext = {
    now,
    original,
    otherFields,
    bindings: new Map(),
    input: null,
    rows: null,
    aggregates: null,
    isSearch: false,
    budget: { left: BUDGET },
    depth: 0,
    lowerRelation,
  };
  let relation: Relation | undefined;
  for (const statement of statements) {
    if (statement.name === "LetStatement") {
      context = lowerLet(statement, context, lowerExpression);
    } else if (statement.name === "QueryParametersStatement") {
      context = lowerParameters(statement, context, lowerExpression, query.parameters);
    } else if (statement.name === "SetOptionStatement") {
      refuse(
        "unsupported",
        "Options are not supported",
        statement.span,
        "remove it: the limits are the server's",
      );
    } else if (statement.name === "ExpressionStatement" && relation === undefined) {
      relation = lowerRelation(childAt(statement, 0), context);
    } else {
      refuse("unsupported", "One query at a time", statement.span, "remove the other statements");
    }
  }
  return checkScans(
    relation ?? refuse("empty-query", "The query is empty", root.span, "write Events | where …"),
  );
}

/** Everything that is a table: a name, a pipe, a call of the query's own functions, an operator that needs no input. */
function lowerRelation(syntax: Syntax, outer: LoweringContext): Relation {
  if (syntax.kind !== "node") return refuse("unsupported", "A table is needed here", syntax.span);
  const context = deeper(outer, syntax.span);
  switch (syntax.name) {
    case "ParenthesizedExpression":
      return lowerRelation(childAt(syntax, 1), context);
    case "NameReference":
      return lowerTable(syntax, context);
    case "PipeExpression":
      return lowerPipe(syntax, context);
    case "MaterializeExpression": {
      const table = syntax.children.find(isTabular);
      return table === undefined ? unsupported(syntax) : lowerRelation(table, context);
    }
    case "FunctionCallExpression":
      return lowerTableCall(syntax, context, functionName(syntax));
    default:
      return lowerSource(syntax, context);
  }
}

function lowerTableCall(node: SyntaxNode, context: LoweringContext, name: string): Relation {
  const binding = context.bindings.get(name);
  if (binding?.kind !== "function") return refuseOperator(node);
  const args = node.name === "FunctionCallExpression" ? argumentItems(node) : [];
  const inner = boundArguments(binding, args, context, lowerExpression);
  return lowerRelation(inner.body, inner.context);
}

function lowerTable(node: SyntaxNode, context: LoweringContext): Relation {
  const written = node.symbol?.name ?? textOf(node);
  const binding = context.bindings.get(written);
  if (binding?.kind === "table") {
    spend(context, binding.size, node.span);
    return binding.relation;
  }
  if (binding?.kind === "function") return lowerTableCall(node, context, written);
  const name = Object.keys(TABLES).find((each): each is TableName => each === node.symbol?.name);
  if (name === undefined || node.symbol?.kind !== "table") {
    return refuse(
      "unknown-table",
      `There is no table \`${node.text}\``,
      node.span,
      "there are Events, Findings and Alerts",
    );
  }
  spend(context, BUDGET / 500, node.span);
  return scanTable(name, name === "Events" ? context.otherFields : [], node.span);
}

/** `a | b | c` is a deep tree to Kusto; here it is a loop. */
function lowerPipe(node: SyntaxNode, context: LoweringContext): Relation {
  const pipes: SyntaxNode[] = [];
  let first: Syntax = node;
  while (first.kind === "node" && first.name === "PipeExpression") {
    pipes.unshift(first);
    first = childAt(first, 0);
  }
  if (pipes.length > MAX_OPERATORS) {
    refuse(
      "too-many-operators",
      `More than ${MAX_OPERATORS} operators in one pipe`,
      node.span,
      "put conditions together",
    );
  }
  let current = context;
  let relation = lowerRelation(first, context);
  for (const pipe of pipes) {
    const operator = childAt(pipe, 2);
    if (operator.kind !== "node") return unsupported(operator);
    if (operator.name === "AsOperator") {
      const name = operator.children.find((child) => child.kind === "node");
      if (name === undefined) return unsupported(operator);
      const bindings = new Map(current.bindings).set(textOf(name), tableBinding(relation, operator.span));
      current = { ...current, bindings };
      continue;
    }
    relation = lowerOperator(operator, {
      input: relation,
      columns: outputColumns(pipe, context),
      context: current,
    });
  }
  return relation;
}
