import { scanOf } from "../finish-query.ts";
import { literal, type NamedExpression, type Relation } from "../ir.ts";
import { scanTable, TABLES } from "../tables.ts";
import { lowerExpression } from "./lower-expression.ts";
import { inShape, unionOf } from "./lower-join.ts";
import { checkScans } from "./lowering-context.ts";
import { withoutMissing } from "./search-terms.ts";
import { kept, visible, type Step } from "./operator-step.ts";
import { childNamed, lastChild, listItems, refuseParameters, textOf } from "./syntax-nodes.ts";
import type { SyntaxNode } from "./syntax.ts";

const TABLE = "$table";

/** `search "term" and …` over the rows from before, over named tables, or over all: each looks in its own columns. */
export function lowerSearch(
  node: SyntaxNode,
  step: Omit<Step, "input"> & { readonly input: Relation | null },
): Relation {
  refuseParameters(node, ["kind"]);
  const { context } = step;
  const clause = childNamed(node, "FindInClause");
  const inner = { ...context, input: null, rows: null, aggregates: null };
  const named =
    clause === undefined
      ? Object.values(TABLES).map(({ name }) => ({
          name: name,
          relation: scanTable(name, name === "Events" ? context.otherFields : [], node.span),
        }))
      : listItems(clause).map((item) => ({
          name: textOf(item).trim(),
          relation: context.lowerRelation(item, inner),
        }));
  const sources = step.input === null ? named : [{ name: "", relation: step.input }];
  const searched = sources.map(({ name, relation }): Relation => {
    const within = { ...context, input: relation, rows: null, isSearch: true };
    const names = new Set(relation.columns.map((each) => each.name));
    const predicate = withoutMissing(lowerExpression(lastChild(node), within), names);
    const filtered: Relation = {
      kind: "filter",
      input: relation,
      predicate,
      columns: relation.columns,
      span: node.span,
    };
    const items: readonly NamedExpression[] = [
      { name: TABLE, value: literal("string", name === "" ? (scanOf(relation)?.table ?? "") : name) },
      ...visible(relation.columns).map(kept),
    ];
    const columns = [{ name: TABLE, type: "string" as const }, ...visible(relation.columns)];
    const all: Relation = { kind: "project", input: filtered, items, isWide: true, columns, span: node.span };
    return sources.length === 1 ? all : inShape(all, step.columns, { column: TABLE, name });
  });
  return checkScans(unionOf(searched, step.columns, node.span));
}
