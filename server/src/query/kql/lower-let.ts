import {
  call,
  column,
  partsOf,
  type Column,
  type Expression,
  type KqlType,
  type Relation,
  type Span,
} from "../ir.ts";
import { parameterValue, type QueryParameter } from "../query-parameters.ts";
import { refuse } from "../refusal.ts";
import { typeOf } from "./lower-literal.ts";
import { spend, tableBinding, type Binding, type LoweringContext } from "./lowering-context.ts";
import {
  childAt,
  childNamed,
  declaredName,
  isTabular,
  listItems,
  textOf,
  unsupported,
} from "./syntax-nodes.ts";
import type { Syntax, SyntaxNode } from "./syntax.ts";

type Lower = (syntax: Syntax, context: LoweringContext) => Expression;

/** `let name = …;`: the bindings with one more. */
export function lowerLet(statement: SyntaxNode, context: LoweringContext, lower: Lower): LoweringContext {
  const [, name, , value] = statement.children;
  if (name === undefined || value === undefined) return unsupported(statement);
  const bindings = new Map(context.bindings);
  bindings.set(declaredName(name), bindingOf(value, context, lower));
  return { ...context, bindings };
}

function bindingOf(value: Syntax, context: LoweringContext, lower: Lower): Binding {
  if (value.kind === "node" && value.name === "FunctionDeclaration") {
    return { kind: "function", declaration: value, bindings: context.bindings };
  }
  if (isTabular(value)) return tableBinding(context.lowerRelation(value, context), value.span);
  return valueBinding(lower(value, context));
}

function valueBinding(value: Expression): Binding {
  return { kind: "value", value, size: sizeOf(value) };
}

const sizeOf = (value: Expression): number => partsOf(value).reduce((sum, part) => sum + sizeOf(part), 1);

/** Values for `declare query_parameters`: those that came with the query, else their defaults. */
export function lowerParameters(
  statement: SyntaxNode,
  context: LoweringContext,
  lower: Lower,
  given: readonly QueryParameter[],
): LoweringContext {
  const bindings = new Map(context.bindings);
  for (const item of listItems(statement)) {
    const parameter = parameterOf(item);
    const own = given.find(({ name }) => name === parameter.name);
    if (own !== undefined) {
      bindings.set(parameter.name, valueBinding(parameterValue(own)));
      continue;
    }
    const usual =
      parameter.usual ??
      refuse("unsupported", `\`${parameter.name}\` has no value`, item.span, "give it a default");
    bindings.set(parameter.name, valueBinding(lower(usual, context)));
  }
  return { ...context, bindings };
}

/** What a call costs beside what its arguments are. */
const CALL_COST = 50;

interface Parameter {
  readonly name: string;
  readonly type: KqlType | readonly Column[];
  readonly usual: Syntax | undefined;
}

function parameterOf(item: Syntax): Parameter {
  if (item.kind !== "node") return unsupported(item);
  const declaration = childNamed(item, "NameAndTypeDeclaration") ?? unsupported(item);
  const name = declaredName(childAt(declaration, 0));
  const usual = childNamed(item, "DefaultValueDeclaration");
  const schema = childNamed(declaration, "SchemaTypeExpression");
  if (schema !== undefined) {
    const columns = listItems(schema).map((each) => {
      if (each.kind !== "node" || each.name !== "NameAndTypeDeclaration") {
        return refuse(
          "unsupported",
          "The columns of this table are not known",
          each.span,
          "name them: (T:(user:string))",
        );
      }
      return { name: declaredName(childAt(each, 0)), type: primitive(childAt(each, 2)) };
    });
    return { name, type: columns, usual: undefined };
  }
  return {
    name,
    type: primitive(childAt(declaration, 2)),
    usual: usual === undefined ? undefined : childAt(usual, 1),
  };
}

function primitive(syntax: Syntax): KqlType {
  const name = textOf(syntax).trim();
  const type = TYPE_NAMES.get(name);
  return type ?? typeOf("other", syntax.span);
}

const TYPE_NAMES: ReadonlyMap<string, KqlType> = new Map<string, KqlType>([
  ["bool", "bool"],
  ["boolean", "bool"],
  ["date", "datetime"],
  ["datetime", "datetime"],
  ["double", "real"],
  ["dynamic", "dynamic"],
  ["int", "int"],
  ["long", "long"],
  ["real", "real"],
  ["string", "string"],
  ["time", "timespan"],
  ["timespan", "timespan"],
]);

export function typeNamed(syntax: Syntax): KqlType {
  return primitive(syntax);
}

/** A function's body, and the names that it sees: those of its declaration, and its parameters with the values of this call. */
export function boundArguments(
  binding: Extract<Binding, { readonly kind: "function" }>,
  args: readonly Syntax[],
  context: LoweringContext,
  lower: Lower,
  piped?: Relation,
): { readonly body: Syntax; readonly context: LoweringContext } {
  const { declaration } = binding;
  const parameters = childNamed(declaration, "FunctionParameters");
  const bindings = new Map(binding.bindings);
  const named = new Map<string, Syntax>();
  const positional: Syntax[] = [];
  for (const arg of args) {
    if (arg.kind === "node" && arg.name === "SimpleNamedExpression")
      named.set(declaredName(childAt(arg, 0)), childAt(arg, 2));
    else positional.push(arg);
  }
  const items = parameters === undefined ? [] : listItems(parameters);
  for (const [index, item] of items.entries()) {
    const parameter = parameterOf(item);
    if (index === 0 && piped !== undefined && typeof parameter.type !== "string") {
      const columns = parameter.type.map(({ name, type }) => ({ name: context.original(name), type }));
      bindings.set(parameter.name, tableBinding(only(piped, columns), item.span));
      continue;
    }
    const value = named.get(parameter.name) ?? positional.shift() ?? parameter.usual;
    if (value === undefined) {
      refuse("missing-argument", `\`${parameter.name}\` is missing`, declaration.span);
    }
    bindings.set(parameter.name, argumentBinding(parameter, value, context, lower));
  }
  spend(context, CALL_COST, declaration.span);
  const body = childNamed(declaration, "FunctionBody") ?? unsupported(declaration);
  let inner: LoweringContext = { ...context, bindings };
  for (const statement of listItems(body)) {
    if (statement.kind === "node" && statement.name === "LetStatement")
      inner = lowerLet(statement, inner, lower);
  }
  const value =
    body.children.find((child) => child.kind === "node" || child.kind === "literal") ?? unsupported(body);
  return { body: value, context: inner };
}

function argumentBinding(
  parameter: Parameter,
  value: Syntax,
  context: LoweringContext,
  lower: Lower,
): Binding {
  if (typeof parameter.type === "string") {
    return valueBinding(cast(lower(value, context), parameter.type, value.span));
  }
  const relation = context.lowerRelation(value, context);
  const columns = parameter.type.map(({ name, type }) => ({ name: context.original(name), type }));
  return tableBinding(only(relation, columns), value.span);
}

/** A table parameter shows the function the columns that it declares, and no others. */
function only(input: Relation, columns: readonly Column[]): Relation {
  if (columns.length === 0) return input;
  return {
    kind: "project",
    input,
    items: columns.map(({ name, type }) => ({ name, value: column(name, type) })),
    columns,
    span: input.span,
  };
}

const CASTS = {
  bool: "tobool",
  datetime: "todatetime",
  dynamic: "parse_json",
  int: "toint",
  long: "tolong",
  real: "todouble",
  string: "tostring",
  timespan: "totimespan",
} as const;

/** A value in a type, by the function that brings it there. */
export function cast(value: Expression, type: KqlType, span: Span): Expression {
  return value.type === type ? value : call(CASTS[type], type, [value], span);
}
