import { AUDIT_KIND_NAMES } from "./audit-kinds.ts";

/** Filters of the audit log; the other sections have none. */
export interface SettingsSearch {
  readonly q?: string | undefined;
  readonly actor?: string | undefined;
  readonly kind?: (typeof AUDIT_KIND_NAMES)[number] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly entry?: string | undefined;
}

export function parseSettingsSearch(search: Readonly<Record<string, unknown>>): SettingsSearch {
  const text = (name: string): string | undefined => {
    const value = search[name];
    return typeof value === "string" && value !== "" ? value.slice(0, 200) : undefined;
  };
  return {
    q: text("q"),
    actor: text("actor"),
    kind: AUDIT_KIND_NAMES.find((kind) => kind === search["kind"]),
    from: text("from"),
    to: text("to"),
    entry: text("entry"),
  };
}
