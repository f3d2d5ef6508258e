import { unwatchFile, watchFile } from "node:fs";
import type { Config } from "../config/index.ts";
import { IpDatabase } from "../pipeline/index.ts";
import type { EnrichmentOptions } from "../pipeline/index.ts";
import type { Log } from "../telemetry/index.ts";

/** The files come anew once a week or month, and a look at their date costs nothing. */
const LOOK_MS = 5_000;

/** Opens what the configuration names. @throws TytoError `config-invalid` naming the file that cannot be read. */
export async function openEnrichment(config: Config["enrichment"]): Promise<EnrichmentOptions> {
  const { geo, asn, internalNetworks } = config;
  return {
    ...(geo === undefined ? {} : { geo: await IpDatabase.open(geo) }),
    ...(asn === undefined ? {} : { asn: await IpDatabase.open(asn) }),
    ...(internalNetworks === undefined ? {} : { internalNetworks }),
  };
}

/** Reads a file of addresses again when it was replaced; a bad one is said, and the old one goes on. @returns how to stop. */
export function watchIpDatabases(
  enrichment: EnrichmentOptions,
  options: { readonly log: Log; readonly lookMs?: number },
): () => void {
  const log = options.log.of("pipeline");
  const databases = [enrichment.geo, enrichment.asn].filter((one) => one instanceof IpDatabase);
  for (const database of databases) {
    const { path } = database;
    watchFile(path, { interval: options.lookMs ?? LOOK_MS, persistent: false }, (now, before) => {
      if (now.mtimeMs === before.mtimeMs && now.size === before.size) return;
      database.reload().then(
        () => log.info("an address database was read again", { path }),
        (error: unknown) =>
          log.error("an address database was not read again; the old one goes on", { error }),
      );
    });
  }
  return () => {
    for (const { path } of databases) unwatchFile(path);
  };
}
