import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { lacksMounting } from "./capabilities.ts";
import { pause } from "./scenario.ts";
import type { Scenario, Trial } from "./scenario.ts";
import type { Victim } from "./victim.ts";

export const DISK: readonly Scenario[] = [
  {
    name: "disk full, then freed",
    lacks: lacksMounting,
    rounds: 6,
    run: (trial, rounds) => fillDisk(trial, rounds, 2_000),
  },
  {
    name: "small disk full, then freed",
    lacks: lacksMounting,
    rounds: 8,
    run: (trial, rounds) => fillDisk(trial, rounds, 700),
  },
];

const MEBIBYTE = 1024 * 1024;

/** Takes what is left of the disk, all but some bytes. */
function fill(directory: string, leaveBytes: number): void {
  const file = openSync(join(directory, "filler"), "a");
  const piece = Buffer.alloc(MEBIBYTE);
  try {
    for (;;) {
      const { bavail, bsize } = statfsSync(directory);
      const room = bavail * bsize - leaveBytes;
      if (room <= 0) return;
      writeSync(file, piece, 0, Math.min(room, piece.length));
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    closeSync(file);
  }
}

function free(directory: string): void {
  rmSync(join(directory, "filler"), { force: true });
}

/**
 * To the last byte, or only to where the server must refuse by itself; in every third round it is also killed while the disk is full,
 * and started on it.
 */
async function fillDisk(trial: Trial, rounds: number, diskMb: number): Promise<void> {
  const directory = await trial.directory();
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${diskMb}m`, "tmpfs", directory]);
  trial.finally(() => void execFileSync("umount", ["-l", directory]));
  const victim = await trial.victim({ directory });
  for (let round = 0; round < rounds; round++) {
    const load = trial.load(victim);
    await load.grows(trial.seeded.between(100, 1_500));
    fill(directory, round % 2 === 0 ? 0 : 20 * MEBIBYTE);
    await pause(trial.seeded.between(1_000, 3_000));
    if (round % 3 === 2) {
      await victim.kill("both");
      await load.end();
      await startOnFull(victim, trial);
      free(directory);
      if (victim.hasEnded) await victim.start();
    } else {
      free(directory);
      await load.grows(300, 40_000);
    }
    await trial.close(victim, load);
  }
  await trial.closeAll(victim);
}

/** It may start or say that it cannot: what it must not do is harm. */
async function startOnFull(victim: Victim, trial: Trial): Promise<void> {
  try {
    await victim.start({ timeoutMs: 40_000 });
    trial.say("started on a full disk");
  } catch (error) {
    trial.say(`on a full disk: ${firstWords(error)}`);
    await victim.kill("both");
  }
}

function firstWords(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").slice(0, 200);
}
