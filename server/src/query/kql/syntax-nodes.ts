import { refuse } from "../refusal.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

/** Looking around in Kusto's tree. */

export function unsupported(syntax: Syntax): never {
  const shape = syntax.kind === "node" ? syntax.name.replace(/(?:Expression|Operator)$/, "") : "This";
  return refuse("unsupported", `${shape || "This"} is not supported here`, syntax.span);
}

export function childAt(node: SyntaxNode, index: number): Syntax {
  return node.children[index] ?? unsupported(node);
}

export function lastChild(node: SyntaxNode): Syntax {
  return childAt(node, node.children.length - 1);
}

/** The first child of one of these names. */
export function childNamed(node: SyntaxNode, ...names: readonly string[]): SyntaxNode | undefined {
  return node.children.find(
    (child): child is SyntaxNode => child.kind === "node" && names.includes(child.name),
  );
}

/** Children that are no tokens and no lists. */
export function valuesOf(node: SyntaxNode): readonly Syntax[] {
  return node.children.filter((child) => child.kind !== "token" && child.kind !== "list");
}

/** The items of the one list among a node's children. */
export function listItems(node: SyntaxNode): readonly Syntax[] {
  return node.children.flatMap((child) => (child.kind === "list" ? child.items : []));
}

/** The operator's last list: parameters come in one of their own before. */
export function listOf(node: SyntaxNode): readonly Syntax[] {
  const list = node.children.filter((child) => child.kind === "list").at(-1);
  return list?.items ?? [];
}

export function textOf(syntax: Syntax): string {
  switch (syntax.kind) {
    case "token":
      return syntax.text;
    case "node":
      return syntax.text;
    case "literal":
      return syntax.value ?? "";
    case "list":
      return syntax.items.map(textOf).join("");
  }
}

export function isTabular(syntax: Syntax): boolean {
  return syntax.kind === "node" && syntax.columns !== null && syntax.name !== "StarExpression";
}

export function functionName(node: SyntaxNode): string {
  const name = node.children[0];
  if (node.symbol?.kind === "function") return node.symbol.name;
  return name?.kind === "node" ? name.text : "";
}

/** The syntax of a call's arguments. */
export function argumentItems(node: SyntaxNode): readonly Syntax[] {
  const list = childNamed(node, "ExpressionList");
  return list === undefined ? [] : listItems(list);
}

/** Without the brackets that an unusual name is written in. */
export function declaredName(declaration: Syntax): string {
  return (declaration.kind === "node" ? declaration.symbol?.name : undefined) ?? textOf(declaration);
}

/** The value of `name = value`, or the value itself. */
export function namedValue(item: Syntax): { readonly name: string | null; readonly value: Syntax } {
  if (item.kind !== "node" || item.name !== "SimpleNamedExpression") return { name: null, value: item };
  return { name: declaredName(childAt(item, 0)), value: childAt(item, 2) };
}

/** `kind=inner`: parameters of an operator, by name. */
export function parametersOf(
  node: SyntaxNode,
): ReadonlyMap<string, { readonly text: string; readonly syntax: Syntax }> {
  const parameters = new Map<string, { readonly text: string; readonly syntax: Syntax }>();
  for (const item of listItems(node)) {
    if (item.kind !== "node" || item.name !== "NamedParameter") continue;
    parameters.set(textOf(childAt(item, 0)), { text: declaredName(childAt(item, 2)), syntax: item });
  }
  return parameters;
}

/** `hint.strategy=`: a query that would mean something else without a parameter is not run. */
export function refuseParameters(node: SyntaxNode, known: readonly string[] = []): void {
  for (const [name, { syntax }] of parametersOf(node)) {
    if (name.startsWith("hint.") || known.includes(name)) continue;
    refuse("unsupported", `\`${textOf(syntax)}\` is not supported`, syntax.span, "remove it");
  }
}
