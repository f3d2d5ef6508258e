/**
 * Owns our own counters and logs: the one permitted process-wide registry. Refuses record contents and secrets: what looks like
 * one is redacted before it reaches the stream. Promises one JSON object per line, whatever a message holds.
 */
export * from "./counters.ts";
export * from "./log.ts";
export * from "./telemetry.ts";
