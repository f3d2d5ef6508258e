/**
 * Event → match on one core, all rules: JSON lines to findings, less the same without rules. `npx tyto bench detect`; with a peer,
 * `npm run bench -- detect --rsigma PATH` runs rsigma over the same lines and rules in the same run, and compares the sets of (event, rule).
 *
 * Recorded on 2026-11-27 (2 × AMD EPYC shared, Node 20.20, SigmaHQ's rules, 20,000 events a lane, rsigma 0.23.0), µs an event, ours and rsigma's:
 * process creations 23.3 and 22.0, Windows security 14.6 and 11.4, web and firewall 10.8 and 13.2, CloudTrail 8.2 and not above noise. What they
 * mean, and where the matches differ: `docs/decisions/0009-rule-index.md`.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { microsFromMilliseconds } from "@tyto/domain";
import type { Event, OriginId } from "@tyto/domain";
import { GatedRules } from "../src/detection/gated-rules.ts";
import { createDetectionEngine, loadRuleSet, readSigmaEvent } from "../src/detection/index.ts";
import type { RuleFile, RuleSet } from "../src/detection/index.ts";
import { MatchScratch } from "../src/detection/match/scratch.ts";
import { Subject } from "../src/detection/match/subject.ts";
import { makeLanes } from "./detect/lanes.ts";
import type { Lane } from "./detect/lanes.ts";
import { multiplied } from "./detect/mutated-rules.ts";
import { runPeer } from "./detect/peer.ts";
import type { PeerWorkplace } from "./detect/peer.ts";
import { machine } from "./process-cost.ts";

export interface DetectBenchOptions {
  /** Folders of Sigma rules. */
  readonly rules: readonly string[];
  /** JSON lines of recorded Windows events; none = the demo's alone. */
  readonly recordings: () => readonly string[];
  readonly events: number;
  /** The rsigma program, to measure beside ours. */
  readonly rsigma?: string;
  readonly onProgress: (line: string) => void;
}

interface OneLane {
  readonly distinctEvents: number;
  readonly eventsPerCpuSecond: number;
  readonly microsPerEvent: number;
  readonly candidatesPerEvent: number;
  readonly matches: number;
  readonly rsigmaMicrosPerEvent?: number;
  /** How many times faster than rsigma. */
  readonly ratio?: number;
  readonly onlyOurs?: number;
  readonly onlyRsigma?: number;
}

interface LaneFigures extends OneLane {
  /** With ten times the rules: time per event against that with the rules alone. */
  readonly tenTimesTheRules: number;
}

export interface DetectFigures {
  readonly machine: string;
  readonly rules: number;
  readonly loadSeconds: { readonly read: number; readonly index: number };
  readonly memoryMb: { readonly heap: number; readonly resident: number };
  readonly lanes: Readonly<Record<string, LaneFigures>>;
}

const SEED = 20_261_127;
const BATCH = 1_000;
const ROUNDS = 3;
const NOW = microsFromMilliseconds(Date.UTC(2030, 0, 1));

export function benchDetect(options: DetectBenchOptions): DetectFigures {
  const pin = pinToOneCore();
  const files = ruleFiles(options.rules);
  const startedMs = performance.now();
  const ruleSet = loadRuleSet(files);
  const readMs = performance.now();
  createDetectionEngine(ruleSet).prepare();
  const indexedMs = performance.now();
  const memory = memoryNow();
  options.onProgress(`${ruleSet.eventRules.length} rules loaded`);
  const lanes = makeLanes(options.recordings(), options.events).filter(({ lines }) => lines.length > 0);
  const peer = options.rsigma === undefined ? undefined : peerPlace(options.rsigma, files, pin);
  try {
    const measured = lanes.map((lane) => {
      const figures = measureLane(lane, ruleSet, peer);
      options.onProgress(`${lane.name}: ${figures.microsPerEvent} µs an event`);
      return figures;
    });
    // Last, since so many rules make all that follows them dearer.
    const many = multiplied(ruleSet, 10, SEED);
    options.onProgress(`${many.eventRules.length} rules made of them`);
    const figures = lanes.flatMap((lane, n) => {
      const tenTimesTheRules = rounded(costOf(many, lane) / costOf(ruleSet, lane));
      const one = measured[n];
      return one === undefined ? [] : [[lane.name, { ...one, tenTimesTheRules }] as const];
    });
    return {
      machine: machine(),
      rules: ruleSet.eventRules.length,
      loadSeconds: { read: seconds(readMs - startedMs), index: seconds(indexedMs - readMs) },
      memoryMb: memory,
      lanes: Object.fromEntries(figures),
    };
  } finally {
    if (peer !== undefined) rmSync(peer.folder, { recursive: true, force: true });
  }
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1_000;
}

function memoryNow(): DetectFigures["memoryMb"] {
  const { heapUsed, rss } = process.memoryUsage();
  return { heap: Math.round(heapUsed / 1e6), resident: Math.round(rss / 1e6) };
}

/** Keeps this process, and what it is put before, on the first core. Where `taskset` is missing, nothing is kept anywhere. */
function pinToOneCore(): readonly string[] {
  const { status } = spawnSync("taskset", ["-apc", "0", String(process.pid)]);
  return status === 0 ? ["taskset", "-c", "0"] : [];
}

function ruleFiles(folders: readonly string[]): readonly RuleFile[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".yml") && !name.endsWith(".cases.yml") && !name.endsWith("pack.yml"))
      .sort()
      .map((name) => ({ path: join(folder, name), text: readFileSync(join(folder, name), "utf8") })),
  );
}

/** Writes the rules that rsigma shall have into a folder: those that it refuses are refused by us as well. */
function peerPlace(program: string, files: readonly RuleFile[], pin: readonly string[]): PeerWorkplace {
  if (!existsSync(program))
    throw new Error(`there is no ${program}; cargo install --locked rsigma builds it`);
  const folder = mkdtempSync(join(tmpdir(), "tyto-bench-"));
  const rules = mkdtempSync(join(folder, "rules-"));
  for (const [n, { text }] of files.entries()) writeFileSync(join(rules, `${n}.yml`), text);
  return { program, rules, folder, pin };
}

function measureLane(lane: Lane, ruleSet: RuleSet, peer: PeerWorkplace | undefined): OneLane {
  const count = lane.lines.length;
  const peerFiles = peer === undefined ? undefined : peerLane(peer, lane);
  const peerBest: PeerCosts = { all: Infinity, load: Infinity, none: Infinity, start: Infinity };
  // In turns, so that what else runs on the machine hits both.
  const costs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    costs.push(costOf(ruleSet, lane));
    if (peer !== undefined && peerFiles !== undefined) keepBest(peerBest, peerCosts(peer, peerFiles));
  }
  const perEvent = (Math.min(...costs) / count) * 1e6;
  const matched = matchesOf(ruleSet, lane);
  return {
    distinctEvents: lane.distinct,
    eventsPerCpuSecond: Math.round(1e6 / perEvent),
    microsPerEvent: rounded(perEvent),
    candidatesPerEvent: rounded(matched.candidates / count),
    matches: matched.pairs.size,
    ...(peer === undefined || peerFiles === undefined
      ? {}
      : peerFigures(peer, peerFiles, {
          pairs: matched.pairs,
          perEvent,
          peerPerEvent: (rulesCost(peerBest) / count) * 1e6,
        })),
  };
}

/** What the rules cost on the lane, in seconds of processor time: less the lane without rules, each the best of several runs. */
function costOf(ruleSet: RuleSet, lane: Lane): number {
  const none: RuleSet = { ...ruleSet, eventRules: [], correlations: [] };
  const best = { none: Infinity, all: Infinity };
  for (let round = 0; round < ROUNDS; round++) {
    best.none = Math.min(best.none, cpuOf(none, lane));
    best.all = Math.min(best.all, cpuOf(ruleSet, lane));
  }
  return best.all - best.none;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

/** JSON text to findings, all of it. */
function cpuOf(ruleSet: RuleSet, lane: Lane): number {
  const engine = createDetectionEngine(ruleSet);
  engine.prepare();
  const started = process.cpuUsage();
  for (let at = 0; at < lane.lines.length; at += BATCH) {
    engine.process(
      lane.lines.slice(at, at + BATCH).flatMap((text, n) => eventOf(text, at + n)),
      NOW,
    );
  }
  const spent = process.cpuUsage(started);
  return (spent.user + spent.system) / 1e6;
}

function eventOf(text: string, ordinal: number): readonly Event[] {
  const event = readSigmaEvent({ text, origin: "00000000000000aa" as OriginId, ordinal, pack: "", now: NOW });
  return event === undefined ? [] : [event];
}

/** Which rule matches which line, and how many rules had to be tried. */
function matchesOf(
  ruleSet: RuleSet,
  lane: Lane,
): { readonly pairs: ReadonlySet<string>; readonly candidates: number } {
  const gated = new GatedRules(ruleSet.eventRules);
  const scratch = new MatchScratch(ruleSet.fields);
  const pairs = new Set<string>();
  let candidates = 0;
  for (const [n, text] of lane.lines.entries()) {
    for (const event of eventOf(text, n)) {
      scratch.begin(event);
      const subject = new Subject(event, scratch);
      for (const group of gated.admitting(event)) {
        candidates += group.prepare().search(scratch.reader, scratch.texts);
        group.search(scratch, subject, (rule) => pairs.add(`${n} ${rule.summary.id}`));
      }
    }
  }
  return { pairs, candidates };
}

interface PeerFiles {
  readonly events: string;
  readonly empty: string;
}

function peerLane({ folder }: PeerWorkplace, lane: Lane): PeerFiles {
  const files = { events: join(folder, "lane.ndjson"), empty: join(folder, "empty.ndjson") };
  writeFileSync(files.events, `${lane.lines.join("\n")}\n`);
  writeFileSync(files.empty, `${lane.lines[0] ?? ""}\n`);
  return files;
}

/** Seconds of processor time. */
interface PeerCosts {
  all: number;
  /** All rules, one event. */
  load: number;
  none: number;
  start: number;
}

function peerCosts(peer: PeerWorkplace, { events, empty }: PeerFiles): PeerCosts {
  const cost = (file: string, hasRules: boolean): number =>
    runPeer(peer, file, { hasRules, showsEvents: false }).cpuSeconds;
  return {
    all: cost(events, true),
    load: cost(empty, true),
    none: cost(events, false),
    start: cost(empty, false),
  };
}

/** Each run's best by itself: the best of differences would be the one that noise flattered most. */
function keepBest(best: PeerCosts, costs: PeerCosts): void {
  for (const name of ["all", "load", "none", "start"] as const)
    best[name] = Math.min(best[name], costs[name]);
}

/** What its rules cost it on the lane: less loading them, less the lane without rules. */
function rulesCost({ all, load, none, start }: PeerCosts): number {
  return all - load - (none - start);
}

function peerFigures(
  peer: PeerWorkplace,
  { events }: PeerFiles,
  ours: { readonly pairs: ReadonlySet<string>; readonly perEvent: number; readonly peerPerEvent: number },
): Partial<OneLane> {
  const { stdout } = runPeer(peer, events, { hasRules: true, showsEvents: true });
  const theirs = new Set(
    stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const match = JSON.parse(line) as {
          readonly rule_id?: string;
          readonly event?: { readonly _n?: number };
        };
        return `${match.event?._n ?? ""} ${match.rule_id ?? ""}`;
      }),
  );
  const differing = (a: ReadonlySet<string>, b: ReadonlySet<string>): readonly string[] =>
    [...a].filter((pair) => !b.has(pair));
  const [onlyOurs, onlyRsigma] = [differing(ours.pairs, theirs), differing(theirs, ours.pairs)];
  for (const [who, pairs] of [
    ["only ours", onlyOurs],
    ["only rsigma's", onlyRsigma],
  ] as const) {
    const rules = new Map<string, number>();
    for (const pair of pairs)
      rules.set(pair.split(" ")[1] ?? "", (rules.get(pair.split(" ")[1] ?? "") ?? 0) + 1);
    for (const [rule, times] of rules) process.stderr.write(`  ${who}: ${rule} × ${times}\n`);
  }
  return {
    rsigmaMicrosPerEvent: rounded(ours.peerPerEvent),
    ratio: rounded(ours.peerPerEvent / ours.perEvent),
    onlyOurs: onlyOurs.length,
    onlyRsigma: onlyRsigma.length,
  };
}
