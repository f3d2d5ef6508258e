import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Dashboard, Diagnostic } from "@tyto/domain";
import { stringify } from "yaml";
import { readDashboard } from "./read-dashboard.ts";

export interface DashboardFile {
  /** `<pack>-<file>`, for those that packs bring. */
  readonly id: string;
  readonly path: string;
  readonly dashboard: Dashboard;
}

export interface DashboardFiles {
  readonly found: readonly DashboardFile[];
  readonly diagnostics: readonly Diagnostic[];
}

const MAX_FILE_BYTES = 1_000_000;
const MAX_FILES = 500;
const IS_DASHBOARD = /\.(?:ya?ml|json)$/;

/** The dashboards that packs bring: `<pack>/dashboards/*.yml`. One that is wrong costs only itself. */
export async function readPackDashboards(packDirectories: readonly string[]): Promise<DashboardFiles> {
  const folders = await Promise.all(
    packDirectories.map(async (directory) =>
      (await names(directory)).map((pack) => ({ pack, path: join(directory, pack, "dashboards") })),
    ),
  );
  const read = await Promise.all(
    folders.flat().map(async ({ pack, path }) => {
      const { found, diagnostics } = await readDashboardFolder(path);
      return { found: found.map((one) => ({ ...one, id: `${pack}-${one.id}` })), diagnostics };
    }),
  );
  return {
    found: read.flatMap(({ found }) => found),
    diagnostics: read.flatMap(({ diagnostics }) => diagnostics),
  };
}

/** Every dashboard of a folder, by name; a folder that is not there has none. */
export async function readDashboardFolder(directory: string): Promise<DashboardFiles> {
  const files = (await names(directory)).filter((name) => IS_DASHBOARD.test(name)).slice(0, MAX_FILES);
  return readDashboardFiles(files.map((name) => join(directory, name)));
}

export async function readDashboardFiles(paths: readonly string[]): Promise<DashboardFiles> {
  const found: DashboardFile[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const path of paths) {
    const text = await textOf(path);
    if (typeof text !== "string") {
      diagnostics.push(text);
      continue;
    }
    const reading = readDashboard(path, text);
    diagnostics.push(...reading.diagnostics);
    if (reading.dashboard !== undefined)
      found.push({ id: basename(path).replace(IS_DASHBOARD, ""), path, dashboard: reading.dashboard });
  }
  return { found, diagnostics };
}

async function names(directory: string): Promise<readonly string[]> {
  return (await readdir(directory).catch(() => [])).sort();
}

async function textOf(path: string): Promise<string | Diagnostic> {
  const problem = (code: string, message: string, hint: string): Diagnostic => ({
    severity: "error",
    code,
    message,
    at: { file: path },
    hint,
  });
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES)
      return problem("file-too-large", "a dashboard has at most 1 MB", "split it into several");
    return await readFile(path, "utf8");
  } catch {
    return problem("unreadable", "cannot be read", "check its name and rights");
  }
}

/** What `readDashboard` reads again to the same dashboard. Queries stand as blocks of lines. */
export function writeDashboard(dashboard: Dashboard, format: "yaml" | "json"): string {
  if (format === "json") return `${JSON.stringify(dashboard, null, 2)}\n`;
  return stringify(dashboard, { version: "1.2", lineWidth: 0, blockQuote: "literal" });
}
