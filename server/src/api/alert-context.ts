import type { FastifyRequest } from "fastify";
import { actorOf } from "./access/caller.ts";
import { storyOf } from "./alert-stories.ts";
import type { QueryContext } from "./alert-query.ts";
import type { ApiDependencies } from "./dependencies.ts";
import { callerOf } from "./http-server.ts";

/** What the filters of a request mean: whose they are, now, under the house's deadlines. */
export function alertContext(
  { control, now, policy }: Pick<ApiDependencies, "control" | "now" | "policy">,
  request: FastifyRequest,
): QueryContext {
  return {
    now: now(),
    me: actorOf(callerOf(request)),
    deadlines: policy.lateBefore(now()),
    story: (id) => storyOf(control.alerts, id),
  };
}
