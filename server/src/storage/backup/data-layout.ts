import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TytoError } from "@tyto/domain";

/** Where things are in a data directory, and under which names a backup keeps them. */

/** Files of a data directory that another installation must not get, or makes itself. */
export const OWN_TO_THE_PLACE: ReadonlySet<string> = new Set([
  "journal",
  "engine",
  "control.db",
  "control.db-wal",
  "control.db-shm",
  "control.db-journal",
  "cli-token",
  "addresses.json",
  "upkeep.tmp",
  "restore-unfinished",
]);

/** While it lies in a data directory, that directory is no whole one. */
export const UNFINISHED_MARK = "restore-unfinished";
/** What upkeep writes on its way; removed at every start. */
export const SCRATCH = "upkeep.tmp";

export const IN_BACKUP = {
  control: "data/control.db",
  tail: "journal/tail.ndjson",
  /** Of an encrypted installation. */
  sealedTail: "journal/tail.sealed",
  engine: "data/engine/data",
  others: "data",
  packs: "packs",
} as const;

/** Keys and certificates: left out unless asked for, since a backup goes to places that data does not. */
export function isKeyFile(path: string): boolean {
  return /(^|\/)(keys?|secrets?|tls)(\/|$)|\.(key|pem|p12|pfx|jks)$|(^|[/._-])(key|secret)s?$/i.test(path);
}

/** @throws TytoError `data-directory-unusable` for what a restore was killed over. */
export async function refuseUnfinished(dataDirectory: string): Promise<void> {
  if ((await stat(join(dataDirectory, UNFINISHED_MARK)).catch(() => undefined)) === undefined) return;
  throw new TytoError("data-directory-unusable", `${dataDirectory} was being restored and is not whole`, {
    hint: "Run `tyto restore` again; it begins anew by itself.",
  });
}
