import type { Level, Micros } from "@tyto/domain";

/** One state of an own rule's text. Never changed: the next state is the next version. */
export interface RuleVersionRecord {
  readonly ruleId: string;
  /** 1 for the first, no gaps. */
  readonly number: number;
  readonly at: Micros;
  /** As histories name callers. */
  readonly by: string;
  readonly comment: string;
  readonly yaml: string;
  /** The case file beside it; empty when there is none. */
  readonly cases: string;
}

/** A rule that people wrote here. */
export interface OwnRuleRecord {
  readonly id: string;
  readonly createdAt: Micros;
  readonly createdBy: string;
  readonly latest: RuleVersionRecord;
  /** Null while it is there. */
  readonly deletedAt: Micros | null;
  readonly deletedBy: string | null;
}

/** What somebody decided of a rule, a packaged one or an own one. Without one: packaged rules are on, own ones off. */
export interface RuleSwitchRecord {
  readonly ruleId: string;
  readonly isEnabled: boolean;
  /** Of an own rule that is on: which version runs. */
  readonly version: number | null;
  /** In place of the level that the rule states. */
  readonly level: Level | null;
  readonly at: Micros;
  readonly by: string;
  readonly comment: string;
}

/** What a backtest of a text said, by the text's digest: kept, so that who enables it later is told. */
export interface RuleTrialRecord {
  readonly digest: string;
  readonly at: Micros;
  readonly by: string;
  readonly from: Micros;
  readonly to: Micros;
  readonly total: number;
  /** On the day with the most. */
  readonly busiest: number;
}

/** What the alerts of a rule amount to. */
export interface RuleAlertCounts {
  readonly ruleId: string;
  readonly week: number;
  readonly month: number;
  readonly lastSeen: Micros;
  /** Closed by people, with a reason. */
  readonly closed: number;
  readonly truePositives: number;
}

export interface RuleRepository {
  /** By creation, with those that were deleted and can be brought back. */
  own(): Promise<readonly OwnRuleRecord[]>;
  /** Its first version. @throws TytoError `conflict` when there is a rule of this id. */
  create(version: RuleVersionRecord): Promise<void>;
  /** @throws TytoError `conflict` unless the version before it is the newest. */
  addVersion(version: RuleVersionRecord): Promise<void>;
  /** Newest first, without their texts. */
  versions(ruleId: string): Promise<readonly Omit<RuleVersionRecord, "yaml" | "cases">[]>;
  version(ruleId: string, number: number): Promise<RuleVersionRecord | undefined>;
  /** Marks it as deleted, or as there again with null. */
  setDeleted(ruleId: string, deleted: { readonly at: Micros; readonly by: string } | null): Promise<void>;
  switches(): Promise<readonly RuleSwitchRecord[]>;
  saveSwitch(record: RuleSwitchRecord): Promise<void>;
  trial(digest: string): Promise<RuleTrialRecord | undefined>;
  /** Takes the place of an earlier one of the same text; keeps the newest ones only. */
  saveTrial(record: RuleTrialRecord, keep: number): Promise<void>;
  /** Over alerts seen since `since`; the week and the month end now. */
  alertCounts(times: {
    readonly week: Micros;
    readonly month: Micros;
    readonly since: Micros;
  }): Promise<readonly RuleAlertCounts[]>;
}
