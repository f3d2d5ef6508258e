import type { SearchMode } from "../../api/search.ts";

interface Narrowing {
  readonly field: string;
  readonly value: string | number | boolean;
  /** Keep what has this value, or what has not. */
  readonly sense: "in" | "out";
}

/** The query with one more condition: a click on a value is the same as typing it. */
export function narrowQuery(mode: SearchMode, query: string, { field, value, sense }: Narrowing): string {
  const before = query.trim();
  if (mode === "text") {
    const term = `${sense === "out" ? "-" : ""}${field}:${textValue(value)}`;
    // `or` binds looser than a space: without parentheses the condition would belong to the last branch only.
    const kept = /\sor\s/i.test(before) ? `(${before})` : before;
    return kept === "" ? term : `${kept} ${term}`;
  }
  const condition = `| where ${kqlName(field)} ${sense === "in" ? "==" : "!="} ${kqlValue(value)}`;
  return before === "" ? `Events\n${condition}` : `${before}\n${condition}`;
}

function textValue(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  return `"${value.replace(/[\\"]/g, "\\$&")}"`;
}

export function kqlName(field: string): string {
  return /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(field) ? field : `[${kqlValue(field)}]`;
}

export function kqlValue(value: string | number | boolean): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
