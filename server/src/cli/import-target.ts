import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { originId, TytoError } from "@tyto/domain";
import type { Config } from "../config/index.ts";
import { httpTarget, sinkTarget } from "../inputs/index.ts";
import type { ImportTarget } from "../inputs/index.ts";
import { openControlStore, openJournal, openStoreKeys, SourceRegistry } from "../storage/index.ts";
import { isServerAt, serverUrl, tokenFor } from "./client.ts";
import { clockMs, now } from "./world.ts";

export interface OpenedTarget {
  readonly target: ImportTarget;
  close(): Promise<void>;
}

/** A server that runs takes the files; without one they go into the data directory's journal, and the next start applies them. */
export async function openImportTarget(
  config: Config,
  options: {
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly url?: string;
    readonly token?: string;
  },
): Promise<OpenedTarget> {
  const url = serverUrl(config, options.url);
  if (options.url !== undefined || (await isServerAt(url))) {
    const target = httpTarget({ url, token: tokenFor({ config, ...options }), fetch });
    return { target, close: () => Promise.resolve() };
  }
  return openDirectory(config, options.environment["PATH"] ?? "");
}

async function openDirectory(
  { dataDirectory, encryptionKey }: Config,
  programPath: string,
): Promise<OpenedTarget> {
  try {
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new TytoError("data-directory-unusable", `cannot make ${dataDirectory}`, { cause });
  }
  const newOrigin = () => originId(randomBytes(8).toString("hex"));
  const request = { dataDirectory, source: encryptionKey, programPath };
  const keys = await openStoreKeys(request, { random: randomBytes, now, onEncrypted: () => undefined });
  const journal = await openJournal({
    directory: join(dataDirectory, "journal"),
    newOrigin,
    clockMs,
    ...(keys === undefined ? {} : { seal: { key: keys.journal, random: randomBytes } }),
  });
  try {
    const control = await openControlStore({ path: join(dataDirectory, "control.db"), key: keys?.control });
    const sources = new SourceRegistry({ control, known: await control.sources(), now });
    return {
      target: sinkTarget({ sink: journal, sources, now }),
      close: async () => {
        await control.close();
        await journal.close();
      },
    };
  } catch (error) {
    await journal.close();
    throw error;
  }
}
