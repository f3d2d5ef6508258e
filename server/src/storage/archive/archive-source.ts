import { formatMicros, TytoError } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { bundleStream, textSource } from "../bundle/bundle-stream.ts";
import type { BundleSource } from "../bundle/bundle-stream.ts";
import { SEALED_ENDING, sealingOf } from "../bundle/manifest.ts";
import type { ArchiveManifest, BundleFile } from "../bundle/manifest.ts";
import type { EmbeddedEngine } from "../engine/open-engine.ts";
import type { ControlStore, Journal } from "../ports.ts";
import { spanOf } from "../events/event-archive.ts";
import { sealBytes } from "../sealing/sealed-stream.ts";
import type { StoreKeys } from "../sealing/store-keys.ts";

export interface ArchiveStores {
  readonly journal: Pick<Journal, "origin">;
  readonly control: Pick<ControlStore, "checkpoint">;
  readonly engine: Pick<EmbeddedEngine, "keeping">;
  readonly version: string;
  /** Of an encrypted installation: its archives are encrypted as well. */
  readonly keys: StoreKeys | undefined;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly now: () => Micros;
}

export interface OpenArchive {
  readonly rows: number;
  readonly stream: AsyncGenerator<Uint8Array>;
}

/**
 * One day of events, by their own time, as Parquet files of some 50,000 rows. Rows up to the checkpoint: what arrives meanwhile
 * belongs to the next archive of that day.
 * @throws TytoError `not-found` for a day without events.
 */
export async function openArchive(stores: ArchiveStores, day: string): Promise<OpenArchive> {
  spanOf(day);
  const { keys, randomBytes } = stores;
  const { archive } = stores.engine.keeping;
  const upTo = await stores.control.checkpoint();
  const events = await archive.census(day, upTo);
  if (events.rows === 0) {
    throw new TytoError("not-found", `There are no events of ${day}`, {
      hint: "Days are in UTC and by the events' own time. `tyto archive days` lists them.",
    });
  }
  const columns = await archive.columns();
  const slices = await archive.slices(day, upTo);
  const sources = async function* (): AsyncGenerator<BundleSource> {
    for (const [index, slice] of slices.entries()) {
      const name = `events-${String(index).padStart(6, "0")}.parquet`;
      const file = await archive.parquet(slice, columns, upTo);
      if (keys === undefined) yield textSource(name, file);
      else yield textSource(`${name}${SEALED_ENDING}`, await sealBytes(file, keys.bundle, randomBytes));
    }
  };
  const manifestOf = (files: readonly BundleFile[]): ArchiveManifest => ({
    ...sealingOf(keys),
    kind: "archive",
    tyto: stores.version,
    createdAt: formatMicros(stores.now()),
    origin: stores.journal.origin,
    day,
    events,
    columns: [...columns],
    files: [...files],
  });
  return { rows: events.rows, stream: bundleStream(sources(), manifestOf) };
}
