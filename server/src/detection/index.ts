/**
 * Owns Event → Finding: Sigma rules over single events and Sigma correlations over time. Refuses to write anything, to look at
 * a clock and to group for people (that is triage). Promises the same findings for the same events in any order of arrival.
 */
export type * from "./ports.ts";
