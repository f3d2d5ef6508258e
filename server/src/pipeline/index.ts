/**
 * Owns RawRecord → Event: decode, recognise, map, enrich, append. Refuses product knowledge (that is packs) and detection.
 * Promises one counted outcome per record, whatever its bytes.
 */
export * from "./ports.ts";
export { createNormaliser } from "./normaliser.ts";
export type { NormaliserOptions } from "./normaliser.ts";
export { IpDatabase } from "./ip-database.ts";
export type { EnrichmentOptions } from "./enrichers/enrichment.ts";
export type { SourceSettings } from "./draft.ts";
export { readSourceFacts } from "./source-facts.ts";
export type { SourceFact, SourceFacts } from "./source-facts.ts";
export { parseZone } from "./time/zone.ts";
export type { Zone } from "./time/zone.ts";
export { parseJsonObject } from "./decoders/json.ts";
export { piecesOf, shapeOf } from "./unknown/shape.ts";
export type { Piece, PieceKind } from "./unknown/shape.ts";
export { ecsComplaints } from "./ecs-validator.ts";
export { Applier } from "./applier.ts";
export type { AppliedBatch, ApplierOptions } from "./applier.ts";
export { appliedSpans, countStored } from "./applied-outcomes.ts";
export type { AppliedSpan } from "./applied-outcomes.ts";
export { putBack } from "./again/put-back.ts";
export { compileFilters } from "./filters/event-filters.ts";
export type { EventFilters, FilterDefinition } from "./filters/event-filters.ts";
export { inSourceOrder } from "./source-order.ts";
export * from "./stage-times.ts";
export { EMPTY_REPORT } from "./again/reparse-report.ts";
export type { PackReport, ReparseReport } from "./again/reparse-report.ts";
export { Reparse } from "./again/reparse.ts";
export type { ReparseQuestion, ReparseState } from "./again/reparse.ts";
export { EMPTY_REPLAY, QuarantineReplay } from "./again/replay.ts";
export type { ReplayReport, ReplayState } from "./again/replay.ts";
