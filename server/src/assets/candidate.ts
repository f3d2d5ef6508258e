import { ASSET_LIMITS } from "@tyto/domain";
import type { Asset, AssetCandidate } from "@tyto/domain";
import { assetIdOf, folded } from "./asset-index.ts";

/** What a person changes on the asset's own page. */
export type AssetEdit = Omit<AssetCandidate, "kind" | "name">;

export interface Said {
  readonly origin: Exclude<Asset["origin"], "learned">;
  readonly by: string;
  readonly at: Asset["updatedAt"];
}

/** The asset as the candidate makes it, or the very same one when nothing is new. */
export function merged(before: Asset | undefined, candidate: AssetCandidate, said: Said): Asset {
  const base: Asset = before ?? {
    id: assetIdOf(candidate.kind, candidate.name),
    kind: candidate.kind,
    name: candidate.name,
    criticality: null,
    labels: [],
    owner: null,
    aliases: [],
    note: "",
    origin: said.origin,
    firstSeen: null,
    lastSeen: null,
    updatedAt: said.at,
    updatedBy: said.by,
  };
  const next: Asset = {
    ...base,
    // The spelling of who said something counts more than the one that was seen in a log.
    name: base.origin === "learned" ? candidate.name : base.name,
    criticality: candidate.criticality === undefined ? base.criticality : candidate.criticality,
    labels: candidate.labels === undefined ? base.labels : tidy(candidate.labels.map(folded)),
    owner: candidate.owner === undefined ? base.owner : candidate.owner,
    aliases: candidate.aliases === undefined ? base.aliases : tidy(candidate.aliases),
    note: candidate.note ?? base.note,
    origin: base.origin === "learned" ? said.origin : base.origin,
  };
  if (before !== undefined && saysTheSame(before, next)) return before;
  return { ...next, updatedAt: said.at, updatedBy: said.by };
}

/** Distinct without case, sorted, without empty ones. */
export function tidy(values: readonly string[]): readonly string[] {
  const distinct = new Map<string, string>();
  for (const value of values.map((one) => one.trim())) {
    if (value !== "" && !distinct.has(folded(value))) distinct.set(folded(value), value);
  }
  return [...distinct.values()].sort();
}

/** Whether people have said the same; when it was seen is another matter. */
export function saysTheSame(a: Asset, b: Asset): boolean {
  return WHAT_IS_SAID.every((field) => JSON.stringify(a[field]) === JSON.stringify(b[field]));
}

const WHAT_IS_SAID = [
  "name",
  "criticality",
  "labels",
  "owner",
  "aliases",
  "note",
  "origin",
] as const satisfies readonly (keyof Asset)[];

/** What of a candidate is beyond the limits, in words; `undefined` when nothing is. */
export function beyondLimits({
  name,
  labels = [],
  aliases = [],
  owner,
  note = "",
}: AssetCandidate): string | undefined {
  const { nameCharacters, labelCharacters, noteCharacters } = ASSET_LIMITS;
  const tooLong = (texts: readonly string[], most: number): boolean =>
    texts.some((text) => text.length > most);
  if (tooLong([name, owner ?? "", ...aliases], nameCharacters))
    return `a name is at most ${nameCharacters} characters long`;
  if (labels.length > ASSET_LIMITS.labels || tooLong(labels, labelCharacters))
    return `an asset has at most ${ASSET_LIMITS.labels} labels of ${labelCharacters} characters`;
  if (aliases.length > ASSET_LIMITS.aliases) return `an asset has at most ${ASSET_LIMITS.aliases} aliases`;
  return note.length > noteCharacters ? `a note is at most ${noteCharacters} characters long` : undefined;
}
