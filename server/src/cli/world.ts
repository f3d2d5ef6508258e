import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { microsFromMilliseconds } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { World } from "../main.ts";

/** Where the repository (or the installed package) lies: `server/dist/` holds this code once it is bundled. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const PACKS = join(ROOT, "packs");

/** Wall clock, at the resolution that Node has. */
export function now(): Micros {
  return microsFromMilliseconds(Date.now());
}

export const clockMs = (): number => performance.now();

export function version(): string {
  const manifest = createRequire(import.meta.url)(join(ROOT, "package.json")) as { readonly version: string };
  return manifest.version;
}

/** The real world, for commands that run a server. */
export function realWorld(): World {
  return {
    now,
    clockMs,
    randomBytes: (size) => randomBytes(size),
    sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal }).catch(() => undefined),
    log: process.stderr,
    version: version(),
    programPath: process.env["PATH"] ?? "/usr/bin:/bin",
    hostNames: [hostname().toLowerCase()],
    paths: {
      engineChild: join(ROOT, "server/dist/engine-child.mjs"),
      kqlWorker: join(ROOT, "server/dist/kql-worker.mjs"),
      webRoot: join(ROOT, "web/dist"),
      caseProofs: join(ROOT, "server/dist/case-proofs"),
    },
  };
}
