import { ASSET_LIMITS, TytoError } from "@tyto/domain";
import type { Asset, AssetCandidate, AssetId, AssetKind, Entity, Micros } from "@tyto/domain";
import type { AssetChange, AssetImportRecord, AssetRepository } from "../storage/index.ts";
import { AssetIndex, assetIdOf } from "./asset-index.ts";
import { beyondLimits, merged, saysTheSame } from "./candidate.ts";
import type { AssetEdit, Said } from "./candidate.ts";

export interface AssetRegisterOptions {
  readonly assets: AssetRepository;
  readonly now: () => Micros;
  readonly random: (size: number) => Uint8Array;
}

/** What an import would do, or did. */
export interface ImportPlan {
  readonly changes: readonly AssetChange[];
  readonly added: number;
  readonly changed: number;
  readonly same: number;
}

/** A host or a person that occurred in events. */
export interface Sighting {
  readonly kind: Extract<AssetKind, "host" | "person">;
  readonly name: string;
  readonly first: Micros;
  readonly last: Micros;
}

export interface UndoneImport {
  readonly restored: number;
  readonly removed: number;
  /** Changed since by somebody: left as they are. */
  readonly kept: number;
}

/** Learned assets stop here, so that what people import always has room. */
const MAX_LEARNED = 50_000;
const KEPT_IMPORTS = 100;

/** The register in memory: lookups are synchronous, changes are durable before they are seen. */
export class AssetRegister {
  readonly #options: AssetRegisterOptions;
  #index: AssetIndex;
  #onChanged: () => void = () => undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: AssetRegisterOptions, index: AssetIndex) {
    this.#options = options;
    this.#index = index;
  }

  static async open(options: AssetRegisterOptions): Promise<AssetRegister> {
    return new AssetRegister(options, new AssetIndex(await options.assets.all()));
  }

  /** Called after people changed what assets are worth; not for what was only learned. */
  onChanged(listener: () => void): void {
    this.#onChanged = listener;
  }

  find(entity: Entity): Asset | undefined {
    return this.#index.find(entity);
  }

  byId(id: string): Asset | undefined {
    return this.#index.all.get(id as AssetId);
  }

  all(): Iterable<Asset> {
    return this.#index.all.values();
  }

  /** What the candidates would change, changing nothing. */
  plan(candidates: readonly AssetCandidate[], said: Omit<Said, "at">): ImportPlan {
    const at = this.#options.now();
    const changes: AssetChange[] = [];
    for (const candidate of candidates) {
      const before = this.#index.all.get(assetIdOf(candidate.kind, candidate.name));
      const after = merged(before, candidate, { ...said, at });
      if (after !== before) changes.push({ before: before ?? null, after });
    }
    const added = changes.filter(({ before }) => before === null).length;
    return { changes, added, changed: changes.length - added, same: candidates.length - changes.length };
  }

  /** @throws TytoError `bad-request` when the register would hold too many. */
  import(
    candidates: readonly AssetCandidate[],
    said: Omit<Said, "at"> & { readonly name: string },
  ): Promise<{ readonly plan: ImportPlan; readonly record: AssetImportRecord | null }> {
    return this.#inTurn(async () => {
      const plan = this.plan(candidates, said);
      if (plan.changes.length === 0) return { plan, record: null };
      this.#refuseTooMany(plan.added);
      const record = this.#recordOf(plan, said);
      await this.#options.assets.saveImport(record, plan.changes);
      this.#replace(plan.changes.map(({ after }) => after));
      this.#onChanged();
      return { plan, record };
    });
  }

  imports(): Promise<readonly AssetImportRecord[]> {
    return this.#options.assets.imports(KEPT_IMPORTS);
  }

  /** Puts back what the import changed, but for what somebody has changed since. @throws TytoError `not-found`, `conflict`. */
  undo(id: string): Promise<UndoneImport> {
    return this.#inTurn(async () => {
      const found = await this.#options.assets.importById(id);
      if (found === undefined) throw new TytoError("not-found", "There is no such import");
      if (found.record.undoneAt !== null) throw new TytoError("conflict", "This import was undone already");
      const put: Asset[] = [];
      const remove: AssetId[] = [];
      let kept = 0;
      for (const { before, after } of found.changes) {
        const now = this.#index.all.get(after.id);
        if (now === undefined || !saysTheSame(now, after)) kept++;
        else if (before !== null) put.push({ ...before, firstSeen: now.firstSeen, lastSeen: now.lastSeen });
        else if (now.lastSeen === null) remove.push(now.id);
        // Events have named it since: what people said of it goes, that it is there stays.
        else put.push(asLearned(now, this.#options.now()));
      }
      await this.#options.assets.undoImport(id, { put, remove, at: this.#options.now() });
      this.#replace(put, remove);
      this.#onChanged();
      return { restored: put.length, removed: remove.length, kept };
    });
  }

  /** Makes an asset, or changes one of the same kind and name. @throws TytoError `bad-request`. */
  put(candidate: AssetCandidate, by: string): Promise<Asset> {
    return this.#inTurn(async () => {
      const problem = candidate.name.trim() === "" ? "an asset has a name" : beyondLimits(candidate);
      if (problem !== undefined) throw new TytoError("bad-request", problem);
      const id = assetIdOf(candidate.kind, candidate.name);
      const before = this.#index.all.get(id);
      if (before === undefined) this.#refuseTooMany(1);
      return this.#save(merged(before, candidate, { origin: "manual", by, at: this.#options.now() }));
    });
  }

  /** @throws TytoError `not-found`, `bad-request`. */
  edit(id: string, edit: AssetEdit, by: string): Promise<Asset> {
    return this.#inTurn(async () => {
      const before = this.byId(id);
      if (before === undefined) throw new TytoError("not-found", "There is no such asset");
      const candidate = { ...edit, kind: before.kind, name: before.name };
      const problem = beyondLimits(candidate);
      if (problem !== undefined) throw new TytoError("bad-request", problem);
      return this.#save(merged(before, candidate, { origin: "manual", by, at: this.#options.now() }));
    });
  }

  /** @returns whether it was there. One that events name is learned again. */
  remove(id: string): Promise<boolean> {
    return this.#inTurn(async () => {
      const asset = this.byId(id);
      if (asset === undefined) return false;
      await this.#options.assets.delete([asset.id]);
      this.#replace([], [asset.id]);
      this.#onChanged();
      return true;
    });
  }

  /** Keeps when things were first and last seen, and learns those that are new. Repeating it changes nothing. */
  sight(sightings: readonly Sighting[]): Promise<void> {
    return this.#inTurn(async () => {
      let room = MAX_LEARNED - this.#index.all.size;
      const at = this.#options.now();
      const changed: Asset[] = [];
      for (const sighting of sightings) {
        const known =
          this.#index.find({ type: sighting.kind === "host" ? "host" : "user", value: sighting.name }) ??
          this.#index.all.get(assetIdOf(sighting.kind, sighting.name));
        if (known === undefined && room-- <= 0) continue;
        const next = known === undefined ? learned(sighting, at) : seen(known, sighting);
        if (next !== known) changed.push(next);
      }
      if (changed.length === 0) return;
      await this.#options.assets.save(changed);
      this.#replace(changed);
    });
  }

  async #save(asset: Asset): Promise<Asset> {
    if (this.#index.all.get(asset.id) === asset) return asset;
    await this.#options.assets.save([asset]);
    this.#replace([asset]);
    this.#onChanged();
    return asset;
  }

  #refuseTooMany(more: number): void {
    if (this.#index.all.size + more <= ASSET_LIMITS.assets) return;
    throw new TytoError("bad-request", `The register holds at most ${ASSET_LIMITS.assets} assets`, {
      hint: "Leave out what no alert is ever about.",
    });
  }

  #recordOf(plan: ImportPlan, said: Omit<Said, "at"> & { readonly name: string }): AssetImportRecord {
    const { now, random } = this.#options;
    const { added, changed } = plan;
    const { by, origin, name } = said;
    const id = Buffer.from(random(8)).toString("hex");
    return { id, at: now(), by, origin, name, added, changed, undoneAt: null };
  }

  #replace(assets: readonly Asset[], removed: readonly AssetId[] = []): void {
    const all = new Map(this.#index.all);
    for (const id of removed) all.delete(id);
    for (const asset of assets) all.set(asset.id, asset);
    this.#index = new AssetIndex(all.values());
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function learned({ kind, name, first, last }: Sighting, at: Micros): Asset {
  return {
    ...merged(undefined, { kind, name }, { origin: "manual", by: "events", at }),
    origin: "learned",
    firstSeen: first,
    lastSeen: last,
  };
}

function asLearned({ kind, name, firstSeen, lastSeen }: Asset, at: Micros): Asset {
  const last = lastSeen ?? at;
  return learned({ kind: kind === "person" ? "person" : "host", name, first: firstSeen ?? last, last }, at);
}

function seen(asset: Asset, { first, last }: Sighting): Asset {
  const firstSeen = asset.firstSeen === null || first < asset.firstSeen ? first : asset.firstSeen;
  const lastSeen = asset.lastSeen === null || last > asset.lastSeen ? last : asset.lastSeen;
  if (firstSeen === asset.firstSeen && lastSeen === asset.lastSeen) return asset;
  return { ...asset, firstSeen, lastSeen };
}
