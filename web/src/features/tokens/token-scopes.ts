import type { TokenScope } from "@tyto/domain";

/** What each scope lets its bearer do. */
export const SCOPE_TEXT: Readonly<Record<TokenScope, { readonly short: string; readonly long: string }>> = {
  ingest: { short: "send", long: "Send events, nothing else" },
  read: { short: "read", long: "Read events and alerts" },
  admin: { short: "everything", long: "Everything that an administrator can do" },
};
