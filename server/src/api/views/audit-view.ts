import type { AuditEntryView, AuditKind } from "@tyto/domain";
import type { AuditEntry, FoundAuditLine } from "../../storage/index.ts";

const KIND_OF: Readonly<Record<AuditEntry["action"], AuditKind>> = {
  searched: "searched",
  tailed: "searched",
  "search-saved": "changed",
  "search-deleted": "changed",
  "results-read": "read",
  "event-opened": "read",
  "alert-opened": "read",
  "entity-opened": "read",
  "audit-read": "read",
  "export-begun": "exported",
  "export-read": "exported",
  "export-deleted": "exported",
  "audit-exported": "exported",
  "bundle-read": "exported",
  "logged-in": "access",
  "logged-out": "access",
  "login-failed": "access",
  "password-changed": "access",
  "partition-dropped": "kept",
  "backup-made": "kept",
  "archive-made": "kept",
  "archive-restored": "kept",
  "data-copied": "kept",
  "retention-changed": "changed",
  "filter-changed": "changed",
  "exception-changed": "changed",
  "masking-changed": "changed",
  "priority-changed": "changed",
  "alert-changed": "changed",
  "asset-changed": "changed",
  "rule-changed": "changed",
  "rule-saved": "changed",
  "rule-switched": "changed",
  "rule-deleted": "changed",
  "rule-restored": "changed",
  "source-changed": "changed",
  "settings-changed": "changed",
  "token-changed": "changed",
  "user-changed": "changed",
  "view-changed": "changed",
};

/** An action that only a later version writes is a change. */
export function kindOf(action: string): AuditKind {
  return Object.hasOwn(KIND_OF, action) ? KIND_OF[action as keyof typeof KIND_OF] : "changed";
}

export function auditView(line: FoundAuditLine): AuditEntryView {
  const { id, at, actor, action, detail } = line;
  return {
    id,
    at,
    actor,
    kind: kindOf(action),
    action,
    subject: subjectOf(detail),
    changes: changesOf(detail),
    detail: { ...detail },
  };
}

/** The names under which entries say what they are about, the best first. */
const SUBJECTS = [
  "kql",
  "title",
  "name",
  "value",
  "user",
  "username",
  "event",
  "quarantined",
  "alert",
  "export",
  "search",
  "source",
  "day",
  "filter",
  "from",
  "route",
] as const;

function subjectOf(detail: FoundAuditLine["detail"]): string {
  const places = [detail, asObject(detail["before"]), asObject(detail["after"]), asObject(detail["params"])];
  for (const name of SUBJECTS) {
    for (const place of places) {
      const value = place[name];
      if (typeof value === "string" && value !== "") return value.slice(0, 300);
    }
  }
  return "";
}

/** What the change said and was not so before. A change of a part says nothing of the rest. */
function changesOf(detail: FoundAuditLine["detail"]): AuditEntryView["changes"] {
  const before = asObject(detail["before"]);
  const after = asObject(detail["after"]);
  return Object.entries(after)
    .filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field]))
    .map(([field, value]) => ({ field, before: before[field] ?? null, after: value ?? null }));
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}
