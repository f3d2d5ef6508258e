import type { AuditKind } from "@tyto/domain";

export const AUDIT_KIND_NAMES = [
  "searched",
  "read",
  "exported",
  "changed",
  "access",
  "kept",
] as const satisfies readonly AuditKind[];

export const AUDIT_KIND_WORDS: Readonly<Record<AuditKind, string>> = {
  searched: "Searched",
  read: "Read",
  exported: "Exported",
  changed: "Changed",
  access: "Sign-ins",
  kept: "Backups and deletion",
};
