import { later, seconds } from "../day.ts";
import { windowsShareRead } from "../formats/windows-files.ts";
import { officePeople } from "../world.ts";
import type { Person } from "../world.ts";
import type { Scene } from "./noise.ts";

const PUBLIC = ["Canteen\\menu week 47.pdf", "Forms\\travel.docx", "News\\2026-11.pdf"] as const;
const CONFIDENTIAL = ["Salaries\\2026-11.xlsx", "Board\\minutes 2026-10.docx", "Budget\\2027.xlsx"] as const;

/** People read files of the shares; finance also those that are nobody else's business. */
export function fileNoise(scene: Scene): void {
  const withTwins = new Set(officePeople(scene.world).slice(0, 6));
  for (const person of scene.world.people) {
    for (let reads = scene.rng.int(2, 6); reads > 0; reads -= 1) {
      const isFinance = person.department === "finance" && !withTwins.has(person);
      if (isFinance && scene.rng.chance(0.5))
        read(scene, person, "Confidential", scene.rng.pick(CONFIDENTIAL));
      else if (scene.rng.chance(0.4)) read(scene, person, "Public", scene.rng.pick(PUBLIC));
      else read(scene, person, "Department", `Work\\note-${scene.rng.int(1, 300)}.docx`);
    }
  }
}

function read({ world, day, book, rng }: Scene, person: Person, share: string, file: string): void {
  const at = later(day.at(9.8 + rng.next() * 5.5), seconds(rng, 0, 40));
  const { account, sid, workstation } = person;
  windowsShareRead(book, world, rng, { at, by: { account, sid }, address: workstation.address, share, file });
}
