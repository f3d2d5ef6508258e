import type { ExceptionCondition, ExceptionScope, Micros } from "@tyto/domain";

/** An exception from rules, as people made it. */
export interface ExceptionRecord {
  readonly id: string;
  /** Counts changes, from 1. */
  readonly version: number;
  readonly title: string;
  readonly conditions: readonly ExceptionCondition[];
  readonly scope: ExceptionScope;
  readonly reason: string;
  readonly alertId: string | null;
  readonly createdAt: Micros;
  readonly createdBy: string;
  readonly changedAt: Micros;
  readonly changedBy: string;
  /** Null: never. */
  readonly expiresAt: Micros | null;
  readonly endedAt: Micros | null;
  readonly endedBy: string | null;
}

export type ExceptionDeed = "made" | "changed" | "ended" | "renewed";

export interface ExceptionVersion {
  readonly deed: ExceptionDeed;
  readonly record: ExceptionRecord;
}

export interface ExceptionRepository {
  /** Newest first. */
  all(): Promise<readonly ExceptionRecord[]>;
  /** Newest first. */
  versions(id: string): Promise<readonly ExceptionVersion[]>;
  /** One transaction: as it is from now on, and the version beside the earlier ones. @throws TytoError `conflict` for a version that is there. */
  save(version: ExceptionVersion): Promise<void>;
}
