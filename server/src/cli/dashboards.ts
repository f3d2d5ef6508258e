import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_TENANT, formatDiagnostic, TytoError } from "@tyto/domain";
import type { Dashboard, DashboardList, DashboardView, Diagnostic, Micros } from "@tyto/domain";
import { readDashboardFiles, readDashboardFolder } from "../content/index.ts";
import type { DashboardFiles } from "../content/index.ts";
import type { QueryFrontend } from "../query/index.ts";
import type { Client, WritingClient } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { tableLines } from "./table-lines.ts";

const HEADINGS = ["id", "title", "panels", "of", "version", "changed"];

/** `tyto dashboards list`. */
export async function listDashboards(
  client: Client,
  { json }: { readonly json: boolean },
  io: CommandIo,
): Promise<ExitStatus> {
  const { items } = (await client.get("/api/v1/dashboards")) as DashboardList;
  const rows = items.map((one) => [
    one.id,
    printable(one.title),
    String(one.panels),
    one.isIncluded ? "tyto" : `${printable(one.owner)}${one.shared ? ", shared" : ""}`,
    String(one.version),
    one.updatedAt === null ? "–" : one.updatedAt.slice(0, 16).replace("T", " "),
  ]);
  const lines = json ? [JSON.stringify(items)] : tableLines(HEADINGS, rows, []);
  for (const line of lines) await writeLine(io.stdout, line);
  return 0;
}

/** `tyto dashboards export`: one to the terminal, or to a folder; all of them to a folder. */
export async function exportDashboards(
  client: Client,
  options: { readonly id?: string; readonly to?: string; readonly format: "yaml" | "json" },
  io: CommandIo,
): Promise<ExitStatus> {
  const { id, to, format } = options;
  const text = async (one: string): Promise<string> => {
    const path = `/api/v1/dashboards/${encodeURIComponent(one)}/export?format=${format}`;
    return ((await client.get(path)) as { readonly text: string }).text;
  };
  if (to === undefined) {
    if (id === undefined) throw new TytoError("bad-request", "Name a dashboard, or a folder with --to");
    await writeLine(io.stdout, (await text(id)).trimEnd());
    return 0;
  }
  const { items } = (await client.get("/api/v1/dashboards")) as DashboardList;
  const wanted = items.filter((one) => (id === undefined ? !one.isIncluded : one.id === id));
  if (id !== undefined && wanted.length === 0)
    throw new TytoError("not-found", `There is no dashboard ${id}`);
  mkdirSync(to, { recursive: true });
  for (const one of wanted) {
    const file = join(to, `${one.id}.${format === "yaml" ? "yml" : "json"}`);
    writeFileSync(file, await text(one.id));
    await writeLine(io.stdout, `${file}: ${printable(one.title)}`);
  }
  return 0;
}

/** `tyto dashboards import`: nothing is kept when any of the files is wrong. A title that is one's own already gets a new version. */
export async function importDashboards(
  client: WritingClient,
  options: { readonly paths: readonly string[]; readonly shared: boolean },
  io: CommandIo,
): Promise<ExitStatus> {
  const { found, diagnostics } = await filesAt(options.paths);
  if (await told(diagnostics, io)) return 1;
  const { items } = (await client.get("/api/v1/dashboards")) as DashboardList;
  for (const { dashboard, path } of found) {
    const same = items.find((one) => one.isOwn && one.title === dashboard.title);
    const body = { dashboard, shared: options.shared };
    const view = (
      same === undefined
        ? await client.post("/api/v1/dashboards", body)
        : await client.put(`/api/v1/dashboards/${same.id}`, { ...body, version: same.version })
    ) as DashboardView;
    await writeLine(io.stdout, `${path}: ${view.id}, version ${view.version}`);
  }
  return 0;
}

/** `tyto dashboards check`: no server is asked; every query is read as the server would. */
export async function checkDashboards(
  paths: readonly string[],
  { query, now }: { readonly query: Pick<QueryFrontend, "check">; readonly now: Micros },
  io: CommandIo,
): Promise<ExitStatus> {
  const { found, diagnostics } = await filesAt(paths);
  const wrong = await told(diagnostics, io);
  let isWrong = wrong;
  for (const { dashboard, path } of found) {
    const problems = await queryProblems(dashboard, path, { query, now });
    isWrong = (await told(problems, io)) || isWrong;
    if (problems.length === 0)
      await writeLine(io.stdout, `${path}: ${dashboard.panels.length} panels, all sound`);
  }
  return isWrong ? 1 : 0;
}

async function queryProblems(
  { panels, variables }: Dashboard,
  path: string,
  { query, now }: { readonly query: Pick<QueryFrontend, "check">; readonly now: Micros },
): Promise<readonly Diagnostic[]> {
  const parameters = variables.map((variable) => ({
    name: `_${variable.name}`,
    value: variable.kind !== "text" && variable.multi === true ? [] : "",
  }));
  const asked = [
    ...panels.flatMap((panel) => ("query" in panel ? [{ of: `panel ${panel.id}`, kql: panel.query }] : [])),
    ...variables.flatMap((one) =>
      one.kind === "query" ? [{ of: `variable ${one.name}`, kql: one.query }] : [],
    ),
  ];
  const found: Diagnostic[] = [];
  for (const { of, kql } of asked) {
    for (const { at, message, ...rest } of await query.check({
      kql,
      parameters,
      now,
      tenant: DEFAULT_TENANT,
      access: undefined,
    })) {
      const place = `line ${at.line ?? 1}, column ${at.column ?? 1} of its query`;
      found.push({ ...rest, at: { file: path }, message: `${of}, ${place}: ${message}` });
    }
  }
  return found;
}

async function filesAt(paths: readonly string[]): Promise<DashboardFiles> {
  const read = await Promise.all(
    paths.map((path) =>
      statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
        ? readDashboardFolder(path)
        : readDashboardFiles([path]),
    ),
  );
  return { found: read.flatMap(({ found }) => found), diagnostics: read.flatMap((one) => one.diagnostics) };
}

async function told(diagnostics: readonly Diagnostic[], io: CommandIo): Promise<boolean> {
  for (const each of diagnostics) await writeLine(io.stderr, printable(formatDiagnostic(each)));
  return diagnostics.some(({ severity }) => severity === "error");
}
