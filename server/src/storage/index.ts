/**
 * Owns everything that outlives the process: the journal, the events in the engine, and the relational store.
 * Refuses to interpret what it keeps: no detection, no triage, no query text from outside. Promises that what it has
 * acknowledged survives a crash, and that a replay after one adds nothing twice.
 */
export type * from "./ports.ts";
