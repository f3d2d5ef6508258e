import { call, column, junction, literal, not, type Column, type Expression, type TableName } from "./ir.ts";
import { resolveName, TABLES } from "./tables.ts";

/** Only rows whose field has one of these values, or none of them. "" is a field that is missing. */
export interface ColumnFilter {
  readonly field: string;
  readonly values: readonly string[];
  readonly isNot: boolean;
}

/** Whether a table has the field, in a type that can be compared with a text. */
export function fieldApplies(field: string, table: TableName): boolean {
  return columnFor(field, table) !== undefined;
}

/** What the filters say about the rows of one table; those about fields that it lacks say nothing. */
export function filterOf(filters: readonly ColumnFilter[], table: TableName): Expression | undefined {
  const tests = filters.flatMap(({ field, values, isNot }) => {
    const found = columnFor(field, table);
    if (found === undefined || values.length === 0) return [];
    const any = anyOf(values.map((value) => isValue(found, value)));
    return [isNot ? not(any) : any];
  });
  return tests.length === 0 ? undefined : junction("and", tests);
}

export function bothOf(
  first: Expression | undefined,
  second: Expression | undefined,
): Expression | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return junction("and", [first, second]);
}

const anyOf = (tests: readonly Expression[]): Expression => {
  const [first, ...others] = tests;
  return first !== undefined && others.length === 0 ? first : junction("or", tests);
};

function columnFor(field: string, table: TableName): Column | undefined {
  const found = resolveName(TABLES[table], field);
  if (found.kind !== "column") return undefined;
  return found.column.type === "datetime" || found.column.type === "timespan" ? undefined : found.column;
}

function isValue({ name, type }: Column, value: string): Expression {
  const own = column(name, type);
  const text = literal("string", value);
  switch (type) {
    case "string":
      return value === "" ? call("isempty", "bool", [own]) : call("==", "bool", [own, text]);
    case "bool":
      return call("==", "bool", [own, literal("bool", value === "true")]);
    case "int":
    case "long":
    case "real":
      return value.trim() !== "" && Number.isFinite(Number(value))
        ? call("==", "bool", [own, literal(type, Number(value))])
        : call("isnull", "bool", [own]);
    case "dynamic": {
      const said = call("tostring", "string", [own]);
      if (value === "") {
        const noElement = call("==", "bool", [said, literal("string", "[]")]);
        return junction("or", [call("isempty", "bool", [said]), noElement]);
      }
      // A list that holds the text, or a vendor's number that is spelled like it.
      return junction("or", [call("==", "bool", [own, text]), call("==", "bool", [said, text])]);
    }
    case "datetime":
    case "timespan":
      return literal("bool", true);
  }
}
