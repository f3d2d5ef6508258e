import type { Day } from "../day.ts";
import type { Logbook } from "../logbook.ts";
import type { Rng } from "../rng.ts";
import type { World } from "../world.ts";
import type { FailureBudget } from "./failure-budget.ts";

/** What a part of the harmless day is handed. */
export interface Scene {
  readonly world: World;
  readonly day: Day;
  readonly book: Logbook;
  readonly rng: Rng;
  readonly budget: FailureBudget;
}
