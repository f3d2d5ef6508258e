/**
 * Owns RawRecord → Event: decode, recognise, map, enrich, append. Refuses product knowledge (that is packs) and detection.
 * Promises one counted outcome per record, whatever its bytes.
 */
export type * from "./ports.ts";
export * from "./applier.ts";
export * from "./stage-times.ts";
