/**
 * Owns search text → tree → `{sql, params}`, for the search bar, KQL and (later) Sigma's SQL evaluator: one typed intermediate
 * form, so that permissions, tenancy, masking and cost have one place. Pure: refuses I/O. Promises that no text from outside
 * reaches the engine unbound.
 */
export * from "./bound-query.ts";
