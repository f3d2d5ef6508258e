import { AGGREGATE_TABLE, FUNCTION_GROUPS, FUNCTIONS, OPERATORS } from "../query/index.ts";

/** The reference of operators and functions, as the compiler's own tables have them. */
export function kqlPage(notice: string): string {
  const table = (
    head: string,
    rows: readonly { readonly usage: string; readonly summary: string }[],
  ): readonly string[] => [
    `## ${head}`,
    "",
    "| | |",
    "|---|---|",
    ...rows.map(({ usage, summary }) => `| \`${usage.replaceAll("|", "\\|")}\` | ${summary} |`),
    "",
  ];
  return [
    "# KQL: operators and functions",
    notice,
    "",
    "Source: `server/src/query/kql/operator-table.ts` and `function-table.ts`. How the language behaves here: [KQL](kql.md). Anything that is not listed is refused, with the place in the text and what to do instead.",
    "",
    ...table("Operators", OPERATORS),
    ...table("Aggregates", [...AGGREGATE_TABLE.values()]),
    ...FUNCTION_GROUPS.flatMap((group) =>
      table(
        `Functions: ${group}`,
        [...FUNCTIONS.values()].filter((each) => each.group === group),
      ),
    ),
  ].join("\n");
}
