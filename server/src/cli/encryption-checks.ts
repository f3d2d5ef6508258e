import { TytoError } from "@tyto/domain";
import type { Config } from "../config/index.ts";
import { encryptionState, openStoreKeys } from "../storage/index.ts";
import type { StoreKeys } from "../storage/index.ts";
import type { Check } from "./doctor.ts";
import { stateInWords } from "./encryption.ts";
import { upgradeChecks } from "./upgrade-checks.ts";

const NAME = "encryption";

/** Whether the stores are encrypted and the key opens them, and then what only who can open them sees. Changes nothing. */
export async function encryptionChecks(
  { dataDirectory, encryptionKey: source }: Config,
  { nowMs, programPath = "" }: { readonly nowMs: number; readonly programPath?: string },
): Promise<readonly Check[]> {
  let keys: StoreKeys | undefined;
  try {
    keys = await openStoreKeys({ dataDirectory, source, programPath });
  } catch (error) {
    if (!(error instanceof TytoError)) throw error;
    const { message, hint } = error;
    return [{ name: NAME, status: "error", detail: message, ...(hint === undefined ? {} : { fix: hint }) }];
  }
  const detail = stateInWords(await encryptionState(dataDirectory));
  return [{ name: NAME, status: "ok", detail }, ...(await upgradeChecks(dataDirectory, nowMs, keys))];
}
