import type { EventId, Sequence } from "@tyto/domain";
import { appliedSpans, countStored, putBack } from "../pipeline/index.ts";
import type { AppliedSpan, Normaliser } from "../pipeline/index.ts";
import type { BrokenPart, ControlStore, EmbeddedEngine, Journal } from "../storage/index.ts";

export interface StoreWatchOptions {
  readonly journal: Pick<Journal, "read" | "release">;
  readonly control: Pick<ControlStore, "appliedRanges" | "forgetRanges">;
  readonly engine: Pick<EmbeddedEngine, "events" | "health" | "parts" | "recount" | "restart">;
  readonly normaliser: () => Normaliser;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly onBroken: (part: BrokenPart) => void;
  readonly onRestored: (count: number) => void;
  /** Events that were stored are in neither store nor journal. */
  readonly onGone: (count: number) => void;
  readonly onProblem: (error: unknown) => void;
}

const ROUND_MS = 5_000;
/** What records live in. Of other tables a broken part holds nothing that the journal could bring back. */
const RECORD_TABLES: ReadonlySet<string> = new Set(["events", "quarantined"]);

/**
 * Holds the engine to its word (`docs/decisions/0021-recount.md`). Each new part is read from the disk once; a broken one makes the engine
 * start again, which sets it aside and goes back to what it was merged from. After each start of the engine, and before the journal lets
 * go of records, what is there is counted against what was applied, and what is missing is stored again from the journal.
 */
export class StoreWatch {
  readonly #options: StoreWatchOptions;
  readonly #stop = new AbortController();
  readonly #restartedFor = new Set<string>();
  /** The engine's life that was counted last. */
  #countedLife: number | undefined;
  #releaseBefore: Sequence | undefined;
  #restored = 0;
  #running: Promise<void> | undefined;

  constructor(options: StoreWatchOptions) {
    this.#options = options;
  }

  /** Records that were stored again since the start. */
  get restored(): number {
    return this.#restored;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Records before this one may leave the journal once they were found in the store. */
  release(before: Sequence): void {
    if (before > (this.#releaseBefore ?? 0)) this.#releaseBefore = before;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      // An engine that is away or ends meanwhile is its supervisor's concern: the next round looks again.
      await this.round().catch(this.#options.onProblem);
      await this.#options.sleep(ROUND_MS, signal);
    }
  }

  /** One look. */
  async round(): Promise<void> {
    const { engine, control } = this.#options;
    const life = engine.health().restarts;
    if (engine.health().status !== "ok") return;
    if (!(await this.#arePartsSound())) return;
    const before = this.#releaseBefore;
    const isNewLife = this.#countedLife !== life;
    if (!isNewLife && before === undefined) return;
    const ranges = await control.appliedRanges();
    // A batch that took from several lanes may reach beyond what is to go: it is counted then, and again.
    const counted = isNewLife ? ranges : ranges.filter(({ first }) => first < (before ?? 0));
    const isWhole = await this.#recount(appliedSpans(counted)).catch((error: unknown) => {
      engine.parts.doubt();
      throw error;
    });
    if (engine.health().restarts !== life) return;
    this.#countedLife = life;
    // What was stored again is in parts that nobody has read yet.
    if (isWhole && before !== undefined) await this.#release(before);
  }

  /** @returns whether all parts with records in them can be read. */
  async #arePartsSound(): Promise<boolean> {
    const { engine, onBroken } = this.#options;
    const broken = await engine.parts.check();
    const fresh = broken.filter(({ table, part }) => !this.#restartedFor.has(`${table} ${part}`));
    for (const one of fresh) {
      this.#restartedFor.add(`${one.table} ${one.part}`);
      onBroken(one);
    }
    // A start does not set everything aside that a check finds: one restart for a part, or there would be no end to them.
    if (fresh.length > 0) engine.restart();
    return fresh.length === 0 && !broken.some(({ table }) => RECORD_TABLES.has(table));
  }

  /** @returns whether nothing was missing. */
  async #recount(spans: readonly AppliedSpan[]): Promise<boolean> {
    const { engine, journal, normaliser, onRestored, onGone } = this.#options;
    const counts = await engine.recount.count(spans);
    let restored = 0;
    let gone = 0;
    for (const [index, span] of spans.entries()) {
      if (counts[index] === countStored(span)) continue;
      const present = (one: AppliedSpan): Promise<ReadonlySet<EventId>> => engine.recount.present(one);
      const report = await putBack(span, { journal, events: engine.events, present, normaliser });
      restored += report.restored;
      gone += report.gone;
    }
    this.#restored += restored;
    if (restored > 0) onRestored(restored);
    if (gone > 0) onGone(gone);
    return restored === 0;
  }

  async #release(before: Sequence): Promise<void> {
    const { journal, control } = this.#options;
    await journal.release(before);
    await control.forgetRanges(before);
    if (this.#releaseBefore === before) this.#releaseBefore = undefined;
  }
}
