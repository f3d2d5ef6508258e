import type {
  Micros,
  OwnRule,
  OwnRuleBody,
  OwnRuleSave,
  RuleCheck,
  RuleExport,
  RuleImport,
  RuleImportReply,
  RuleRow,
  RuleSource,
  RuleSwitch,
  RuleVersion,
  RuleVersionList,
} from "@tyto/domain";

/** What saving came to: somebody else may have saved first. */
export type SaveOutcome =
  | { readonly kind: "saved"; readonly rule: OwnRule }
  | { readonly kind: "conflict"; readonly message: string; readonly newer: OwnRule };

/** All rules with how they do, and those that people write here. @throws TytoError `not-found`, `bad-request`, `conflict`. */
export interface OwnRulesPort {
  rows(): Promise<readonly RuleRow[]>;
  source(ruleId: string): RuleSource;
  /** @param id of the own rule that the text is a version of */
  check(text: { readonly yaml: string; readonly cases: string; readonly id?: string }): Promise<RuleCheck>;
  get(id: string): OwnRule;
  deleted(): readonly OwnRule[];
  create(body: OwnRuleBody, actor: string): Promise<OwnRule>;
  save(id: string, body: OwnRuleSave, actor: string): Promise<SaveOutcome>;
  versions(id: string): Promise<RuleVersionList>;
  version(id: string, number: number): Promise<RuleVersion>;
  /** Makes an earlier version's text the newest version. */
  restore(
    id: string,
    of: { readonly number: number; readonly basedOn: number },
    actor: string,
  ): Promise<SaveOutcome>;
  /** Any rule, also a packaged one. @throws also `confirmation-needed`, with the figures. */
  switch(ruleId: string, to: RuleSwitch, actor: string): Promise<RuleRow>;
  remove(id: string, actor: string): Promise<void>;
  bringBack(id: string, actor: string): Promise<OwnRule>;
  export(): RuleExport;
  import(body: RuleImport, actor: string): Promise<RuleImportReply>;
  /** Keeps what a backtest of a text said. */
  noteBacktest(
    yaml: string,
    said: { readonly from: Micros; readonly to: Micros; readonly total: number; readonly busiest: number },
    actor: string,
  ): Promise<void>;
}
