import { createHash } from "node:crypto";
import type { Asset, AssetId, AssetKind, Entity } from "@tyto/domain";

/** The same kind and name always get the same id. */
export function assetIdOf(kind: AssetKind, name: string): AssetId {
  return createHash("sha256")
    .update(`${kind} ${folded(name)}`)
    .digest("hex")
    .slice(0, 16) as AssetId;
}

export const folded = (text: string): string => text.trim().toLowerCase();

/** Which kinds of assets an entity can be. */
const KINDS_OF: Readonly<Record<Entity["type"], readonly AssetKind[]>> = {
  host: ["host"],
  ip: ["host", "service"],
  domain: ["host", "service"],
  service: ["service"],
  user: ["person"],
  process: [],
  file: [],
  hash: [],
  url: [],
};

/** Assets by every name they have. Immutable: a change makes a new one. */
export class AssetIndex {
  readonly all: ReadonlyMap<AssetId, Asset>;
  readonly #byName = new Map<string, Asset>();
  /** Short names that two assets share name neither. */
  readonly #ambiguous = new Set<string>();

  constructor(assets: Iterable<Asset>) {
    this.all = new Map([...assets].map((asset) => [asset.id, asset]));
    for (const asset of this.all.values()) this.#byName.set(keyOf(asset.kind, asset.name), asset);
    for (const asset of this.all.values()) {
      for (const alias of asset.aliases) this.#add(asset, alias);
      const short = shortName(asset);
      if (short !== undefined) this.#add(asset, short);
    }
  }

  /** By its name, an alias, or a host's name without its domain and a person's without theirs. */
  find(entity: Entity): Asset | undefined {
    for (const kind of KINDS_OF[entity.type]) {
      for (const form of formsOf(kind, entity.value)) {
        const key = keyOf(kind, form);
        const asset = this.#ambiguous.has(key) ? undefined : this.#byName.get(key);
        if (asset !== undefined) return asset;
      }
    }
    return undefined;
  }

  /** A whole name comes first; of two that share an alias neither is meant. */
  #add(asset: Asset, name: string): void {
    const key = keyOf(asset.kind, name);
    const known = this.#byName.get(key);
    if (known === undefined) this.#byName.set(key, asset);
    else if (known !== asset && folded(known.name) !== folded(name)) this.#ambiguous.add(key);
  }
}

const keyOf = (kind: AssetKind, name: string): string => `${kind} ${folded(name)}`;

const ADDRESS = /^[\d.]+$|:/;

function shortName({ kind, name }: Asset): string | undefined {
  if (kind !== "host" || ADDRESS.test(name)) return undefined;
  const dot = name.indexOf(".");
  return dot <= 0 ? undefined : name.slice(0, dot);
}

/** `CORP\ana` and `ana@corp.example` are ana, `db-1.corp.example` is db-1: when nothing has the whole name. */
function formsOf(kind: AssetKind, value: string): readonly string[] {
  switch (kind) {
    case "person": {
      const local = value.slice(value.lastIndexOf("\\") + 1);
      const at = local.indexOf("@");
      return at <= 0 ? [value, local] : [value, local, local.slice(0, at)];
    }
    case "host": {
      const dot = value.indexOf(".");
      return dot <= 0 || ADDRESS.test(value) ? [value] : [value, value.slice(0, dot)];
    }
    case "service":
      return [value];
  }
}
