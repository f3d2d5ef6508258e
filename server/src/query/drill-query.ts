import { filterOf, type ColumnFilter } from "./column-filters.ts";
import { literal, type TableName } from "./ir.ts";
import { printExpression } from "./kql-printer.ts";
import { parameterValue, type QueryParameter } from "./query-parameters.ts";

export interface DrillQuestion {
  readonly kql: string;
  readonly parameters: readonly QueryParameter[];
  /** With what was clicked. */
  readonly filters: readonly ColumnFilter[];
}

export interface DrillTexts {
  /** The query up to where it groups, cuts or joins, most exact first. Whether one can run is for the caller to find out. */
  readonly narrow: readonly string[];
  /** The table with the filters alone; always a query. */
  readonly wide: string;
}

/** Operators that leave rows rows of the table. */
const ROWWISE: ReadonlySet<string> = new Set(["where", "filter", "extend", "parse", "search"]);

/** Values go in as literals that the printer writes, so that none can be read as anything else. */
export function drillTexts({ kql, parameters, filters }: DrillQuestion, table: TableName): DrillTexts {
  const statements = splitAt(kql, ";").filter((each) => each.trim() !== "");
  const [source = table, ...operators] = splitAt(statements.at(-1) ?? "", "|").map((part) => part.trim());
  const end = operators.findIndex((operator) => !ROWWISE.has(firstWord(operator)));
  const kept = end < 0 ? operators : operators.slice(0, end);
  const own = statements.slice(0, -1).map((each) => each.trim());
  const wheres = filterLines(filters, table);
  const textOf = (lines: readonly string[], lets: readonly string[]): string => {
    const body = lines.join("\n| ");
    const used = [...lets, body].join("\n");
    const values = parameters.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(used)).map(printValue);
    return [...values, ...lets].map((each) => `${each};\n`).join("") + body;
  };
  return {
    narrow: [
      textOf([source, ...wheres, ...kept], own),
      textOf([source, ...kept, ...wheres], own),
      textOf([source, ...wheres, ...kept], []),
    ],
    wide: [table, ...wheres].join("\n| "),
  };
}

function filterLines(filters: readonly ColumnFilter[], table: TableName): readonly string[] {
  return filters.flatMap((filter) => {
    const test = filterOf([filter], table);
    return test === undefined ? [] : [`where ${printExpression(test)}`];
  });
}

function printValue(parameter: QueryParameter): string {
  const { name, value } = parameter;
  if (typeof value === "string") return `let ${name} = ${printExpression(parameterValue(parameter))}`;
  const items = value.map((one) => printExpression(literal("string", one)));
  return `let ${name} = dynamic([${items.join(", ")}])`;
}

const firstWord = (operator: string): string => /^[a-z][a-z-]*/.exec(operator)?.[0] ?? "";

/** Comments and texts in one piece, brackets, anything else. */
const TOKEN =
  /\/\/[^\n]*|```[^]*?```|~~~[^]*?~~~|@"(?:[^"\n]|"")*"|@'(?:[^'\n]|'')*'|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|[^]/g;

/** Parts between separators that stand in no bracket and no text. Comments are left out: what follows them may move to their line. */
function splitAt(text: string, separator: ";" | "|"): readonly string[] {
  const parts: string[] = [];
  let [part, depth] = ["", 0];
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "(" || token === "[" || token === "{") depth += 1;
    if (token === ")" || token === "]" || token === "}") depth -= 1;
    if (token === separator && depth === 0) {
      parts.push(part);
      part = "";
    } else if (!token.startsWith("//")) part += token;
  }
  return [...parts, part];
}
