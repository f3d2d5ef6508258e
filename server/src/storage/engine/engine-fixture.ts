import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { micros } from "@tyto/domain";
import { rolldown } from "rolldown";
import { writeEngineConfig } from "./config-files.ts";
import { EngineClient } from "./engine-client.ts";
import type { EngineConnection } from "./engine-connection.ts";
import { EngineProcess } from "./engine-process.ts";
import { openEngine } from "./open-engine.ts";
import type { EmbeddedEngine, EngineOptions } from "./open-engine.ts";

/** For tests and benchmarks only: the product takes the child's bundle from its build. */

const ROOT = path.resolve(import.meta.dirname, "../../../..");

/** Bundles a program below the repository, where it finds its packages, and returns its path. Safe to call side by side. */
export async function bundleBelowRepository(source: string, root: string = ROOT): Promise<string> {
  const bundle = await rolldown({
    input: path.join(root, source),
    platform: "node",
    external: ["chdb", "@clickhouse/client"],
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  const { code } = output[0];
  const folder = path.join(root, ".tyto", "engine-child");
  const file = path.join(folder, `${createHash("sha256").update(code).digest("hex").slice(0, 16)}.mjs`);
  await mkdir(folder, { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, code);
  await rename(draft, file);
  return file;
}

export function buildEngineChild(root: string = ROOT): Promise<string> {
  return bundleBelowRepository("server/src/storage/engine/child.ts", root);
}

export async function temporaryDirectory(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), "tyto-engine-"));
}

/** An engine in a directory of its own that goes when it is closed. */
export async function temporaryEngine(options: Partial<EngineOptions> = {}): Promise<{
  readonly engine: EmbeddedEngine;
  readonly directory: string;
  readonly remove: () => Promise<void>;
}> {
  const directory = options.directory ?? (await temporaryDirectory());
  const engine = await openEngine({
    childPath: await buildEngineChild(),
    now: () => micros(Date.now() * 1_000),
    clockMs: () => performance.now(),
    ...options,
    directory,
  });
  const remove = async (): Promise<void> => {
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { engine, directory, remove };
}

/** A bare engine without a schema, for tests of what stands below `openEngine`. */
export async function openFixtureClient(): Promise<{
  readonly client: EngineClient;
  readonly connection: (limitMs: number) => Promise<EngineConnection>;
  readonly remove: () => Promise<void>;
}> {
  const directory = await temporaryDirectory();
  const data = path.join(directory, "data");
  await mkdir(data);
  const engine = await EngineProcess.start({
    childPath: await buildEngineChild(),
    directory: data,
    configPath: await writeEngineConfig(path.join(directory, "config"), {
      memoryLimitBytes: 512 * 1024 * 1024,
    }),
    readers: 2,
    clockMs: () => performance.now(),
  });
  const connection = (limitMs: number): Promise<EngineConnection> => engine.connection(limitMs);
  const remove = async (): Promise<void> => {
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  };
  return { client: new EngineClient(connection, 5_000), connection, remove };
}
