import type { Day } from "../day.ts";
import type { DemoRecord, LoginAttempt, StoryAnswer } from "../logbook.ts";
import type { Rng } from "../rng.ts";
import type { World } from "../world.ts";

export interface PlantedStory {
  readonly records: readonly DemoRecord[];
  readonly attempts: readonly LoginAttempt[];
  readonly answer: Omit<StoryAnswer, "name" | "description">;
}

/** An attack hidden in the day. One file in this folder, one line in `stories/index.ts`. */
export interface Story {
  /** Kebab-case, stable: scores are kept by it. */
  readonly name: string;
  /** What happened, in a sentence or two, as a person would tell it. */
  readonly description: string;
  /**
   * Writes the attack's lines. Draw addresses from `world.strangers` and people from `bystander` by index, so that no two
   * stories share one: of the addresses, `brute-force` has the first ten, `brute-force-then-success` the next ten, and five
   * each, from the twentieth on, `guessed-then-confidential-file`, `login-scan-injection`, `password-spraying` and
   * `new-admin-mass-deletion`; of the people, `guessed-then-confidential-file` has number 3 and `log-clearing` number 6.
   */
  plant(scene: { readonly world: World; readonly day: Day; readonly rng: Rng }): PlantedStory;
}
