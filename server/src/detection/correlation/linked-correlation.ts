import type { RuleId, RuleSummary } from "@tyto/domain";
import type { Sentence } from "../finding/sentence.ts";
import type { FieldSlot } from "../match/subject.ts";
import type { CorrelationRule } from "../sigma/rule.ts";
import type { ConditionTest, LinkedCondition } from "./condition-test.ts";
import type { GroupField } from "./group-key.ts";

/** A correlation tied to the rules that it names, ready to run. */
export interface LinkedCorrelation {
  readonly rule: CorrelationRule;
  readonly summary: RuleSummary;
  readonly sentence: Sentence;
  readonly isRaising: boolean;
  /** What `test` was made from, for other evaluators. */
  readonly condition: LinkedCondition;
  readonly test: ConditionTest;
  readonly groupBy: readonly GroupField[];
  /** The fields that it measures. */
  readonly measured: readonly GroupField[];
  /** The rules that it names, each once, in the order of first naming. */
  readonly members: readonly Member[];
  /** Members as they are listed: one may stand there twice. */
  readonly steps: readonly number[];
  /** Correlations that take its hot hits as hits of theirs. */
  readonly outers: readonly Outer[];
  /** 0 = over rules alone; else one more than the deepest correlation among its members. */
  readonly depth: number;
  /** How long its hits are needed: its own timespan, and those of the longest chain above. */
  readonly retentionMicros: number;
  /** Fields that its sentence and those above name. */
  readonly named: readonly string[];
  /** Fields that the correlations above look at in its hits. */
  readonly carried: readonly string[];
}

export interface Member {
  readonly rule: RuleId;
  /** Which rule, and how its hits are read: hits that were read otherwise are of no use after a reload. */
  readonly reading: string;
}

/** The correlation above, and where among its members this one stands. */
export interface Outer {
  readonly rule: RuleId;
  readonly member: number;
  /** What it groups by and measures, as this member calls it: in the order of its `groupBy` and `measured`. */
  readonly groupBy: readonly string[];
  readonly measured: readonly string[];
}

/** Where the matches of a rule over single events go, and where its events have what is looked at. */
export interface Feed {
  readonly correlation: RuleId;
  readonly member: number;
  /** In the order of the correlation's `groupBy`, `measured` and `carried`. */
  readonly groupBy: readonly FieldSlot[];
  readonly measured: readonly FieldSlot[];
  readonly carried: readonly FieldSlot[];
}
