import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lacksLoopDevice } from "./capabilities.ts";
import { pause } from "./scenario.ts";
import type { Scenario, Trial } from "./scenario.ts";

export const POWER: readonly Scenario[] = [
  {
    name: "power cut, after seconds",
    lacks: lacksLoopDevice,
    rounds: 6,
    run: (trial, rounds) => cutPower(trial, rounds, 0),
  },
  // Merges and the removal of what was merged come only after a minute.
  {
    name: "power cut, after more than a minute",
    lacks: lacksLoopDevice,
    rounds: 1,
    run: (trial, rounds) => cutPower(trial, rounds, 65_000),
  },
];

const IMAGE_BYTES = 3 * 1024 ** 3;
/** `EXT4_IOC_SHUTDOWN` with `NOLOGFLUSH`: from now on nothing reaches the disk, and what was not synced is gone. */
const CUT = `
import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack("I", 2))
`;

async function cutPower(trial: Trial, rounds: number, runMs: number): Promise<void> {
  const image = imageFile(trial);
  const directory = await trial.directory();
  const mount = (): void => void execFileSync("mount", ["-o", "loop", image, directory]);
  mount();
  trial.finally(() => void spawnSync("umount", ["-l", directory]));
  const data = join(directory, "data");
  const victim = await trial.victim({ directory: data });
  for (let round = 0; round < rounds; round++) {
    const load = trial.load(victim);
    await load.grows(trial.seeded.between(500, 4_000));
    await pause(runMs + trial.seeded.between(0, 1_500));
    execFileSync("python3", ["-c", CUT, directory]);
    await victim.kill("both");
    await load.end();
    await unmount(directory);
    mount();
    await victim.start();
    await trial.close(victim, load);
  }
  await trial.closeAll(victim);
  await victim.stop();
}

/** In memory where there is room: the disk that is cut off is then no other disk's burden. */
function imageFile(trial: Trial): string {
  const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tyto-power-"));
  trial.finally(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(folder, { recursive: true });
  const image = join(folder, "disk");
  writeFileSync(image, "");
  truncateSync(image, IMAGE_BYTES);
  execFileSync("mkfs.ext4", ["-q", "-F", image]);
  return image;
}

/** The killed processes may hold files for a moment. */
async function unmount(directory: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    if (spawnSync("umount", [directory], { stdio: "ignore" }).status === 0) return;
    await pause(200);
  }
  throw new Error("the cut-off disk is still in use");
}
