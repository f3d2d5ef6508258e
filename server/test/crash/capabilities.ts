/** What a machine must have for a scenario; each says what is missing, or `undefined`. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const FAKETIME = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
].find((path) => existsSync(path));

export function lacksProgram(name: string): string | undefined {
  return succeeds("sh", ["-c", `command -v ${name}`]) ? undefined : `the program ${name}`;
}

/** `strace` may also be there and forbidden. */
export function lacksTracing(): string | undefined {
  const works = succeeds("strace", [
    "-D",
    "-f",
    "--seccomp-bpf",
    "-o",
    "/dev/null",
    "-e",
    "trace=rename",
    "true",
  ]);
  return works ? undefined : "strace and the right to use it";
}

export function lacksMounting(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), "tyto-mount-"));
  try {
    if (!succeeds("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", directory])) return "the right to mount";
    succeeds("umount", ["-l", directory]);
    return undefined;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export function lacksLoopDevice(): string | undefined {
  return (
    lacksMounting() ??
    lacksProgram("mkfs.ext4") ??
    lacksProgram("python3") ??
    (succeeds("losetup", ["-f"]) ? undefined : "a free loop device")
  );
}

/** Version 1 with the memory controller, or version 2 where this process may make groups. */
export function lacksMemoryGroups(): string | undefined {
  const group = `/sys/fs/cgroup/memory/tyto-probe-${process.pid}`;
  const works = succeeds("mkdir", [group]) && existsSync(join(group, "memory.limit_in_bytes"));
  succeeds("rmdir", [group]);
  return works ? undefined : "the right to make memory control groups (version 1)";
}

function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}
