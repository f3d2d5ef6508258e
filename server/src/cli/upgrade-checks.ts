import { TytoError } from "@tyto/domain";
import { preflight, setAsideParts } from "../storage/index.ts";
import type { StoreKeys } from "../storage/index.ts";
import { humanSize } from "./byte-progress.ts";
import type { Check } from "./doctor.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Without an upgrade ahead: after so long somebody should be told. */
const OLD_BACKUP_MS = 7 * DAY_MS;

/** What the next start does to the stores, whether there is room for it, and how old the newest backup is. Changes nothing. */
export async function upgradeChecks(
  dataDirectory: string,
  nowMs: number,
  keys?: StoreKeys,
): Promise<readonly Check[]> {
  try {
    const { found, steps, neededBytes, freeBytes, lastBackup } = await preflight(dataDirectory, keys);
    if (found === "") return [];
    return [
      schemaCheck(found, steps),
      ...(steps.length === 0 ? [] : [roomCheck(neededBytes, freeBytes)]),
      backupCheck(lastBackup, nowMs, steps.length > 0),
    ];
  } catch (error) {
    if (!(error instanceof TytoError)) throw error;
    const { message, hint } = error;
    return [
      { name: "schema", status: "error", detail: message, ...(hint === undefined ? {} : { fix: hint }) },
    ];
  }
}

/** What the engine could not read at some start. */
export async function partsCheck(dataDirectory: string): Promise<Check> {
  const name = "parts";
  const found = await setAsideParts(dataDirectory);
  const [first] = found;
  if (first === undefined) return { name, status: "ok", detail: "the engine has set none aside" };
  return {
    name,
    status: "warning",
    detail: `the engine has set ${found.length} aside that it could not read, such as ${first}`,
    fix: "Check the disk. What the journal still held was stored again by itself; delete the folders when `tyto ledger` is even.",
  };
}

function schemaCheck(found: string, steps: readonly string[]): Check {
  if (steps.length === 0) return { name: "schema", status: "ok", detail: `${found}: as this version has it` };
  return {
    name: "schema",
    status: "warning",
    detail: `${found}: the next start upgrades it, and no older version can open it then`,
    fix: `It will run: ${steps.join("; ")}.`,
  };
}

function roomCheck(neededBytes: number, freeBytes: number): Check {
  const detail = `the upgrade needs up to ${humanSize(neededBytes)}, ${humanSize(freeBytes)} are free`;
  if (freeBytes >= neededBytes) return { name: "upgrade", status: "ok", detail };
  return { name: "upgrade", status: "error", detail, fix: "Free some space before this version is started." };
}

function backupCheck(lastBackup: string | undefined, nowMs: number, isUpgradeAhead: boolean): Check {
  const name = "backup";
  const ageMs = lastBackup === undefined ? Infinity : nowMs - Date.parse(lastBackup);
  const detail = lastBackup === undefined ? "none was ever made" : `the newest is of ${lastBackup}`;
  if (ageMs < DAY_MS) return { name, status: "ok", detail };
  if (isUpgradeAhead) {
    const fix = "Run `tyto backup DIR` with the version that wrote the data, then upgrade.";
    return { name, status: "error", detail: `${detail}; an upgrade is ahead`, fix };
  }
  if (ageMs < OLD_BACKUP_MS) return { name, status: "ok", detail };
  return { name, status: "warning", detail, fix: "Run `tyto backup DIR`, onto another disk." };
}
