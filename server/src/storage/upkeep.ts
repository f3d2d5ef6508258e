import { createWriteStream, createReadStream } from "node:fs";
import { mkdir, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { formatMicros, MICROS_PER_DAY, micros, RETENTION_FLOORS, TytoError } from "@tyto/domain";
import type {
  ArchiveDayList,
  ArchiveRestore,
  BackupBody,
  Retention,
  RetentionBody,
  RetentionRun,
  RetentionWeek,
} from "@tyto/domain";
import { openArchive } from "./archive/archive-source.ts";
import type { OpenArchive } from "./archive/archive-source.ts";
import { restoreArchive } from "./archive/archive-restore.ts";
import type { AuditFile } from "./audit-file.ts";
import { SCRATCH } from "./backup/data-layout.ts";
import { openBackup } from "./backup/backup-source.ts";
import type { BackupStores, OpenBackup } from "./backup/backup-source.ts";
import { readTar } from "./bundle/tar-read.ts";
import { KEYRING_FILE, parseKeyring } from "./sealing/keyring.ts";
import type { StoreKeys } from "./sealing/store-keys.ts";
import { openStream, sealStream } from "./sealing/sealed-stream.ts";
import type { EmbeddedEngine } from "./engine/open-engine.ts";
import type { ControlStore, Journal } from "./ports.ts";
import { forecast, RATE_DAYS } from "./retention/forecast.ts";
import { HeldDays } from "./retention/held-days.ts";
import { expiredPartitions } from "./retention/retention-run.ts";
import type { ExpiredPartition } from "./retention/retention-run.ts";
import type { RetentionSettings } from "./retention/retention-settings.ts";

export interface UpkeepOptions extends BackupStores {
  readonly journal: Pick<Journal, "origin" | "head" | "read">;
  readonly control: Pick<ControlStore, "checkpoint" | "copyTo" | "settings">;
  readonly engine: Pick<EmbeddedEngine, "files" | "keeping">;
  readonly retention: RetentionSettings;
  /** Opens the keyring of another installation with the master key of this one. */
  readonly unlock: (keyring: string) => Promise<StoreKeys>;
  readonly audit: AuditFile;
}

/** Whether a person asked. A run by itself that would drop most of what there is looks like a wrong clock and drops nothing. */
export type RunBy = { readonly kind: "person"; readonly name: string } | { readonly kind: "itself" };

/** Setting: when the newest backup was read to its end. */
export const LAST_BACKUP = "upkeep.last-backup";
const GIBIBYTE = 1024 ** 3;

/** What is done to the stores as a whole: backups, archives of days, expiry. One at a time. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #audit: AuditFile;
  readonly #held: HeldDays;
  #running: string | undefined;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#audit = options.audit;
    this.#held = new HeldDays(options.control.settings, options.now);
  }

  /** What a killed process has left half done and nobody needs. */
  async clearScratch(): Promise<void> {
    await rm(join(this.#options.dataDirectory, SCRATCH), { recursive: true, force: true });
  }

  /** The caller reads the stream to its end or calls `discard`. */
  async backup(body: BackupBody, actor: string): Promise<OpenBackup> {
    const end = this.#begin("a backup");
    try {
      const have = new Map(Object.entries(body.have ?? {}));
      const backup = await openBackup(this.#options, { have, includesKeys: body.includeKeys === true });
      const discard = async (): Promise<void> => {
        end();
        await backup.discard();
      };
      return { ...backup, discard, stream: this.#watched(backup.stream, end, () => this.#noteBackup(actor)) };
    } catch (error) {
      end();
      throw error;
    }
  }

  async archiveDays(): Promise<ArchiveDayList> {
    const { control, engine } = this.#options;
    const days = await engine.keeping.archive.days(await control.checkpoint());
    return {
      items: days.map(({ day, rows }) => ({ day, events: rows })),
      interrupted: [...(await this.#held.interrupted())],
    };
  }

  async archive(day: string, actor: string): Promise<OpenArchive & { readonly discard: () => void }> {
    const end = this.#begin("an archive");
    try {
      const archive = await openArchive(this.#options, day);
      const note = (): Promise<void> =>
        this.#audit.append({ actor, action: "archive-made", detail: { day, events: archive.rows } });
      return { ...archive, discard: end, stream: this.#watched(archive.stream, end, note) };
    } catch (error) {
      end();
      throw error;
    }
  }

  /** @param body a tar of the archive, its manifest first */
  async restoreArchive(
    body: AsyncIterable<Uint8Array>,
    request: { readonly day?: string; readonly holdDays: number; readonly actor: string },
  ): Promise<ArchiveRestore> {
    const end = this.#begin("the restore of an archive");
    const { control, engine, now, dataDirectory } = this.#options;
    const scratch = join(dataDirectory, SCRATCH);
    try {
      await rm(scratch, { recursive: true, force: true });
      await mkdir(scratch, { mode: 0o700 });
      const file = join(scratch, "archive.tar");
      // Taken off the line first: the sender's connection does not wait for the engine.
      const { keys, randomBytes } = this.#options;
      const kept = keys === undefined ? body : sealStream(body, keys.bundle, randomBytes);
      await pipeline(kept, createWriteStream(file, { mode: 0o600 }));
      const back: AsyncIterable<Uint8Array> = createReadStream(file);
      const tar = keys === undefined ? back : openStream(back, keys.bundle, file);
      const until = micros(now() + request.holdDays * MICROS_PER_DAY);
      const { manifest, stored, present } = await restoreArchive(readTar(tar), {
        engine,
        keysOf: (keyring) => this.#keysOf(keyring),
        checkpoint: await control.checkpoint(),
        ...(request.day === undefined ? {} : { day: request.day }),
        onChecked: (checked) => this.#held.begin(checked.day, until),
      });
      await this.#held.finished(manifest.day);
      const { day } = manifest;
      await this.#audit.append({
        actor: request.actor,
        action: "archive-restored",
        detail: { day, stored, present, from: manifest.origin },
      });
      return { day, stored, present, heldUntil: formatMicros(until) };
    } finally {
      await rm(scratch, { recursive: true, force: true });
      end();
    }
  }

  /** After a rotation the keyring of an older archive needs the older master key; the keys in it are the same. */
  async #keysOf(keyring: string): Promise<StoreKeys> {
    const { keys, unlock } = this.#options;
    const { id } = parseKeyring(keyring, "the archive's keyring");
    const isOwn = keys !== undefined && parseKeyring(keys.keyring, KEYRING_FILE).id === id;
    return isOwn ? keys : unlock(keyring);
  }

  async retention(): Promise<Retention> {
    const { retention } = this.#options;
    const { framework, days, sources } = retention.policy;
    return {
      framework,
      floorDays: RETENTION_FLOORS[framework].days,
      days: { ...days },
      sources: { ...sources },
      forecast: await this.#forecast(),
      expired: (await this.#expired()).map(weekOf),
      holds: (await this.#held.holds()).map(({ day, until }) => ({ day, until: formatMicros(until) })),
    };
  }

  async changeRetention(change: RetentionBody, actor: string): Promise<Retention> {
    const before = this.#options.retention.policy;
    const after = await this.#options.retention.change(change);
    await this.#audit.append({ actor, action: "retention-changed", detail: { before, after } });
    return this.retention();
  }

  /** @throws TytoError `conflict` when it runs by itself and most of all events would go. */
  async runRetention(by: RunBy, isDryRun: boolean): Promise<RetentionRun> {
    if (isDryRun) return { dryRun: true, dropped: (await this.#expired()).map(weekOf) };
    const end = this.#begin("a retention run");
    try {
      const expired = await this.#expired();
      if (by.kind === "itself") await this.#refuseMost(expired);
      for (const partition of expired) await this.#drop(partition, by.kind === "person" ? by.name : "tyto");
      return { dryRun: false, dropped: expired.map(weekOf) };
    } finally {
      end();
    }
  }

  /** Said first: a crash between the two leaves a line for a week that is still there, never a week gone without a line. */
  async #drop(partition: ExpiredPartition, actor: string): Promise<void> {
    const { partitions } = this.#options.engine.keeping;
    const sources = await partitions.countBySource(partition.id);
    await this.#audit.append({
      actor,
      action: "partition-dropped",
      detail: {
        ...weekOf(partition),
        keptDays: partition.keptDays,
        newestArrival: formatMicros(partition.newestArrival),
        eventsBySource: sources,
      },
    });
    await partitions.drop(partition.id);
  }

  async #refuseMost(expired: readonly ExpiredPartition[]): Promise<void> {
    const sum = (all: readonly { readonly rows: number }[]): number =>
      all.reduce((total, { rows }) => total + rows, 0);
    const rows = sum(expired);
    const total = sum(await this.#options.engine.keeping.partitions.list());
    if (rows * 2 <= total) return;
    throw new TytoError("conflict", `${rows} of ${total} events would expire at once; nothing was dropped`, {
      hint: "If the clock is right, look at `tyto retention run --dry-run` and run it yourself.",
    });
  }

  async #expired(): Promise<readonly ExpiredPartition[]> {
    const { engine, retention, now } = this.#options;
    const holds = await this.#held.holds();
    return expiredPartitions(engine.keeping.partitions, { policy: retention.policy, holds, now: now() });
  }

  async #forecast(): Promise<Retention["forecast"]> {
    const { engine, retention, now, dataDirectory } = this.#options;
    const { partitions } = engine.keeping;
    const { bavail, blocks, bsize } = await statfs(dataDirectory);
    return forecast({
      partitions: await partitions.list(),
      arrived: await partitions.arrivedSince(micros(now() - RATE_DAYS * MICROS_PER_DAY)),
      freeBytes: bavail * bsize,
      reservedBytes: Math.min(2 * GIBIBYTE, 0.05 * blocks * bsize),
      keptDays: retention.policy.days.standard,
      now: now(),
    });
  }

  async #noteBackup(actor: string): Promise<void> {
    const { control, now } = this.#options;
    await control.settings.set(LAST_BACKUP, formatMicros(now()));
    await this.#audit.append({ actor, action: "backup-made", detail: {} });
  }

  /** @returns what ends it. @throws TytoError `conflict` while something else runs. */
  #begin(name: string): () => void {
    if (this.#running !== undefined) {
      throw new TytoError("conflict", `${this.#running} is running`, {
        hint: "Try again when it has ended.",
      });
    }
    this.#running = name;
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      this.#running = undefined;
    };
  }

  /** Notes it when the last byte was read, and ends it however it ends. */
  async *#watched(
    stream: AsyncGenerator<Uint8Array>,
    end: () => void,
    note: () => Promise<void>,
  ): AsyncGenerator<Uint8Array> {
    try {
      yield* stream;
      await note();
    } finally {
      end();
    }
  }
}

function weekOf({ retention, from, to, rows, bytes }: ExpiredPartition): RetentionWeek {
  return { class: retention, from: formatMicros(from), to: formatMicros(to), events: rows, bytes };
}
