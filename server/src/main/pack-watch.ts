import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import type { Config } from "../config/index.ts";
import type { Log } from "../telemetry/index.ts";
import type { LiveContent } from "./live-content.ts";

/** A save is several changes, and a checkout is hundreds: they are one reload, when this long nothing more has changed. */
const QUIET_MS = 300;

export interface WatchOptions {
  readonly config: Pick<Config, "packDirectories">;
  readonly content: Pick<LiveContent, "reload">;
  readonly telemetry: { readonly log: Log };
}

/** Reloads when a file of a pack changes. @returns how to stop, which waits for the reload under way. */
export function watchPacks({ config, content, telemetry }: WatchOptions): () => Promise<void> {
  const log = telemetry.log.of("content");
  let timer: NodeJS.Timeout | undefined;
  let reloading: Promise<unknown> = Promise.resolve();
  const onQuiet = (): void => {
    // Why not is in the log already.
    reloading = content.reload().catch(() => undefined);
  };
  const onChange = (_kind: string, name: string | null): void => {
    if (name !== null && !/\.ya?ml$/.test(name) && /\.[^/\\]*$/.test(name)) return;
    clearTimeout(timer);
    timer = setTimeout(onQuiet, QUIET_MS);
  };
  const watchers: FSWatcher[] = config.packDirectories.map((folder) => {
    const watcher = watch(folder, { recursive: true }, onChange);
    watcher.on("error", (error) =>
      log.warn("changes of packs are no longer noticed; reload by hand", { folder, error }),
    );
    return watcher;
  });
  return async () => {
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
    await reloading;
  };
}
