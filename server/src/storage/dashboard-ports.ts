import type { Dashboard, Micros } from "@tyto/domain";

export interface DashboardRecord {
  readonly id: string;
  /** As `actorOf` says it. */
  readonly owner: string;
  /** Others may see and change it; only its owner shares and deletes it. */
  readonly isShared: boolean;
  /** Counts from 1. */
  readonly version: number;
  readonly createdAt: Micros;
  readonly updatedAt: Micros;
  readonly updatedBy: string;
  readonly dashboard: Dashboard;
}

export interface DashboardRepository {
  /** One's own and those that others share, by title; deleted ones are not among them. */
  visible(owner: string): Promise<readonly DashboardRecord[]>;
  byId(id: string): Promise<DashboardRecord | undefined>;
  /** @param keep newest versions that stay. @returns false, and nothing is saved, when the version before it is not the newest. */
  save(record: DashboardRecord, keep: number): Promise<boolean>;
  /** Can be taken back until it is purged. @returns false when there is none. */
  delete(id: string, at: Micros): Promise<boolean>;
  /** @returns false when there is none that was deleted. */
  restore(id: string, owner: string): Promise<boolean>;
  /** Forgets, with their versions, what was deleted before. */
  purge(before: Micros): Promise<void>;
  /** Newest first. */
  versions(id: string): Promise<readonly DashboardRecord[]>;
}
