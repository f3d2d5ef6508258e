import { bruteForceThenSuccess } from "./brute-force-then-success.ts";
import { bruteForce } from "./brute-force.ts";
import type { Story } from "./story.ts";

/** Every attack of the demo day. */
export const STORIES: readonly Story[] = [bruteForce, bruteForceThenSuccess];
