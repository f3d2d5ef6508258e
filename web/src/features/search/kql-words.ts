/** What the editor colours. What fits where, and what it means, is the server's to say. */
export const KQL_KEYWORDS: ReadonlySet<string> = new Set(
  `where filter project extend summarize sort order by take limit top count distinct project-away project-keep project-rename
   project-reorder join lookup union parse parse-where parse-kv mv-expand mv-apply make-series top-nested sample sample-distinct
   serialize search find evaluate invoke print datatable range as on kind with step from to let and or not asc desc nulls first last in
   has has_any has_all contains startswith endswith matches regex between typeof true false null of default render getschema`
    .trim()
    .split(/\s+/),
);

export const KQL_TABLES: ReadonlySet<string> = new Set(["Events", "Findings", "Alerts"]);
