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
   * Writes the attack's lines. Draw addresses from `world.strangers` by index, so that no two stories share one:
   * the first ten are `brute-force`'s, the next ten `brute-force-then-success`'s.
   */
  plant(scene: { readonly world: World; readonly day: Day; readonly rng: Rng }): PlantedStory;
}
