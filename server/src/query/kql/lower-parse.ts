import { HIDDEN } from "../finish-query.ts";
import {
  call,
  column,
  literal,
  type Expression,
  type KqlType,
  type NamedExpression,
  type Relation,
} from "../ir.ts";
import { refuse } from "../refusal.ts";
import { checkedPattern, escapeRegex } from "../text-match.ts";
import { cast, typeNamed } from "./lower-let.ts";
import { lowerExpression } from "./lower-expression.ts";
import { plainContext, withHidden, type Step } from "./operator-step.ts";
import {
  childAt,
  declaredName,
  listOf,
  parametersOf,
  refuseParameters,
  unsupported,
} from "./syntax-nodes.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

type Kind = "simple" | "regex" | "relaxed";

interface Capture {
  readonly name: string;
  readonly type: KqlType;
}

/** `parse` and `parse-where`: the pattern becomes one regular expression, each column one of its groups. */
export function lowerParse(node: SyntaxNode, step: Step): Relation {
  refuseParameters(node, ["kind", "flags"]);
  const { columns, input } = step;
  const context = plainContext(step);
  const parts = listOf(node);
  const source = node.children.find((child, at) => at > 0 && child.kind !== "token" && child.kind !== "list");
  if (source === undefined) return unsupported(node);
  const { pattern, captures } = patternOf(parts, { kind: kindOf(node), flags: flagsOf(node), node, step });
  const value = lowerExpression(source, context);
  const text = value.kind === "column" ? value : column(`${HIDDEN}parsed`, value.type, value.span);
  const base: Relation =
    value.kind === "column"
      ? input
      : {
          kind: "extend",
          input,
          items: [{ name: `${HIDDEN}parsed`, value }],
          columns: [
            ...input.columns.filter(({ name }) => name !== `${HIDDEN}parsed`),
            { name: `${HIDDEN}parsed`, type: value.type },
          ],
          span: node.span,
        };
  const filtered: Relation =
    node.name === "ParseWhereOperator"
      ? {
          kind: "filter",
          input: base,
          predicate: call("matches regex", "bool", [text, literal("string", pattern, node.span)], node.span),
          columns: base.columns,
          span: node.span,
        }
      : base;
  const items = captures.map(({ name, type }, index): NamedExpression => ({
    name,
    value: captured(text, pattern, index + 1, type, node),
  }));
  return { kind: "extend", input: filtered, items, columns: withHidden(columns, base), span: node.span };
}

function captured(
  text: Expression,
  pattern: string,
  group: number,
  type: KqlType,
  node: SyntaxNode,
): Expression {
  const found = call(
    "parse_group",
    "string",
    [text, literal("string", pattern, node.span), literal("long", group)],
    node.span,
  );
  return cast(found, type, node.span);
}

function kindOf(node: SyntaxNode): Kind {
  const written = parametersOf(node).get("kind");
  const text = written?.text ?? "simple";
  if (text === "simple" || text === "regex" || text === "relaxed") return text;
  return refuse(
    "unsupported",
    `There is no parse of kind \`${text}\``,
    written?.syntax.span ?? node.span,
    "there are simple, regex and relaxed",
  );
}

function flagsOf(node: SyntaxNode): string {
  const flags = parametersOf(node).get("flags");
  if (flags === undefined) return "";
  if (/^[Umsi]{1,4}$/.test(flags.text)) return flags.text;
  return refuse(
    "unsupported",
    `\`${flags.text}\` are no flags`,
    flags.syntax.span,
    "there are U, m, s and i",
  );
}

/** What a typed column takes, when the whole line must fit. */
const STRICT: Readonly<Partial<Record<KqlType, string>>> = {
  int: "\\s*([-+]?\\d+)",
  long: "\\s*([-+]?\\d+)",
  real: "\\s*([-+]?\\d+(?:\\.\\d+)?(?:[eE][-+]?\\d+)?)",
};

function patternOf(
  parts: readonly Syntax[],
  options: { readonly kind: Kind; readonly flags: string; readonly node: SyntaxNode; readonly step: Step },
): { readonly pattern: string; readonly captures: readonly Capture[] } {
  const { kind, flags, node, step } = options;
  const captures: Capture[] = [];
  const pieces = parts.map((part, index): string => {
    if (part.kind === "node" && part.name === "StarExpression") return ".*?";
    if (part.kind === "literal" && part.type === "string") {
      return kind === "regex" ? `(?:${part.value ?? ""})` : escapeRegex(part.value ?? "");
    }
    const { name, type } = captureOf(part);
    captures.push({ name: step.context.original(name), type });
    const strict = kind === "relaxed" ? undefined : STRICT[type];
    // The last column takes all that is left.
    return strict ?? (index === parts.length - 1 ? "(.*)" : "(.*?)");
  });
  const [first, last] = [parts[0], parts.at(-1)];
  const isOpen = first?.kind === "node" && first.name === "StarExpression";
  const endsWithColumn = last?.kind === "node" && last.name !== "StarExpression";
  const inner = `${isOpen || kind === "regex" ? "" : "^"}${pieces.join("")}${endsWithColumn && pieces.at(-1) === "(.*)" ? "$" : ""}`;
  const pattern = `(?s${flags.replace("s", "")})${inner}`;
  checkedPattern(pattern, node.span);
  const groups = capturingGroups(inner);
  if (groups !== captures.length) {
    refuse(
      "bad-pattern",
      "The pattern has groups of its own",
      node.span,
      "write (?:…) for groups without a column",
    );
  }
  return { pattern, captures };
}

function capturingGroups(pattern: string): number {
  const bare = pattern.replace(/\\Q.*?\\E|\\./gs, "").replace(/\[\^?\]?[^\]]*\]/g, "x");
  return [...bare.matchAll(/\((?!\?)|\(\?P?</g)].length;
}

function captureOf(part: Syntax): Capture {
  if (part.kind !== "node") return unsupported(part);
  if (part.name === "NameAndTypeDeclaration") {
    return { name: declaredName(childAt(part, 0)), type: typeNamed(childAt(part, 2)) };
  }
  if (part.name === "NameDeclaration" || part.name === "NameReference")
    return { name: declaredName(part), type: "string" };
  return unsupported(part);
}
