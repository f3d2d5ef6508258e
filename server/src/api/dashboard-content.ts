import type { Dashboard, Diagnostic } from "@tyto/domain";

/** What dashboards are as texts and files. */
export interface DashboardContent {
  /** Those that packs bring. */
  readonly included: readonly { readonly id: string; readonly dashboard: Dashboard }[];
  /** YAML or JSON. */
  read(text: string): { readonly dashboard?: Dashboard; readonly diagnostics: readonly Diagnostic[] };
  /** What no schema says about one; nothing for one that is sound. */
  check(dashboard: Dashboard): readonly Diagnostic[];
  write(dashboard: Dashboard, format: "yaml" | "json"): string;
}
