import { micros } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import { DAY, Day } from "./day.ts";
import { Logbook } from "./logbook.ts";
import type { DemoRecord, LoginAttempt, StoryAnswer, TwinAnswer } from "./logbook.ts";
import { cloudNoise } from "./noise/cloud.ts";
import { FailureBudget } from "./noise/failure-budget.ts";
import { fileNoise } from "./noise/files.ts";
import { linuxNoise, probeServers } from "./noise/linux.ts";
import { networkNoise } from "./noise/network.ts";
import type { Scene } from "./noise/noise.ts";
import { shopNoise } from "./noise/shop.ts";
import { storyTwins } from "./noise/story-twins.ts";
import { twins } from "./noise/twins.ts";
import { windowsNoise } from "./noise/windows.ts";
import { Rng } from "./rng.ts";
import { STORIES } from "./stories/index.ts";
import { createWorld } from "./world.ts";

/** The answers that lie beside the logs. */
export interface DemoAnswers {
  readonly seed: number;
  readonly from: Micros;
  readonly to: Micros;
  readonly records: number;
  /** Records by input and source. */
  readonly sources: Readonly<Record<string, number>>;
  readonly stories: readonly StoryAnswer[];
  readonly twins: readonly TwinAnswer[];
}

export interface DemoDay {
  /** In order of time. */
  readonly records: readonly DemoRecord[];
  readonly answers: DemoAnswers;
  /** The truth behind the lines, by what wrote them: `noise` or a story's name. */
  readonly attempts: ReadonlyMap<string, readonly LoginAttempt[]>;
}

/** The harmless parts of the day; the twins come first, so that the failures they need are theirs. */
const NOISE: readonly (readonly [string, (scene: Scene) => void])[] = [
  ["twins", twins],
  ["story-twins", storyTwins],
  ["linux", linuxNoise],
  ["probe", probeServers],
  ["network", networkNoise],
  ["shop", shopNoise],
  ["windows", windowsNoise],
  ["cloud", cloudNoise],
  ["files", fileNoise],
];

/**
 * A day in an office, in the vendors' own formats and with attacks hidden in it. The same seed and end give the same bytes. The
 * office's midnight is 24 hours before `endsAt`, so that its clock moves along and the day can end now.
 */
export function generateDay(options: { readonly seed: number; readonly endsAt: Micros }): DemoDay {
  const root = new Rng(options.seed);
  const world = createWorld(root.of("world"));
  const day = new Day(micros(options.endsAt - DAY));
  const planted = STORIES.map((story) => ({
    story,
    ...story.plant({ world, day, rng: root.of(story.name) }),
  }));
  const noise = new Logbook();
  const budget = new FailureBudget(planted.flatMap(({ attempts }) => attempts));
  for (const [name, write] of NOISE) write({ world, day, book: noise, rng: root.of(name), budget });

  const records = [noise, ...planted]
    .flatMap((part) => part.records)
    // What was still going on at midnight is cut off there.
    .filter(({ at }) => day.has(at))
    .sort((a, b) => a.at - b.at);
  return {
    records,
    attempts: new Map([
      ["noise", noise.attempts.filter(({ at }) => day.has(at))],
      ...planted.map(({ story, attempts }) => [story.name, attempts] as const),
    ]),
    answers: {
      seed: options.seed,
      from: day.start,
      to: day.end,
      records: records.length,
      sources: countBySource(records),
      stories: planted.map(({ story, answer }) => ({
        name: story.name,
        description: story.description,
        ...answer,
      })),
      twins: noise.twins,
    },
  };
}

function countBySource(records: readonly DemoRecord[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { input, source } of records) {
    const name = `${input} ${source}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
