import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lacksMemoryGroups } from "./capabilities.ts";
import { pause } from "./scenario.ts";
import type { Scenario, Trial } from "./scenario.ts";
import type { Victim } from "./victim.ts";

const MEBIBYTE = 1024 * 1024;
/** The least that the configuration allows. */
const SMALL_ENGINE_MB = "256";
/** Enough to start with few packs, and little more. */
const SMALL_HEAP_MB = 112;

export const MEMORY: readonly Scenario[] = [
  { name: "engine with 256 MB and greedy searches", lacks: () => undefined, rounds: 6, run: smallEngine },
  { name: "heap limit of the parent", lacks: () => undefined, rounds: 4, run: smallHeap },
  { name: "memory limit over both, kernel kills", lacks: lacksMemoryGroups, rounds: 6, run: memoryGroup },
];

/** Sorts and groups over whole lines: the most memory that a person can ask for. */
const GREEDY = [
  "Events | summarize l = make_list(raw), s = make_set(raw), n = count() by raw",
  "Events | sort by raw desc | take 10000",
  "Events | summarize d = dcount(raw), l = make_list(strcat(raw, raw, raw)) by id",
] as const;

/** Refusals are the answer that is wanted; what must hold is the rest. */
async function searchGreedily(victim: Victim): Promise<void> {
  const { url, token } = victim.target;
  await Promise.all(
    GREEDY.map((kql) =>
      fetch(`${url}/api/v1/search`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ kql, from: "-1d", limit: 10_000 }),
        signal: AbortSignal.timeout(20_000),
      })
        .then((response) => response.arrayBuffer())
        .catch(() => undefined),
    ),
  );
}

async function smallEngine(trial: Trial, rounds: number): Promise<void> {
  const victim = await trial.victim({ environment: { TYTO_ENGINE_MEMORY_MB: SMALL_ENGINE_MB } });
  for (let round = 0; round < rounds; round++) {
    const load = trial.load(victim);
    await load.grows(1_000);
    await searchGreedily(victim);
    await load.grows(1_000);
    await trial.close(victim, load);
  }
  await trial.closeAll(victim);
}

/** V8 ends the process when its heap is full; the limit is one at which the server starts and works for a while. */
async function smallHeap(trial: Trial, rounds: number): Promise<void> {
  const victim = await trial.victim({
    environment: { NODE_OPTIONS: `--max-old-space-size=${SMALL_HEAP_MB}` },
  });
  let ends = 0;
  for (let round = 0; round < rounds; round++) {
    const load = trial.load(victim);
    await load.grows(trial.seeded.between(0, 1_000));
    const body = "x\n".repeat(400_000);
    // Small bodies of many records: each record is an object, whatever its length.
    const flood = Array.from({ length: 12 }, () => manyRecords(victim, body));
    if (await victim.endsWithin(6_000)) ends++;
    await victim.kill("both");
    await Promise.all(flood);
    await load.end();
    await victim.start();
    await trial.close(victim, load);
  }
  trial.say(`it ran out of heap in ${ends} of ${rounds} rounds`);
  await trial.closeAll(victim);
}

async function manyRecords(victim: Victim, body: string): Promise<void> {
  const { url, token } = victim.target;
  await fetch(`${url}/api/v1/ingest?source=flood`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "text/plain" },
    body,
  }).then(
    (response) => response.arrayBuffer(),
    () => undefined,
  );
}

/** The kernel's own answer to too little memory: it kills the largest of the group, be it the engine or the parent. */
async function memoryGroup(trial: Trial, rounds: number): Promise<void> {
  const group = `/sys/fs/cgroup/memory/tyto-crash-${process.pid}`;
  mkdirSync(group);
  trial.finally(() => rmdirSync(group));
  const limit = join(group, "memory.limit_in_bytes");
  // Started inside: what was allocated before a process joins a group does not count.
  const victim = await trial.victim({
    under: ["sh", "-c", `echo $$ > ${group}/cgroup.procs; exec "$@"`, "sh"],
  });
  for (let round = 0; round < rounds; round++) {
    const load = trial.load(victim);
    await load.grows(trial.seeded.between(200, 1_000));
    tryWrite(limit, `${residentBytes(group) + 16 * MEBIBYTE}`);
    await Promise.race([searchGreedily(victim), pause(6_000)]);
    await victim.endsWithin(1_000);
    writeFileSync(limit, "-1");
    if (victim.hasEnded || round % 2 === 1) {
      await victim.kill("both");
      await load.end();
      await victim.start();
    } else await load.grows(100);
    await trial.close(victim, load);
  }
  trial.say(`the kernel killed ${killsIn(group)} times`);
  await trial.closeAll(victim);
  await victim.stop();
}

/** The kernel refuses a limit that it cannot reach at once; then the next allocation meets what is there. */
function tryWrite(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch {
    // Said by the number of kills at the end.
  }
}

/** Without the page cache, which the kernel takes back first. */
function residentBytes(group: string): number {
  return Number(/^total_rss (\d+)/m.exec(readFileSync(join(group, "memory.stat"), "utf8"))?.[1] ?? 0);
}

function killsIn(group: string): string {
  return (
    /^oom_kill (\d+)/m.exec(readFileSync(join(group, "memory.oom_control"), "utf8"))?.[1] ??
    "an unknown number of"
  );
}
