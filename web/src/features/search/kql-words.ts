/** What the editor offers and colours before the server has said anything: the language's own words. */
export const KQL_OPERATORS: readonly (readonly [string, string])[] = [
  ["where", "rows that meet a condition"],
  ["project", "these columns"],
  ["extend", "more columns, computed"],
  ["summarize", "groups with their counts and sums"],
  ["sort by", "an order"],
  ["take", "so many rows"],
  ["top", "the first rows of an order"],
  ["count", "how many rows"],
  ["distinct", "different values"],
  ["project-away", "without these columns"],
  ["project-rename", "other names for columns"],
];

export const KQL_WORDS: readonly string[] = [
  ...["and", "or", "not", "by", "asc", "desc", "in", "in~", "has", "has_any", "has_all", "contains"],
  ...["startswith", "endswith", "matches", "regex", "between", "true", "false", "null", "let", "nulls"],
];

export const KQL_FUNCTIONS: readonly (readonly [string, string])[] = [
  ["count()", "rows of a group"],
  ["dcount()", "different values, about"],
  ["countif()", "rows that meet a condition"],
  ["sum()", "sum"],
  ["avg()", "mean"],
  ["min()", "smallest"],
  ["max()", "largest"],
  ["make_set()", "different values as a list"],
  ["bin()", "rounded down, for time and numbers"],
  ["ago()", "so long before now"],
  ["now()", "this moment"],
  ["tolower()", "in lower case"],
  ["tostring()", "as text"],
  ["isempty()", "whether there is no value"],
  ["isnotempty()", "whether there is a value"],
  ["strcat()", "texts joined"],
  ["extract()", "a part by a regular expression"],
  ["iff()", "one of two values"],
  ["case()", "the first that fits"],
];

export const KQL_TABLES: readonly (readonly [string, string])[] = [
  ["Events", "what sources sent"],
  ["Findings", "what rules matched"],
  ["Alerts", "findings of one cause"],
];

/** One operator a line; strings are left alone. */
export function formatKql(text: string): string {
  const parts = text.match(/@?"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\/\/[^\n]*|\||\s+|[^\s|"'/@]+|./g) ?? [];
  let out = "";
  for (const part of parts) {
    if (part === "|") out = `${out.trimEnd()}\n| `;
    else if (/^\s+$/.test(part))
      out +=
        out.endsWith(" ") || out.endsWith("\n")
          ? ""
          : part.includes("\n") && out.trimStart().startsWith("//")
            ? "\n"
            : " ";
    else out += part.startsWith("//") ? `${part}\n` : part;
  }
  return out.trim();
}
