import type { Event, FindingChange, Micros, RuleSummary } from "@tyto/domain";
import type { StateChange } from "../storage/index.ts";

/** What a batch of events caused. */
export interface DetectionOutput {
  readonly changes: readonly FindingChange[];
  /** To be made durable in the same transaction as the alerts that `changes` lead to. */
  readonly state: readonly StateChange[];
}

/**
 * Events → findings, all rules at once. A whole other engine can stand behind this: it is synchronous, keeps its state behind
 * `restore` and `state`, and gives the same final findings for the same events in any order, with any of them seen twice.
 */
export interface DetectionEngine {
  readonly rules: readonly RuleSummary[];
  /** Once, before the first batch: everything that earlier outputs' `state` left behind, or another engine's snapshot. */
  restore(entries: readonly { readonly key: string; readonly value: string }[]): void;
  /** Per-event code: no await, no logging, no exception. */
  process(events: readonly Event[], now: Micros): DetectionOutput;
  /** All state, for another engine to `restore`: over the same rules or, at a reload, over others. */
  snapshot(): readonly { readonly key: string; readonly value: string }[];
}
