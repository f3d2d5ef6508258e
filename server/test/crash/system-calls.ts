import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { lacksTracing } from "./capabilities.ts";
import { pause } from "./scenario.ts";
import type { Scenario, Trial } from "./scenario.ts";
import type { Load } from "./load.ts";
import type { Victim } from "./victim.ts";

/** What the journal and the relational store are made of, and what the engine's parts are. */
const PARENT_CALLS = ["fdatasync", "pwritev", "pwrite64", "fsync"] as const;
const ENGINE_CALLS = ["write", "rename", "fdatasync", "fsync", "mkdir", "unlink"] as const;
const ENGINE_FAILURES = ["rename", "fdatasync", "fsync", "mkdir", "unlink"] as const;
const START_CALLS = ["fdatasync", "ftruncate", "pwrite64", "rename", "fsync", "write", "unlink"] as const;

interface Point {
  readonly call: string;
  /** The n-th of one thread. */
  readonly nth: number;
}

/** All calls' first, then all calls' second, …: few rounds see every call. */
function point(calls: readonly string[], round: number): Point {
  return { call: calls[round % calls.length] ?? "fdatasync", nth: 1 + Math.floor(round / calls.length) };
}

/** Points are enumerated, not drawn: the seed only moves when the tracing begins. */
export const SYSTEM_CALLS: readonly Scenario[] = [
  {
    name: "kill at a system call, parent",
    lacks: lacksTracing,
    rounds: 24,
    run: (trial, rounds) => killAtCalls(trial, rounds, "parent"),
  },
  {
    name: "kill at a system call, engine",
    lacks: lacksTracing,
    rounds: 36,
    run: (trial, rounds) => killAtCalls(trial, rounds, "engine"),
  },
  { name: "kill at a system call, start and replay", lacks: lacksTracing, rounds: 28, run: killAtStart },
  {
    name: "kill at a system call, first start",
    lacks: lacksTracing,
    rounds: 28,
    run: killAtFirstStart,
  },
  {
    name: "failing system calls, engine",
    lacks: lacksTracing,
    rounds: 12,
    run: (trial, rounds) => failCalls(trial, rounds, { target: "engine", calls: ENGINE_FAILURES }),
  },
  {
    name: "failing writes, engine",
    lacks: lacksTracing,
    rounds: 6,
    run: (trial, rounds) => failCalls(trial, rounds, { target: "engine", calls: ["write"] }),
  },
  {
    name: "failing system calls, parent",
    lacks: lacksTracing,
    rounds: 8,
    run: (trial, rounds) => failCalls(trial, rounds, { target: "parent", calls: PARENT_CALLS }),
  },
];

/** A running process, and from now on all its threads. */
async function attach(pid: number, { call, nth }: Point, what: string): Promise<ChildProcess> {
  const inject = `inject=${call}:${what}:when=${nth}`;
  const tracer = spawn(
    "strace",
    ["-f", "-o", "/dev/null", "-e", `trace=${call}`, "-e", inject, "-p", String(pid)],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  await new Promise<void>((done) => {
    tracer.stderr?.on("data", () => done());
    tracer.once("exit", () => done());
  });
  return tracer;
}

async function detach(tracer: ChildProcess): Promise<void> {
  if (tracer.exitCode !== null || tracer.signalCode !== null) return;
  const ended = new Promise((done) => tracer.once("exit", done));
  tracer.kill("SIGTERM");
  await ended;
}

async function killAtCalls(trial: Trial, rounds: number, target: "parent" | "engine"): Promise<void> {
  const victim = await trial.victim({});
  const calls = target === "parent" ? PARENT_CALLS : ENGINE_CALLS;
  let missed = 0;
  for (let round = 0; round < rounds; round++)
    if (!(await callRound(trial, victim, { target, at: point(calls, round) }))) missed++;
  if (missed > 0) trial.say(`${missed} of ${rounds} points were not reached`);
  await trial.closeAll(victim);
}

/** One round: load, death at a system call, and the judge. @returns whether the call was reached */
export async function callRound(
  trial: Trial,
  victim: Victim,
  { target, at }: { readonly target: "parent" | "engine"; readonly at: Point },
): Promise<boolean> {
  const load = trial.load(victim);
  await load.grows(trial.seeded.between(0, 1_000));
  const tracer = await attach(pidOf(victim, target), at, "signal=SIGKILL");
  const isHit = await endsWithin(tracer, 8_000);
  await detach(tracer);
  if (target === "parent") {
    if (!isHit) await victim.kill("both");
    await victim.endsWithin(5_000);
    await load.end();
    await victim.start();
  }
  await trial.close(victim, load);
  return isHit;
}

function pidOf(victim: Victim, target: "parent" | "engine"): number {
  const pid = target === "parent" ? victim.parentPid : victim.enginePid;
  if (pid === undefined) throw new Error("there is no engine to trace");
  return pid;
}

/** A server that was killed under load dies again while it reads its journal back, and then starts undisturbed. */
async function killAtStart(trial: Trial, rounds: number): Promise<void> {
  const victim = await trial.victim({});
  let missed = 0;
  for (let round = 0; round < rounds; round++) {
    const load = trial.load(victim);
    await load.grows(trial.seeded.between(500, 3_000));
    await victim.kill("both");
    await load.end();
    await victim.launch(deathAt(point(START_CALLS, round)));
    // Where it is the engine that dies after the start, the server starts another, which dies as well.
    if ((await victim.comesUp(40_000)) && !(await victim.endsWithin(2_000))) missed++;
    await victim.kill("both");
    await victim.start();
    await trial.close(victim, load);
  }
  if (missed > 0) trial.say(`in ${missed} of ${rounds} rounds the server outlived the point`);
  await trial.closeAll(victim);
}

/** An installation that dies while it makes its directory must come up at the next start, with the token that it was given. */
async function killAtFirstStart(trial: Trial, rounds: number): Promise<void> {
  let missed = 0;
  for (let round = 0; round < rounds; round++) {
    const victim = await trial.unborn();
    await victim.launch(deathAt(point(START_CALLS, round)));
    if ((await victim.comesUp(40_000)) && !(await victim.endsWithin(1_000))) missed++;
    await victim.kill("both");
    await victim.start();
    const load = trial.load(victim);
    await load.grows(300);
    await trial.close(victim, load);
    await victim.stop();
  }
  if (missed > 0) trial.say(`in ${missed} of ${rounds} rounds the server outlived the point`);
}

function deathAt({ call, nth }: Point): readonly string[] {
  const inject = `inject=${call}:signal=SIGKILL:when=${nth}`;
  return ["strace", "-D", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", `trace=${call}`, "-e", inject];
}

interface Failing {
  readonly target: "parent" | "engine";
  readonly calls: readonly string[];
}

/** The disk says no, once for each thread, in the middle of everything. */
async function failCalls(trial: Trial, rounds: number, options: Failing): Promise<void> {
  const { target, calls } = options;
  const victim = await trial.victim({});
  for (let round = 0; round < rounds; round++) {
    const load = trial.load(victim);
    await load.grows(trial.seeded.between(0, 1_000));
    const error = round % 2 === 0 ? "EIO" : "ENOSPC";
    const tracer = await attach(pidOf(victim, target), point(calls, round >> 1), `error=${error}`);
    await pause(2_500);
    await detach(tracer);
    await outlive(victim, load, target);
    await trial.close(victim, load);
  }
  // A start is where the engine sets aside what it cannot read.
  if (target === "engine") await victim.kill("engine");
  await trial.closeAll(victim);
}

/** An engine must go on by itself; a journal whose disk failed says so and is read back at a restart. */
async function outlive(victim: Victim, load: Load, target: "parent" | "engine"): Promise<void> {
  if (target === "engine") return load.grows(100);
  await victim.kill("both");
  await load.end();
  await victim.start();
}

function endsWithin(child: ChildProcess, milliseconds: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(true);
  return Promise.race([
    new Promise<boolean>((done) => child.once("exit", () => done(true))),
    new Promise<boolean>((done) => setTimeout(() => done(false), milliseconds)),
  ]);
}
