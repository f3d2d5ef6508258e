import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { TytoError } from "@tyto/domain";

/** Holds a directory for this process until it releases it or ends, however it ends. */
export interface DirectoryLock {
  release(): void;
}

/**
 * Takes the directory or fails with `data-directory-in-use`, naming the process that holds it.
 *
 * Node has no file locks, SQLite has: an exclusive transaction on an empty database holds one of the operating system's, which
 * dies with the process (kill -9 included) and is seen from other containers on the same machine. The file `lock` must not be
 * opened in any other way: closing a second handle on it would drop the lock (POSIX). The pid is only for the message.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const pidFile = join(directory, "lock.pid");
  const database = openLockFile(join(directory, "lock"), directory);
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    database.close();
    if (!isBusy(cause)) throw unusable(directory, cause);
    const holder = readHolder(pidFile);
    throw new TytoError(
      "data-directory-in-use",
      `${directory} is in use by another Tyto process (${holder === undefined ? "pid unknown" : `pid ${holder}`})`,
      { cause, hint: "Stop that process, or give this one a data directory of its own." },
    );
  }
  try {
    writeFileSync(pidFile, `${process.pid}\n`);
  } catch {
    // The lock stands without it: a full disk may not keep what is stored from being read.
  }
  return {
    release() {
      rmSync(pidFile, { force: true });
      database.exec("ROLLBACK");
      database.close();
    },
  };
}

function openLockFile(path: string, directory: string): Database.Database {
  try {
    return new Database(path);
  } catch (cause) {
    throw unusable(directory, cause);
  }
}

function isBusy(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "SQLITE_BUSY";
}

function unusable(directory: string, cause: unknown): TytoError {
  return new TytoError("data-directory-unusable", `cannot lock the directory ${directory}`, {
    cause,
    hint: "Check that it exists, that this user may write in it, and that its file system supports locks.",
  });
}

function readHolder(pidFile: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, "utf8"), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch {
    // A holder that has only just started has not written it yet.
    return undefined;
  }
}
