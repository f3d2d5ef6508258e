/**
 * Owns the demo: a seeded day in an office in the vendors' real formats, the attacks hidden in it, their answers, and the sender
 * that plays the day through the real inputs. Refuses clock and randomness: the same seed and end give the same bytes. Promises
 * that harmless failures stay below ten in five minutes by address and by account, and that every story is worth an alert.
 */
export * from "./generate.ts";
export * from "./logbook.ts";
export * from "./replay.ts";
export * from "./write-day.ts";
