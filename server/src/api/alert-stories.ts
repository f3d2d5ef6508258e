import { stories } from "@tyto/domain";
import type { AlertId } from "@tyto/domain";
import type { AlertFilter, AlertRepository } from "../storage/index.ts";

/** How many of the newest alerts are put together to stories. */
const STORY_ALERTS = 2_000;

/** The alerts of any status that tell one story with this one, itself among them. */
export async function storyOf(
  alerts: Pick<AlertRepository, "linked">,
  id: AlertId,
): Promise<readonly AlertId[]> {
  const all = await alerts.linked({}, STORY_ALERTS);
  return stories(all).find((story) => story.includes(id)) ?? [id];
}

/** Those that match, story by story. */
export async function storiesOf(
  alerts: Pick<AlertRepository, "linked">,
  filter: AlertFilter,
): Promise<{ readonly groups: readonly (readonly AlertId[])[]; readonly isPartial: boolean }> {
  const all = await alerts.linked(filter, STORY_ALERTS);
  return { groups: stories(all), isPartial: all.length === STORY_ALERTS };
}
