import { basename } from "node:path";
import { readFileSync, statSync } from "node:fs";
import { TytoError } from "@tyto/domain";
import type { AssetImportReport, AssetList, AssetUndo, AssetView } from "@tyto/domain";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { tableLines } from "./table-lines.ts";

interface JsonFlag {
  readonly json: boolean;
}

export interface ListAssetsOptions extends JsonFlag {
  readonly kind?: string;
  readonly criticality?: string;
  readonly label?: string;
  readonly text?: string;
}

const MAX_FILE_BYTES = 8 * 1024 * 1024;
const HEADINGS = ["kind", "name", "criticality", "labels", "owner", "aliases", "from", "last seen"];

/** `tyto assets list`: the register, the most critical first. */
export async function listAssets(
  client: Client,
  options: ListAssetsOptions,
  io: CommandIo,
): Promise<ExitStatus> {
  const { json, ...filters } = options;
  const assets: AssetView[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: "1000" });
    for (const [name, value] of Object.entries(filters)) query.set(name, value);
    if (cursor !== null) query.set("cursor", cursor);
    const page = (await client.get(`/api/v1/assets?${query.toString()}`)) as AssetList;
    assets.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  const lines = json ? [JSON.stringify(assets)] : tableLines(HEADINGS, assets.map(rowOf), []);
  for (const line of lines) await writeLine(io.stdout, line);
  return 0;
}

function rowOf(asset: AssetView): readonly string[] {
  return [
    asset.kind,
    printable(asset.name),
    asset.criticality ?? "–",
    printable(asset.labels.join(", ")),
    printable(asset.owner ?? ""),
    printable(asset.aliases.join(", ")),
    asset.origin,
    asset.lastSeen === null ? "never" : asset.lastSeen.slice(0, 16).replace("T", " "),
  ];
}

/** `tyto assets import`: exit status 1 when a line could not be read, also when the others were. */
export async function importAssets(
  client: Client,
  options: JsonFlag & { readonly file: string; readonly dryRun?: boolean },
  io: CommandIo,
): Promise<ExitStatus> {
  const body = {
    csv: fileText(options.file),
    name: basename(options.file).slice(0, 200),
    dryRun: options.dryRun === true,
  };
  const report = (await client.post("/api/v1/assets/import", body)) as AssetImportReport;
  if (options.json) await writeLine(io.stdout, JSON.stringify(report));
  else for (const line of reportLines(report)) await writeLine(io.stdout, line);
  for (const { line, severity, message, hint } of report.problems) {
    const place = line === null ? body.name : `${body.name}:${line}`;
    await writeLine(io.stderr, printable(`${place}: ${severity}: ${message} (${hint})`));
  }
  return report.problems.some(({ severity }) => severity === "error") ? 1 : 0;
}

function fileText(file: string): string {
  try {
    if (statSync(file).size > MAX_FILE_BYTES)
      throw new TytoError("too-large", "An inventory has at most 8 MB", { hint: "Import it in parts." });
    return readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof TytoError) throw cause;
    throw new TytoError("bad-request", `${file} cannot be read`, {
      cause,
      hint: "Check its name and rights.",
    });
  }
}

function reportLines(report: AssetImportReport): readonly string[] {
  const { added, changed, same, rows, importId, dryRun } = report;
  const verb = dryRun ? "would be " : "";
  return [
    `${rows} lines: ${added} ${verb}added, ${changed} ${verb}changed, ${same} the same.`,
    ...(importId === null ? [] : [`Take it back with: tyto assets undo ${importId}`]),
  ];
}

/** `tyto assets undo`. */
export async function undoAssets(client: Client, id: string, io: CommandIo): Promise<ExitStatus> {
  const undone = (await client.post(
    `/api/v1/assets/imports/${encodeURIComponent(id)}/undo`,
    {},
  )) as AssetUndo;
  const { restored, removed, kept } = undone;
  await writeLine(
    io.stdout,
    `${restored} put back, ${removed} taken out, ${kept} kept as they were changed since.`,
  );
  return 0;
}
