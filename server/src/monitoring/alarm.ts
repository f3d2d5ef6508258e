import type { Micros } from "@tyto/domain";

/** What Tyto tells about itself. A closed set: rules of `core-tyto` and the guide name them. */
export const ALARM_KINDS = [
  "engine-down",
  "pipeline-stalled",
  "disk-low",
  "datagrams-lost",
  "records-dropped",
  "quarantine-grows",
  "pack-switched-off",
  "books-unbalanced",
  "parts-set-aside",
  "canary-missing",
  "source-silent",
  "source-rate",
  "source-field-missing",
  "search-threshold",
] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** Something that is wrong at this moment. */
export interface Condition {
  readonly kind: AlarmKind;
  /** What it is about where there may be several: a source's id, a pack. Equal for the same thing, always. */
  readonly subject?: string;
  /** A sentence with its figures. */
  readonly message: string;
  /** What to do. */
  readonly hint: string;
  /** Fields of the event that Tyto writes about it, beside the common ones. */
  readonly fields?: ConditionFields;
}

export type ConditionFields = Readonly<Record<string, string | number | readonly string[]>>;

/** Says what is wrong now. Asked every few seconds; may keep what it saw the last time. */
export type Check = (now: Micros) => readonly Condition[] | Promise<readonly Condition[]>;

/** An alarm that began or ended. */
export interface AlarmChange extends Condition {
  readonly state: "raised" | "cleared";
  readonly at: Micros;
  /** When it began. */
  readonly since: Micros;
}

/** A way out of the house for alarms. Rejects when the other side did not take it. */
export interface AlarmChannel {
  /** `webhook`, `email`. */
  readonly name: string;
  send(change: AlarmChange): Promise<void>;
}
