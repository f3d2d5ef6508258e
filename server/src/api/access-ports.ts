import type { RoleLimits, RoleName, SystemReport } from "@tyto/domain";
import type { AuditAnswer, AuditEntry, AuditQuestion } from "../storage/index.ts";
import type { RoleResolver } from "./access/role-book.ts";

/** Who looked at what, and who changed what. */
export interface AuditPort {
  /** Durable when it resolves: before anything is read or changed. */
  append(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  page(question: AuditQuestion): Promise<AuditAnswer>;
}

/** Roles with their limits. @throws TytoError `bad-request`, `conflict` */
export interface RolesPort {
  readonly resolve: RoleResolver;
  limitsOf(name: RoleName): RoleLimits;
  setLimits(name: RoleName, limits: RoleLimits): Promise<void>;
}

/** What runs here. */
export interface SystemPort {
  report(): Promise<SystemReport>;
  /** For people who help: the report, health, alarms, counters and our own log. No secrets and no event content. */
  bundle(): Promise<Readonly<Record<string, unknown>>>;
}
