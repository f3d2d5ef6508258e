import { TytoError } from "@tyto/domain";

/** SQLite's primary result codes that a person can do something about (sqlite.org/rescode.html). */
const BUSY = 5;
const READONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;

/** Says in our words what a failure of the database means. The engine's message stays in `cause`. */
export function storeError(cause: unknown, path: string): TytoError {
  if (cause instanceof TytoError) return cause;
  switch (primaryCode(cause)) {
    case FULL:
      return new TytoError("disk-full", `there is no space left to write ${path}`, {
        cause,
        hint: "Free some space; Tyto goes on by itself.",
      });
    case CORRUPT:
    case NOTADB:
      return new TytoError("store-failed", `${path} is damaged or is no Tyto database`, {
        cause,
        hint: "Stop Tyto, keep a copy of the file, and restore it from a backup.",
      });
    case BUSY:
      return new TytoError("store-failed", `${path} is locked by another process`, {
        cause,
        hint: "Stop the other process that has it open.",
      });
    case READONLY:
    case CANTOPEN:
      return new TytoError("data-directory-unusable", `${path} cannot be opened for writing`, {
        cause,
        hint: "Check that its directory exists and that this user may write there.",
      });
    default:
      return new TytoError("store-failed", `an operation on ${path} failed`, { cause });
  }
}

/** Extended codes keep the primary one in their low byte. */
function primaryCode(cause: unknown): number | undefined {
  return cause instanceof Error && "rawCode" in cause && typeof cause.rawCode === "number"
    ? cause.rawCode & 0xff
    : undefined;
}
