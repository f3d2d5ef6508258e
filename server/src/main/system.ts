import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { formatMicros } from "@tyto/domain";
import type { SystemReport } from "@tyto/domain";
import type { MonitoringPort, SystemPort } from "../api/index.ts";
import type { Parts } from "../main.ts";
import { SCHEMA_VERSIONS } from "../storage/index.ts";
import type { AuditLog } from "../storage/index.ts";

interface SystemParts extends Pick<Parts, "config" | "world" | "stored" | "telemetry"> {
  readonly audit: AuditLog;
  readonly monitoring: MonitoringPort;
}

const SHOWN_BACKUPS = 5;
/** Walking a large store costs a second: asked again a minute later at the earliest. */
const SIZES_LAST_MICROS = 60_000_000;
const MAX_FILES = 200_000;

/** What runs here, without secrets and without anything of an event. */
export function openSystem(parts: SystemParts): SystemPort {
  const { config, world, stored, telemetry, audit, monitoring } = parts;
  const startedAt = formatMicros(world.now());
  let sizes: { readonly at: number; readonly storage: SystemReport["storage"] } | undefined;
  const storage = async (): Promise<SystemReport["storage"]> => {
    if (sizes === undefined || world.now() - sizes.at > SIZES_LAST_MICROS)
      sizes = { at: world.now(), storage: await sizesIn(config.dataDirectory) };
    return sizes.storage;
  };
  const report = async (): Promise<SystemReport> => {
    const { bavail, bsize, blocks } = await statfs(config.dataDirectory);
    const backups = await audit.page({
      limit: SHOWN_BACKUPS,
      matches: ({ action }) => action === "backup-made",
    });
    const running = await stored.control.jobs.running("reparse", "replay", "bulk");
    return {
      version: world.version,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      startedAt,
      schemas: SCHEMA_VERSIONS,
      dataDirectory: config.dataDirectory,
      storage: await storage(),
      disk: { free: bavail * bsize, total: blocks * bsize },
      queue: {
        records: stored.books.accounts().reduce((sum, { queued }) => sum + queued, 0),
        running: running.length,
      },
      encryption: { isOn: stored.keys !== undefined, source: config.encryptionKey.kind },
      backups: backups.items.map(({ at, actor }) => ({ at, actor })),
      alarmChannels: channelsOf(parts),
    };
  };
  const bundle = async (): Promise<Readonly<Record<string, unknown>>> => {
    const { items, canary } = monitoring.alarms();
    const users = await stored.control.users.all();
    const { dataDirectory: _path, ...what } = await report();
    return {
      ...what,
      madeAt: formatMicros(world.now()),
      retention: stored.retention.policy.days,
      // Subjects of alarms may be people's names of sources and searches.
      alarms: items.map(({ kind, since }) => ({ kind, since })),
      canary,
      users: { count: users.length, off: users.filter(({ isEnabled }) => !isEnabled).length },
      sources: (await stored.control.sources()).length,
      counters: telemetry.counters.read(),
    };
  };
  return { report, bundle };
}

/** Where alarms go. An address may hold a password: of a webhook only the host is told. */
function channelsOf({ config }: Pick<Parts, "config">): SystemReport["alarmChannels"] {
  const { webhook, email, heartbeat } = config.alarms;
  return [
    ...(webhook === undefined ? [] : [{ kind: "webhook", to: new URL(webhook).host }]),
    ...(email === undefined ? [] : [{ kind: "email", to: email.to }]),
    ...(heartbeat === undefined ? [] : [{ kind: "heartbeat", to: new URL(heartbeat).host }]),
  ];
}

async function sizesIn(directory: string): Promise<SystemReport["storage"]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const found = await Promise.all(
    entries.map(async (entry) => ({
      name: entry.name,
      bytes: await bytesOf(join(directory, entry.name), entry.isDirectory()),
    })),
  );
  return found.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
}

async function bytesOf(path: string, isFolder: boolean): Promise<number> {
  // Files come and go while the engine merges.
  if (!isFolder) return (await stat(path).catch(() => undefined))?.size ?? 0;
  const names = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of names.slice(0, MAX_FILES)) {
    if (entry.isFile())
      bytes += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
  }
  return bytes;
}
