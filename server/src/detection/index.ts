/**
 * Owns Event → Finding: Sigma rules over single events and Sigma correlations over time. Refuses to write anything, to look at
 * a clock and to group for people (that is triage). Promises the same findings for the same events in any order of arrival, and
 * that a rule which is wrong, or more than this engine can do, is named and never run in part.
 */
export type * from "./ports.ts";
export { createDetectionEngine } from "./engine.ts";
export type { DetectionOptions, SigmaEngine } from "./engine.ts";
export { previewFilter } from "./sql/filter-preview.ts";
export type { FilterPreviewOutcome, FilterPreviewQuestion } from "./sql/filter-preview.ts";
export { lowerCondition } from "./sql/lower-condition.ts";
export type { ConditionTest } from "./sql/lower-condition.ts";
export { draftRule } from "./draft/draft-rule.ts";
export { backtest } from "./sql/backtest.ts";
export type { BacktestOutcome, BacktestQuestion } from "./sql/backtest.ts";
export type { BacktestWorld } from "./sql/stored-events.ts";
export { loadRuleSet } from "./load-rule-set.ts";
export type { CaseProofs, LoadedRuleSet, LoadOptions } from "./load-rule-set.ts";
export { switchRules } from "./switch-rules.ts";
export type { RuleSwitches } from "./switch-rules.ts";
export { lintText, readingsOf, splitRules, tryCases, tryRules } from "./trial/try-rules.ts";
export type { TriedCases, TriedRules } from "./trial/try-rules.ts";
export { lintRules } from "./lint/lint-rules.ts";
export { explainable, explainRule, findRule } from "./explain/explain-rule.ts";
export { RULE_STATUSES } from "./rule-set.ts";
export type { RuleReport, RuleSet, RuleStatus } from "./rule-set.ts";
export type { CorrelationCounters } from "./correlation/counters.ts";
export type { CorrelationLimits } from "./correlation/retained-groups.ts";
export type { RuleFile } from "./sigma/read-rule.ts";
export { quietRules } from "./logsource/quiet-rules.ts";
export { logsourcesServedBy, rulesServedBy } from "./logsource/served.ts";
export type { Logsource } from "./sigma/rule.ts";
export { LOGSOURCE_TABLES } from "./logsource/tables.ts";
export type { FieldTable, LogsourceRow, LogsourceTable, ProductRow } from "./logsource/rows.ts";
export type { When } from "./logsource/when.ts";
export { readPlaceholders } from "./sigma/read-placeholders.ts";
export { JsonSplitter } from "./sigma-json/json-splitter.ts";
export { readSigmaEvent, sigmaEvent } from "./sigma-json/sigma-event.ts";
export type { SigmaEventPlace, SigmaEventSource } from "./sigma-json/sigma-event.ts";
export { attackOf, attackTable } from "./attack/attack-table.ts";
export { arrivingLogsources } from "./sql/arriving-logsources.ts";
export type { ArrivingLogsources } from "./sql/arriving-logsources.ts";
export { logsourcesOf, packsReading } from "./logsource/rule-logsources.ts";
export { exceptionYaml, readException } from "./exceptions/rule-exception.ts";
export type { RuleException } from "./exceptions/rule-exception.ts";
export { ExceptionTest } from "./exceptions/exception-test.ts";
export { ExceptionPreview } from "./exceptions/preview-exception.ts";
