import { invariant } from "@tyto/domain";
import type { Event, Micros, Sequence, SourceId } from "@tyto/domain";
import type { EventPlace, LedgerEntry, ParsedEvent, ParseStore } from "../../storage/index.ts";
import type { Normaliser } from "../ports.ts";
import { compareForms } from "./compare-forms.ts";
import type { FormVerdict } from "./compare-forms.ts";
import { LedgerMoves } from "./ledger-moves.ts";
import { normaliseAgain, recordOfEvent } from "./raw-again.ts";
import { ReportTally } from "./reparse-report.ts";
import type { ReparseReport } from "./reparse-report.ts";

export interface ReparseQuestion {
  readonly from: Micros;
  readonly to: Micros;
  readonly sources?: readonly SourceId[];
  readonly pack?: string;
  /** Only the report: nothing is written. */
  readonly isDryRun: boolean;
}

/** Where a step is: what to do after a crash. */
export type ReparseStep =
  /** Nothing of it counts yet. */
  | { readonly kind: "writing"; readonly parse: number }
  /** All newer forms and all earlier ones are safe: it is finished, come what may. */
  | {
      readonly kind: "replacing";
      readonly parse: number;
      readonly after: EventPlace;
      readonly ledger: readonly LedgerEntry[];
      readonly report: ReparseReport;
    };

/** All that is needed to go on: kept in the relational store. */
export interface ReparseState {
  readonly question: ReparseQuestion;
  /** Last record whose outcome was booked when it began: what comes later is read by today's packs anyway. */
  readonly upTo: Sequence;
  /** Forms of this and later parses are this job's own. */
  readonly firstParse: number;
  readonly total: number;
  /** Up to here it is done. */
  readonly after: EventPlace | null;
  readonly step: ReparseStep | null;
  readonly report: ReparseReport;
}

export interface ReparseOptions {
  readonly parses: ParseStore;
  /** Asked for each page, so that reloaded packs take effect. */
  readonly normaliser: () => Normaliser;
  /** A number that no parse ever had; durable before it is used. */
  readonly nextParse: () => Promise<number>;
  /** Durable when it resolves. */
  readonly save: (state: ReparseState) => Promise<void>;
  /** The same, and the books with it, in one transaction. */
  readonly book: (state: ReparseState, ledger: readonly LedgerEntry[]) => Promise<void>;
  /** For who watches; not durable. */
  readonly onProgress: (report: ReparseReport) => void;
  /** Changed events of one step. Each step rewrites the parts that it touches, so few large ones are cheaper than many small ones. */
  readonly stepEvents?: number;
}

const STEP_EVENTS = 200_000;

/**
 * Parses stored events again with today's packs. Works in steps: newer forms are written where no reader sees them, then all of a
 * step's take the earlier ones' places at once. A crash either undoes the step or finishes it.
 */
export class Reparse {
  readonly #options: ReparseOptions;
  #state: ReparseState;

  constructor(state: ReparseState, options: ReparseOptions) {
    this.#state = state;
    this.#options = options;
  }

  get state(): ReparseState {
    return this.#state;
  }

  /** @returns whether it is done; it is not when the signal aborts, and may be run again then. */
  async run(signal: AbortSignal): Promise<boolean> {
    await this.settle();
    while (!signal.aborted) {
      const isEnd = this.#state.question.isDryRun ? await this.#look(signal) : await this.#step(signal);
      if (isEnd) return true;
    }
    return false;
  }

  /** Brings an interrupted step to its end, or undoes it. Readers see each event once from its first moment on. */
  async settle(): Promise<void> {
    const { step } = this.#state;
    if (step?.kind === "replacing") await this.#replace();
    else if (step !== null) await this.#undo(step.parse);
  }

  /** Hides from readers what an interrupted step has written beside what they see. Asks no store, so it always works. */
  async shield(): Promise<void> {
    const { step } = this.#state;
    if (step === null) return;
    const kind = step.kind === "replacing" ? "newer" : "earlier";
    await this.#options.parses.show({ kind, parse: step.parse });
  }

  async #step(signal: AbortSignal): Promise<boolean> {
    const { parses, nextParse, stepEvents = STEP_EVENTS } = this.#options;
    const parse = await nextParse();
    await this.#save({ ...this.#state, step: { kind: "writing", parse } });
    await parses.show({ kind: "earlier", parse });
    const tally = new ReportTally(this.#state.report);
    const moves = new LedgerMoves();
    let after = this.#state.after;
    let changed = 0;
    let isEnd = false;
    while (changed < stepEvents && !isEnd) {
      if (signal.aborted) {
        await this.#undo(parse);
        return false;
      }
      const page = await parses.page(this.#scope(), after ?? undefined);
      isEnd = page.length === 0;
      changed += await this.#write(parse, page, { tally, moves });
      after = placeOf(page.at(-1)) ?? after;
      this.#options.onProgress(tally.report());
    }
    const report = tally.report();
    if (changed === 0 || after === null) {
      await this.#save({ ...this.#state, step: null, after, report });
      await parses.show({ kind: "only" });
      return isEnd;
    }
    const step = { kind: "replacing", parse, after, ledger: moves.entries(), report } as const;
    await this.#save({ ...this.#state, step });
    await this.#replace();
    return isEnd;
  }

  async #write(
    parse: number,
    page: readonly ParsedEvent[],
    { tally, moves }: { readonly tally: ReportTally; readonly moves: LedgerMoves },
  ): Promise<number> {
    const { parses } = this.#options;
    const verdicts = await this.#verdicts(page);
    const forms = page.flatMap((stored, index) => {
      const verdict = verdicts[index];
      return verdict?.kind === "changed" ? [{ event: verdict.event, retention: stored.retention }] : [];
    });
    const rejected = new Set(
      (forms.length === 0 ? [] : await parses.insert(parse, forms)).map(({ id }) => id),
    );
    const range = rangeOf(page);
    if (forms.length > 0 && range !== undefined) await parses.keepEarlier(parse, range);
    page.forEach((stored, index) => {
      const verdict = rejected.has(stored.id) ? ({ kind: "kept" } as const) : verdicts[index];
      invariant(verdict !== undefined, "each event has its verdict");
      tally.add(stored, verdict);
      if (verdict.kind === "changed") moves.reread(stored, stored.pack, verdict.event.pack);
    });
    return forms.length - rejected.size;
  }

  async #replace(): Promise<void> {
    const { step } = this.#state;
    invariant(step?.kind === "replacing", "only what is written takes a place");
    const { parses, book } = this.#options;
    const { parse, after, ledger, report } = step;
    await parses.show({ kind: "newer", parse });
    await parses.dropReplaced(parse);
    const done: ReparseState = { ...this.#state, step: null, after, report };
    await book(done, ledger);
    this.#state = done;
    await parses.show({ kind: "only" });
  }

  async #undo(parse: number): Promise<void> {
    const { parses } = this.#options;
    await parses.show({ kind: "earlier", parse });
    await parses.discard(parse);
    await this.#save({ ...this.#state, step: null });
    await parses.show({ kind: "only" });
    this.#options.onProgress(this.#state.report);
  }

  async #look(signal: AbortSignal): Promise<boolean> {
    const tally = new ReportTally(this.#state.report);
    while (!signal.aborted) {
      const page = await this.#options.parses.page(this.#scope(), this.#state.after ?? undefined);
      const verdicts = await this.#verdicts(page);
      page.forEach((stored, index) => tally.add(stored, verdicts[index] ?? { kind: "unchanged" }));
      const report = tally.report();
      const after = placeOf(page.at(-1)) ?? this.#state.after;
      await this.#save({ ...this.#state, after, report });
      this.#options.onProgress(report);
      if (page.length === 0) return true;
    }
    return false;
  }

  async #verdicts(page: readonly ParsedEvent[]): Promise<readonly FormVerdict[]> {
    const outcomes = await normaliseAgain(this.#options.normaliser(), page.map(recordOfEvent));
    return page.map((stored, index) => {
      const outcome = outcomes[index];
      invariant(outcome !== undefined, "each record has its outcome");
      return compareForms(stored, outcome);
    });
  }

  #scope(): Parameters<ParseStore["page"]>[0] {
    const { question, upTo, firstParse } = this.#state;
    const { from, to, sources, pack } = question;
    return {
      from,
      to,
      upTo,
      below: firstParse,
      ...(sources === undefined ? {} : { sources }),
      ...(pack === undefined ? {} : { pack }),
    };
  }

  async #save(state: ReparseState): Promise<void> {
    await this.#options.save(state);
    this.#state = state;
  }
}

function placeOf(event: Pick<Event, "timestamp" | "id"> | undefined): EventPlace | undefined {
  return event === undefined ? undefined : { timestamp: event.timestamp, id: event.id };
}

function rangeOf(page: readonly ParsedEvent[]): { readonly from: Micros; readonly to: Micros } | undefined {
  const [first, last] = [page[0], page.at(-1)];
  return first === undefined || last === undefined
    ? undefined
    : { from: first.timestamp, to: last.timestamp };
}
