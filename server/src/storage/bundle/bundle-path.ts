import { TytoError } from "@tyto/domain";

/** Longer names than any of ours; a bundle may come from anywhere. */
const MAX_PATH_BYTES = 1_000;
const PART = /^[A-Za-z0-9_%@+=,~.-]{1,255}$/;

/**
 * A path inside a bundle: relative, `/` between its parts, none of them `.` or `..`. Names outside of plain ASCII never occur, since
 * the engine escapes them.
 */
export function isBundlePath(path: string): boolean {
  if (path.length === 0 || path.length > MAX_PATH_BYTES) return false;
  return path.split("/").every((part) => part !== "." && part !== ".." && PART.test(part));
}

/** @throws TytoError `bundle-damaged` for a path that could leave the folder it is unpacked into. */
export function bundlePath(path: string): string {
  if (isBundlePath(path)) return path;
  throw new TytoError("bundle-damaged", `"${path.slice(0, 200)}" is no path that Tyto writes`, {
    hint: "This was not made by Tyto, or was changed since. Nothing of it was used.",
  });
}
