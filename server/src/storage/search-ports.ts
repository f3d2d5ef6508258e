import type { Micros } from "@tyto/domain";

/** A search that somebody keeps; some run by themselves. */
export interface SavedSearchRecord {
  readonly id: string;
  readonly name: string;
  /** As `actorOf` says it. */
  readonly owner: string;
  /** Others may see it and run it; only its owner changes it. */
  readonly isShared: boolean;
  readonly mode: "text" | "kql";
  readonly query: string;
  /** As written: relative ones stay relative. */
  readonly from: string;
  readonly to: string;
  readonly columns: readonly string[];
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
  readonly schedule: SearchSchedule | null;
}

export interface SearchSchedule {
  readonly everyMinutes: number;
  /** From so many rows on people are told. `null`: nobody is. */
  readonly threshold: number | null;
  readonly isEnabled: boolean;
}

/** What a scheduled search found. */
export interface SearchRunRecord {
  readonly searchId: string;
  readonly at: Micros;
  readonly count: number;
  readonly elapsedMs: number;
  readonly isOver: boolean;
  /** Why it did not come to its end. */
  readonly problem: string | null;
  /** Of its newest rows; only the last runs keep them. */
  readonly result: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly unknown[])[];
  } | null;
}

export interface HistoryRecord {
  readonly id: string;
  readonly owner: string;
  readonly at: Micros;
  readonly mode: "text" | "kql";
  readonly query: string;
  readonly from: string;
  readonly to: string;
  readonly rows: number | null;
  readonly elapsedMs: number | null;
}

export interface ShortLinkRecord {
  readonly id: string;
  /** Path and query below the console's root. */
  readonly path: string;
  readonly createdAt: Micros;
  readonly createdBy: string;
}

export type ExportState = "running" | "done" | "cancelled" | "failed" | "expired";

export interface ExportRecord {
  readonly id: string;
  readonly state: ExportState;
  readonly createdAt: Micros;
  readonly createdBy: string;
  /** JSON of whoever does the work. */
  readonly body: string;
}

export interface SearchRepository {
  /** One's own and those that others share, by name. */
  saved(owner: string): Promise<readonly SavedSearchRecord[]>;
  scheduled(): Promise<readonly SavedSearchRecord[]>;
  savedById(id: string): Promise<SavedSearchRecord | undefined>;
  save(search: SavedSearchRecord): Promise<void>;
  /** With its runs. */
  deleteSaved(id: string): Promise<boolean>;
  /** Newest first. */
  runs(searchId: string, limit: number): Promise<readonly SearchRunRecord[]>;
  /** Keeps the newest ones only. */
  addRun(run: SearchRunRecord, keep: number): Promise<void>;
  /** Newest first. */
  history(owner: string, limit: number): Promise<readonly HistoryRecord[]>;
  /** Takes the place of an equal question; keeps the owner's newest ones only. */
  addHistory(entry: HistoryRecord, keep: number): Promise<void>;
  clearHistory(owner: string): Promise<void>;
  link(id: string): Promise<ShortLinkRecord | undefined>;
  addLink(link: ShortLinkRecord): Promise<void>;
  /** Newest first, everyone's. */
  exports(limit: number): Promise<readonly ExportRecord[]>;
  exportById(id: string): Promise<ExportRecord | undefined>;
  saveExport(record: ExportRecord): Promise<void>;
  deleteExport(id: string): Promise<void>;
}
