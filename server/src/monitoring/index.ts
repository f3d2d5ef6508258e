/**
 * Owns what Tyto knows about itself: checks, alarms, the canary, the heartbeat and the metrics. Refuses to change anything it looks at, and
 * to know how an alarm leaves the house (channels are handed in). Promises that an alarm is said once when it begins and once when it ends.
 */
export * from "./alarm-book.ts";
export * from "./alarm.ts";
export * from "./canary.ts";
export * from "./channels.ts";
export * from "./checks.ts";
export * from "./field-watch.ts";
export * from "./heartbeat.ts";
export * from "./metrics.ts";
export * from "./own-events.ts";
export * from "./source-watch.ts";
