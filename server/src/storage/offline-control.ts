import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TytoError } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { AuditFile } from "./audit-file.ts";
import { openControlStore } from "./control/open-control-store.ts";
import { lockDirectory } from "./journal/directory-lock.ts";
import type { ControlStore } from "./ports.ts";
import { preflight } from "./preflight/preflight.ts";
import type { StoreKeys } from "./sealing/store-keys.ts";

export interface OfflineControl {
  readonly control: ControlStore;
  readonly audit: AuditFile;
  close(): Promise<void>;
}

/**
 * The relational store of a data directory whose server does not run: with the lock that servers take, so that none starts meanwhile.
 *
 * @throws TytoError `data-directory-in-use` while a server runs, `data-directory-unusable` where there is no data
 */
export async function openControlOffline(options: {
  readonly dataDirectory: string;
  readonly keys: StoreKeys | undefined;
  readonly now: () => Micros;
  readonly random: (size: number) => Uint8Array;
}): Promise<OfflineControl> {
  const { dataDirectory, keys, now, random } = options;
  const path = join(dataDirectory, "control.db");
  if ((await stat(path).catch(() => undefined)) === undefined) {
    throw new TytoError("data-directory-unusable", `${dataDirectory} holds no data of Tyto`, {
      hint: "Name the directory with --data.",
    });
  }
  const lock = lockDirectory(join(dataDirectory, "journal"));
  try {
    await preflight(dataDirectory, keys);
    const control = await openControlStore({ path, key: keys?.control });
    const seal = keys === undefined ? undefined : { key: keys.bundle, random };
    return {
      control,
      audit: new AuditFile(dataDirectory, now, { seal }),
      close: async () => {
        await control.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
