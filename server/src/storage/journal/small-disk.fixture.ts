import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Whether this process may mount a file system: a full disk needs a small one. */
export const CAN_MOUNT = canMount();

/** An empty disk of 2 MB, unmounted when the test is over. */
export function smallDisk(): string {
  const disk = mount();
  onTestFinished(() => unmount(disk));
  return disk;
}

function canMount(): boolean {
  try {
    unmount(mount());
    return true;
  } catch {
    return false;
  }
}

function mount(): string {
  const directory = mkdtempSync(join(tmpdir(), "tyto-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", directory], { stdio: "ignore" });
    return directory;
  } catch (error) {
    rmSync(directory, { recursive: true });
    throw error;
  }
}

function unmount(directory: string): void {
  // Lazily: files that a failed test left open must not keep it.
  execFileSync("umount", ["-l", directory]);
  rmSync(directory, { recursive: true });
}
