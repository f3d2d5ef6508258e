import { invariant } from "@tyto/domain";
import { literal, type Expression } from "./ir.ts";

/** A value that a query names and does not hold: the variable of a dashboard. Its value never becomes text of the query. */
export interface QueryParameter {
  /** As the text writes it: `_host`. */
  readonly name: string;
  /** A list is `dynamic` in KQL; nothing is "" or an empty list. */
  readonly value: string | readonly string[];
}

/** Begins with an underscore, so that it hides no column. */
export function isParameterName(name: string): boolean {
  return /^_[a-z][a-z0-9_]{0,39}$/.test(name);
}

/** What tells the parser that the names are there, and of which type. Values are bound later, to the typed form. */
export function declarationOf(parameters: readonly QueryParameter[]): string {
  if (parameters.length === 0) return "";
  const declared = parameters.map(({ name, value }) => {
    invariant(isParameterName(name), "names of parameters are checked before they reach the query");
    return `${name}:${typeof value === "string" ? "string" : "dynamic"}`;
  });
  return `declare query_parameters(${declared.join(",")});\n`;
}

export function parameterValue({ value }: QueryParameter): Expression {
  return typeof value === "string"
    ? literal("string", value)
    : literal("dynamic", JSON.stringify([...value]));
}
