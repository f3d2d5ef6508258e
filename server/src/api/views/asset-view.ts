import { formatMicros } from "@tyto/domain";
import type { Asset, AssetImportReport, AssetView, Diagnostic } from "@tyto/domain";

const SHOWN_CHANGES = 200;

export function assetView(asset: Asset): AssetView {
  return {
    ...asset,
    labels: [...asset.labels],
    aliases: [...asset.aliases],
    firstSeen: asset.firstSeen === null ? null : formatMicros(asset.firstSeen),
    lastSeen: asset.lastSeen === null ? null : formatMicros(asset.lastSeen),
    updatedAt: formatMicros(asset.updatedAt),
  };
}

/** @param done null for a look only */
export function importReport(
  reading: { readonly problems: readonly Diagnostic[]; readonly rows: number },
  plan: {
    readonly changes: readonly { readonly before: Asset | null; readonly after: Asset }[];
    readonly added: number;
    readonly changed: number;
    readonly same: number;
  },
  done: { readonly id: string | null } | null,
): AssetImportReport {
  return {
    importId: done?.id ?? null,
    dryRun: done === null,
    rows: reading.rows,
    added: plan.added,
    changed: plan.changed,
    same: plan.same,
    problems: reading.problems.map(({ severity, code, message, at, hint }) => ({
      severity,
      code,
      message: at.line === undefined ? `${at.file}: ${message}` : message,
      line: at.line ?? null,
      hint: hint ?? "",
    })),
    changes: plan.changes.slice(0, SHOWN_CHANGES).map(({ before, after }) => ({
      before: before === null ? null : assetView(before),
      after: assetView(after),
    })),
  };
}
