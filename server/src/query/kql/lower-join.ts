import {
  column,
  literal,
  JOIN_KINDS,
  type Column,
  type Expression,
  type JoinKind,
  type JoinOutput,
  type NamedExpression,
  type Relation,
} from "../ir.ts";
import { refuse } from "../refusal.ts";
import { checkScans, type LoweringContext } from "./lowering-context.ts";
import { visible, type Step } from "./operator-step.ts";
import {
  childAt,
  childNamed,
  isTabular,
  listItems,
  listOf,
  parametersOf,
  refuseParameters,
  textOf,
  unsupported,
} from "./syntax-nodes.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

const KIND_NAMES: ReadonlyMap<string, JoinKind> = new Map<string, JoinKind>([
  ...JOIN_KINDS.map((kind): [string, JoinKind] => [kind, kind]),
  ["anti", "leftanti"],
  ["leftantisemi", "leftanti"],
  ["rightantisemi", "rightanti"],
]);

export function lowerJoin(node: SyntaxNode, step: Step): Relation {
  refuseParameters(node, ["kind"]);
  const kind = kindOf(node, "innerunique");
  const { left, right, on } = sidesOf(node, step);
  const sides: readonly (readonly [JoinOutput["side"], Column])[] =
    kind.startsWith("left") && kind !== "leftouter"
      ? visible(left.columns).map((each) => ["left", each] as const)
      : kind.startsWith("right") && kind !== "rightouter"
        ? visible(right.columns).map((each) => ["right", each] as const)
        : [
            ...visible(left.columns).map((each) => ["left", each] as const),
            ...visible(right.columns).map((each) => ["right", each] as const),
          ];
  return joined(node, kind, { left, right, on, sides, columns: step.columns });
}

/** `lookup`: the keys of the right side are those of the left. */
export function lowerLookup(node: SyntaxNode, step: Step): Relation {
  refuseParameters(node, ["kind"]);
  const kind = kindOf(node, "leftouter");
  if (kind !== "leftouter" && kind !== "inner")
    refuse("unsupported", "`lookup` is leftouter or inner", node.span, "use join");
  const { left, right, on } = sidesOf(node, step);
  const keys = new Set(on.map((pair) => (pair.right.kind === "column" ? pair.right.name : "")));
  const sides = [
    ...visible(left.columns).map((each) => ["left", each] as const),
    ...visible(right.columns)
      .filter(({ name }) => !keys.has(name))
      .map((each) => ["right", each] as const),
  ];
  return joined(node, kind, { left, right, on, sides, columns: step.columns });
}

function kindOf(node: SyntaxNode, usual: JoinKind): JoinKind {
  const written = parametersOf(node).get("kind");
  if (written === undefined) return usual;
  return (
    KIND_NAMES.get(written.text) ??
    refuse(
      "unsupported",
      `There is no join of kind \`${written.text}\``,
      written.syntax.span,
      `there are ${JOIN_KINDS.join(", ")}`,
    )
  );
}

interface Sides {
  readonly left: Relation;
  readonly right: Relation;
  readonly on: readonly { readonly left: Expression; readonly right: Expression }[];
}

function joined(
  node: SyntaxNode,
  kind: JoinKind,
  parts: Sides & {
    readonly sides: readonly (readonly [JoinOutput["side"], Column])[];
    readonly columns: readonly Column[];
  },
): Relation {
  const { sides, columns, left, right, on } = parts;
  if (sides.length !== columns.length) {
    refuse(
      "unsupported",
      "The columns of this join are not clear",
      node.span,
      "project the columns that you need on both sides",
    );
  }
  const outputs = sides.map(([side, { name, type }], index): JoinOutput => ({
    name: columns[index]?.name ?? name,
    type,
    side,
    from: name,
  }));
  return checkScans({ kind: "join", join: kind, left, right, on, columns: outputs, span: node.span });
}

function sidesOf(node: SyntaxNode, step: Step): Sides {
  const table = node.children.find(isTabular);
  const clause = childNamed(node, "JoinOnClause");
  if (table === undefined || clause === undefined) {
    return refuse(
      "unsupported",
      "A join needs its keys",
      node.span,
      "write on user.name, or on $left.a == $right.b",
    );
  }
  const right = step.context.lowerRelation(table, {
    ...step.context,
    input: null,
    rows: null,
    aggregates: null,
  });
  const context = { ...step.context, input: step.input, rows: null };
  const on = listItems(clause)
    .flatMap((item) => conditions(item))
    .map((item) => keyPair(item, step.input, right, context));
  return { left: step.input, right, on };
}

function conditions(item: Syntax): readonly Syntax[] {
  if (item.kind === "node" && item.name === "ParenthesizedExpression") return conditions(childAt(item, 1));
  if (item.kind !== "node" || item.name !== "BinaryExpression" || textOf(childAt(item, 1)) !== "and")
    return [item];
  return [...conditions(childAt(item, 0)), ...conditions(childAt(item, 2))];
}

function keyPair(
  item: Syntax,
  left: Relation,
  right: Relation,
  context: LoweringContext,
): Sides["on"][number] {
  if (item.kind !== "node") return unsupported(item);
  if (item.name === "BinaryExpression" && textOf(childAt(item, 1)) === "==") {
    const sides = [childAt(item, 0), childAt(item, 2)].map((each) => sideColumn(each, left, right, context));
    const found = {
      left: sides.find((each) => each.side === "left"),
      right: sides.find((each) => each.side === "right"),
    };
    if (found.left !== undefined && found.right !== undefined)
      return { left: found.left.value, right: found.right.value };
  }
  if (item.name === "NameReference" && item.symbol?.kind === "column") {
    const name = context.original(item.symbol.name);
    const [a, b] = [left, right].map((side) => side.columns.find((each) => each.name === name));
    if (a !== undefined && b !== undefined)
      return { left: column(name, a.type, item.span), right: column(name, b.type, item.span) };
  }
  return refuse(
    "unsupported",
    "Rows are joined on equal columns",
    item.span,
    "write on user.name, or on $left.a == $right.b",
  );
}

function sideColumn(
  syntax: Syntax,
  left: Relation,
  right: Relation,
  context: LoweringContext,
): { readonly side: "left" | "right" | null; readonly value: Expression } {
  const other = { side: null, value: literal("bool", true, syntax.span) };
  if (syntax.kind !== "node" || syntax.name !== "PathExpression") return other;
  const owner = textOf(childAt(syntax, 0)).trim();
  const side = owner === "$left" ? "left" : owner === "$right" ? "right" : null;
  if (side === null) return other;
  const last = childAt(syntax, 2);
  const name = context.original(
    syntax.symbol?.name ?? (last.kind === "node" ? last.symbol?.name : undefined) ?? textOf(last),
  );
  const found = (side === "left" ? left : right).columns.find((each) => each.name === name);
  if (found === undefined)
    return refuse("unknown-name", `The ${side} side has no column \`${name}\``, syntax.span);
  return { side, value: column(found.name, found.type, syntax.span) };
}

/** What stands before a pipe is the first input. */
export function lowerUnion(
  node: SyntaxNode,
  step: Omit<Step, "input"> & { readonly input: Relation | null },
): Relation {
  refuseParameters(node, ["kind", "withsource", "isfuzzy"]);
  const parameters = parametersOf(node);
  const isFuzzy = parameters.get("isfuzzy")?.text === "true";
  const source = parameters.get("withsource")?.text ?? null;
  const context = { ...step.context, input: null, rows: null, aggregates: null };
  const inputs = listOf(node)
    .filter(
      (item) => !(isFuzzy && item.kind === "node" && item.name === "NameReference" && item.symbol === null),
    )
    .map((item) => ({ relation: context.lowerRelation(item, context), name: sourceName(item) }));
  const all = step.input === null ? inputs : [{ relation: step.input, name: null }, ...inputs];
  const relations = all.map(({ relation, name }, index) =>
    inShape(
      relation,
      step.columns,
      source === null ? null : { column: source, name: name ?? `union_arg${index}` },
    ),
  );
  return checkScans(unionOf(relations, step.columns, node.span));
}

export function unionOf(
  inputs: readonly Relation[],
  columns: readonly Column[],
  span: Relation["span"],
): Relation {
  const [first] = inputs;
  if (first === undefined) return { kind: "values", rows: [], columns, span };
  return inputs.length === 1 ? first : { kind: "union", inputs, columns, span };
}

const sourceName = (item: Syntax): string | null =>
  item.kind === "node" && item.name === "NameReference" ? textOf(item).trim() : null;

/** The input with exactly these columns: what it lacks is missing in all its rows. */
export function inShape(
  input: Relation,
  columns: readonly Column[],
  source: { readonly column: string; readonly name: string } | null,
): Relation {
  const items = columns.map(({ name, type }): NamedExpression => {
    if (name === source?.column) return { name, value: literal("string", source.name) };
    // Columns of one name and several types come out as `name_type`.
    const found =
      input.columns.find((each) => each.name === name && each.type === type) ??
      input.columns.find((each) => `${each.name}_${each.type}` === name && each.type === type);
    return {
      name,
      value: found === undefined ? literal(type, type === "string" ? "" : null) : column(found.name, type),
    };
  });
  return { kind: "project", input, items, isWide: true, columns, span: input.span };
}
