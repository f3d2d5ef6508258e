import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../harness/wait.ts";
import { isApplied, judge } from "./checker.ts";
import type { Verdict } from "./checker.ts";
import { Load } from "./load.ts";
import type { Seeded } from "./seeded.ts";
import { countOf, historyOf } from "./stream.ts";
import type { Stream } from "./stream.ts";
import { Victim } from "./victim.ts";
import type { VictimOptions } from "./victim.ts";

export interface Scenario {
  readonly name: string;
  /** What this machine lacks for it; `undefined` when it can run. */
  readonly lacks: () => string | undefined;
  /** Rounds of a whole run. */
  readonly rounds: number;
  /** One scenario's rounds. Everything it starts or mounts is gone when it resolves or rejects. */
  readonly run: (trial: Trial, rounds: number) => Promise<void>;
}

export interface TrialOptions {
  readonly scenario: string;
  /** A copy of the program of its own. */
  readonly root: string;
  readonly seeded: Seeded;
  /** Where histories are written. */
  readonly reports: string;
  readonly say: (line: string) => void;
}

export interface Tally {
  rounds: number;
  events: number;
  acknowledged: number;
  lost: number;
  doubled: number;
  /** Records nobody sent, books that do not balance, a store and books that differ. */
  unbalanced: number;
}

const APPLY_MS = 180_000;
/** How long the server may take to find and mend what its engine lost. */
const MEND_MS = 90_000;

/** One scenario's bookkeeping: what was sent in all its rounds, and how often the judge found what. */
export class Trial {
  readonly #options: TrialOptions;
  readonly #streams: Stream[] = [];
  readonly #undo: (() => Promise<void> | void)[] = [];
  readonly #faults = new Set<string>();
  #victim: Victim | undefined;
  readonly tally: Tally = { rounds: 0, events: 0, acknowledged: 0, lost: 0, doubled: 0, unbalanced: 0 };

  constructor(options: TrialOptions) {
    this.#options = options;
  }

  get seeded(): Seeded {
    return this.#options.seeded;
  }

  get root(): string {
    return this.#options.root;
  }

  /** The last words of the server. */
  get output(): string {
    return this.#victim?.output ?? "";
  }

  say(line: string): void {
    this.#options.say(`  ${line}`);
  }

  /** Run at the end, last first, whatever happened. */
  finally(undo: () => Promise<void> | void): void {
    this.#undo.push(undo);
  }

  async directory(): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "tyto-crash-"));
    this.finally(() => rm(directory, { recursive: true, force: true }));
    return directory;
  }

  /** A running server on an empty directory of its own. */
  async victim(options: Partial<VictimOptions>): Promise<Victim> {
    const victim = await this.unborn(options);
    await victim.start();
    return victim;
  }

  /** The same, not started yet. */
  async unborn(options: Partial<VictimOptions> = {}): Promise<Victim> {
    const directory = options.directory ?? (await this.directory());
    const victim = new Victim({ root: this.root, ...options, directory });
    this.finally(() => victim.stop());
    this.#victim = victim;
    return victim;
  }

  load(victim: Victim): Load {
    const load = new Load(
      victim.target,
      `${this.#options.scenario.replaceAll(/\W/g, "").toLowerCase()}${this.tally.rounds}`,
    );
    this.finally(() => load.end());
    return load;
  }

  /** Ends the round: what was not answered is repeated by the sender that can, and the judge looks. */
  async close(victim: Victim, load: Load): Promise<Verdict> {
    const startedMs = performance.now();
    await load.end();
    await load.repeatUnanswered(victim.target);
    await this.#applied(victim);
    const appliedMs = performance.now();
    this.#streams.push(...load.streams);
    const verdict = await this.#judge(victim, load.streams);
    const seconds = (from: number, to: number): string => ((to - from) / 1_000).toFixed(1);
    this.say(
      `round ${this.tally.rounds}: ${load.streams.map(described).join(", ")}; started in ${seconds(0, victim.startMs)} s, applied in ${seconds(startedMs, appliedMs)} s, judged in ${seconds(appliedMs, performance.now())} s`,
    );
    await this.#count(verdict);
    this.tally.rounds++;
    this.tally.events += verdict.sent;
    this.tally.acknowledged += verdict.acknowledged;
    return verdict;
  }

  /** Once more over all rounds: what a later round took away. */
  async closeAll(victim: Victim): Promise<void> {
    await this.#applied(victim);
    await this.#count(await this.#judge(victim, this.#streams));
    const status = victim.ledgerStatus();
    if (status !== 0) await this.#fault("unbalanced", [`tyto ledger ended with ${status}`]);
  }

  async undo(): Promise<void> {
    for (const undo of this.#undo.splice(0).reverse()) {
      try {
        await undo();
      } catch (error) {
        this.say(`clearing up: ${String(error)}`);
      }
    }
  }

  /**
   * What an engine lost without a word is found and stored again by the server itself: the judge gives it that time, and says how long it
   * took. What was seen twice once is doubled, whatever comes later.
   */
  async #judge(victim: Victim, streams: readonly Stream[]): Promise<Verdict> {
    const startedMs = performance.now();
    for (let looks = 1; ; looks++) {
      const look = await judge(victim.target, streams).catch((error: unknown) => String(error));
      const elapsedMs = performance.now() - startedMs;
      const isLast = elapsedMs > MEND_MS;
      if (typeof look === "string") {
        if (isLast) throw new Error(look);
      } else {
        await this.#fault("doubled", look.doubled);
        const open = look.lost.length + look.unbalanced.length;
        if (open === 0 && looks > 1) this.say(`whole after ${(elapsedMs / 1_000).toFixed(1)} s`);
        if (open === 0 || isLast) return look;
        if (looks === 1) this.say(`not there yet: ${look.lost.length}`);
      }
      await pause(1_000);
    }
  }

  async #applied(victim: Victim): Promise<void> {
    await until("all to be applied", () => isApplied(victim.target), { timeoutMs: APPLY_MS, everyMs: 150 });
  }

  async #count(verdict: Verdict): Promise<void> {
    await this.#fault("lost", verdict.lost);
    await this.#fault("doubled", verdict.doubled);
    await this.#fault("unbalanced", [
      ...verdict.foreign.map((name) => `nobody sent ${name}`),
      ...verdict.unbalanced,
    ]);
  }

  /** Each once, however often the judge sees it. */
  async #fault(kind: "lost" | "doubled" | "unbalanced", found: readonly string[]): Promise<void> {
    const fresh = found.filter((one) => !this.#faults.has(`${kind} ${one}`));
    if (fresh.length === 0) return;
    for (const one of fresh) this.#faults.add(`${kind} ${one}`);
    this.tally[kind] += fresh.length;
    this.say(`${kind}: ${fresh.length}, such as ${fresh.slice(0, 3).join("; ")}`);
    await this.writeHistory();
  }

  /** What left, what was acknowledged and what was wrong with it, for who examines a failure. */
  async writeHistory(): Promise<string> {
    const { reports, scenario, seeded } = this.#options;
    await mkdir(reports, { recursive: true });
    const path = join(reports, `${scenario.replaceAll(/\W+/g, "-")}-${seeded.seed}.history`);
    const lines = [...this.#faults].map((fault) => `! ${fault}`);
    for (const stream of this.#streams) for (const line of historyOf(stream)) lines.push(line);
    await writeFile(path, `${lines.join("\n")}\n`);
    return path;
  }
}

function described({ name, acknowledged, sent }: Stream): string {
  return `${name.at(-1) ?? ""} ${countOf(acknowledged)} of ${countOf(sent)}`;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
