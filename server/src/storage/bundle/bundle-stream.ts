import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { asyncItems, TytoError } from "@tyto/domain";
import { MANIFEST, manifestText } from "./manifest.ts";
import type { BundleFile, BundleManifest } from "./manifest.ts";
import { TAR_END, tarHeader, tarPadding } from "./tar-write.ts";

/** A file on its way into a bundle. */
export interface BundleSource {
  readonly path: string;
  readonly bytes: number;
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** The file as it is on disk, up to the size it had when it was listed. */
export function fileSource(path: string, file: string, bytes: number): BundleSource {
  const open = (): AsyncIterable<Uint8Array> =>
    bytes === 0 ? asyncItems([]) : createReadStream(file, { end: bytes - 1, highWaterMark: 1024 * 1024 });
  return { path, bytes, open };
}

export function textSource(path: string, content: Uint8Array): BundleSource {
  return { path, bytes: content.length, open: () => asyncItems([content]) };
}

/** A tar of the files, each hashed as it goes by; the manifest, which knows the hashes, comes last. */
export async function* bundleStream(
  sources: AsyncIterable<BundleSource>,
  manifestOf: (files: readonly BundleFile[]) => BundleManifest,
): AsyncGenerator<Uint8Array> {
  const files: BundleFile[] = [];
  for await (const source of sources) {
    const { path, bytes } = source;
    yield tarHeader(path, bytes);
    const hash = createHash("sha256");
    let sent = 0;
    for await (const piece of source.open()) {
      hash.update(piece);
      sent += piece.length;
      yield piece;
    }
    if (sent !== bytes) throw new TytoError("store-failed", `${path} changed while it was read`);
    yield tarPadding(bytes);
    files.push({ path, bytes, sha256: hash.digest("hex") });
  }
  const manifest = Buffer.from(manifestText(manifestOf(files)));
  yield tarHeader(MANIFEST, manifest.length);
  yield manifest;
  yield tarPadding(manifest.length);
  yield TAR_END;
}
