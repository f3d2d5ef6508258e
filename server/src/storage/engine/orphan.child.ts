/** For one test: a parent that starts an engine, tells the child's process id and waits to be killed. */
import { micros } from "@tyto/domain";
import { openEngine } from "./open-engine.ts";

const [, , childPath = "", directory = ""] = process.argv;
const engine = await openEngine({ childPath, directory, now: () => micros(0), clockMs: () => 0 });
process.send?.(engine.pid());
setInterval(() => undefined, 60_000);
