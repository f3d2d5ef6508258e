/**
 * Owns search text and KQL → tree → `{sql, params}`: one typed intermediate form, so that permissions, tenancy, masking and
 * cost have one place. Refuses I/O and clocks; the one thing with a lifetime is the frontend's worker, in which Kusto's parser
 * runs. Promises that no text from outside reaches the engine unbound, and that no query is without tenant, time range and
 * row limit. `DESIGN.md` says why it is so.
 */
export * from "./bound-query.ts";
export {
  createQueryFrontend,
  type Answered,
  type AskedQuery,
  type CompiledHistogram,
  type CompiledSearch,
  type HistogramRequest,
  type QueryAccess,
  type QueryFrontend,
  type QueryFrontendOptions,
  type QueryText,
  type Refused,
  type SearchRequest,
} from "./frontend.ts";
export { type Completion, type EditorAnswer, type EditorQuestion } from "./kql/editor.ts";
export { AGGREGATE_TABLE, FUNCTION_GROUPS, FUNCTIONS } from "./kql/function-table.ts";
export { OPERATORS } from "./kql/operator-table.ts";
export {
  compileExport,
  compilePieceEnd,
  isPieced,
  receivedBefore,
  type ExportShape,
} from "./export-query.ts";
export { fieldApplies, type ColumnFilter } from "./column-filters.ts";
export { drillTexts, type DrillQuestion } from "./drill-query.ts";
export { compilePanel, type CompiledPanel } from "./panel-query.ts";
export type { QueryParameter } from "./query-parameters.ts";
export { minePatterns } from "./log-patterns.ts";
export * from "./search-questions.ts";
export { call, column, junction, literal, not } from "./ir.ts";
export type {
  Expression as QueryExpression,
  KqlType,
  RowPlace,
  RowSpan,
  ScanBounds,
  Span,
  TableName,
} from "./ir.ts";
export type { CompiledQuery } from "./compile-query.ts";
export { parseIpRange } from "./ip-range.ts";
export { folded } from "./fold-sql.ts";
export {
  compileDailyMatches,
  compileMatchIds,
  compileMatchTable,
  compileMatchTexts,
  compileRest,
  compileSourceSamples,
  compileVolume,
} from "./match-query.ts";
export type { EventTest } from "./match-query.ts";
export type { QueryDiagnostic } from "./refusal.ts";
export { resultRow, type ResultColumn } from "./result-values.ts";
export { address, canonicalAddress, decimal, trimmed } from "./text-values.ts";
export { texts, textsTest } from "./texts.ts";
export type { TextPattern, TextsTest } from "./texts.ts";
export { TABLES, type TableColumn, type TableSchema } from "./tables.ts";
export { bucketSize, filledBuckets } from "./histogram.ts";
export { parseInstant } from "./time-text.ts";
export {
  compileUnknownLines,
  compileUnknownShapes,
  compileUnknownSources,
  unknownShapeKql,
  type ShapePlace,
} from "./unknown-shapes.ts";
