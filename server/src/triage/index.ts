/**
 * Owns Finding → Alert (later Incident, Case): grouping, and the transitions that people and detection make. Refuses to change
 * an alert in any other way, and to reopen a closed one for a finding. Promises the same alerts for the same findings in any order.
 */
export * from "./alert-book.ts";
export * from "./fold.ts";
export * from "./link.ts";
export * from "./policy.ts";
export * from "./priority.ts";
export * from "./transition.ts";
export * from "./undo.ts";
