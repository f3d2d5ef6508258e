import type { Brand } from "./brand.ts";
import type { Micros } from "./micros.ts";

/** Derived from kind and name, so that the same thing gets the same id whoever names it first. */
export type AssetId = Brand<string, "AssetId">;

/** What stands in the register: machines, what runs on them, and people. */
export const ASSET_KINDS = ["host", "service", "person"] as const;
export type AssetKind = (typeof ASSET_KINDS)[number];

/** How bad it is when something happens to it, lowest first. */
export const CRITICALITIES = ["low", "medium", "high", "critical"] as const;
export type Criticality = (typeof CRITICALITIES)[number];

/** Who said that it is there. `learned`: it occurred in events, and nobody has said more. */
export const ASSET_ORIGINS = ["learned", "csv", "ldap", "manual"] as const;
export type AssetOrigin = (typeof ASSET_ORIGINS)[number];

/** A host, a service or a person, and what matters about it. */
export interface Asset {
  readonly id: AssetId;
  readonly kind: AssetKind;
  /** As its owner writes it; compared without case. */
  readonly name: string;
  /** Null: nobody has said. */
  readonly criticality: Criticality | null;
  /** `confidential`, `core` and so on, in lower case. */
  readonly labels: readonly string[];
  readonly owner: string | null;
  /** Other names: addresses, e-mail, short names. Compared without case. */
  readonly aliases: readonly string[];
  readonly note: string;
  readonly origin: AssetOrigin;
  /** By event time; null when no event has named it. */
  readonly firstSeen: Micros | null;
  readonly lastSeen: Micros | null;
  readonly updatedAt: Micros;
  readonly updatedBy: string;
}

/** What an alert keeps of an asset: as the register had it when the alert was weighed. */
export type AlertAsset = Pick<Asset, "id" | "kind" | "name" | "criticality" | "labels">;

/** What a file or a directory says of one asset; what it does not say stays as it is. */
export interface AssetCandidate {
  readonly kind: AssetKind;
  readonly name: string;
  readonly criticality?: Criticality | null;
  readonly labels?: readonly string[];
  readonly owner?: string | null;
  readonly aliases?: readonly string[];
  readonly note?: string;
}

export const ASSET_LIMITS = {
  nameCharacters: 256,
  labelCharacters: 64,
  labels: 32,
  aliases: 64,
  noteCharacters: 2_000,
  assets: 100_000,
} as const;
