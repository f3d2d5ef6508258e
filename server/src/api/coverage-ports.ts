import type {
  Coverage,
  ExceptionBody,
  ExceptionChange,
  ExceptionHidden,
  ExceptionPreview,
  ExceptionProposal,
  ExceptionVersions,
  RuleExceptionView,
} from "@tyto/domain";
import type { Search } from "./running-searches.ts";

/** What the rules cover of ATT&CK. @throws TytoError, those of queries. */
export interface CoveragePort {
  report(days: number, search: Search): Promise<Coverage>;
}

/** Exceptions from rules. @throws TytoError `not-found`, `bad-request`, `conflict`, and those of queries. */
export interface ExceptionsPort {
  list(): readonly RuleExceptionView[];
  versions(id: string): Promise<ExceptionVersions>;
  proposal(alertId: string, rule: string | undefined): Promise<ExceptionProposal>;
  preview(body: ExceptionBody): Promise<ExceptionPreview>;
  hidden(id: string, search: Search): Promise<ExceptionHidden>;
  create(body: ExceptionBody, actor: string): Promise<RuleExceptionView>;
  change(id: string, change: ExceptionChange, actor: string): Promise<RuleExceptionView>;
  end(id: string, actor: string): Promise<RuleExceptionView>;
  renew(id: string, expiresInDays: number | null, actor: string): Promise<RuleExceptionView>;
}
