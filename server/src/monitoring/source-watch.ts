import type { Micros, SourceId } from "@tyto/domain";
import type { Condition, ConditionFields } from "./alarm.ts";

const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;

/** Gaps remembered for each source. */
const GAPS = 64;
/** Fewer say nothing of what is usual. */
const MIN_GAPS = 20;
/** A source that speaks every second is not silent after two. */
const MIN_SILENCE = 2 * MINUTE;
/** Rates are compared in slots of this length. */
const SLOT = 10 * MINUTE;
/** Slots that make what is usual: a day. */
const SLOTS = 144;
const MIN_SLOTS = 6;
/** What counts as another rate than the usual one. */
const FACTOR = 5;
/** Below this many records in a slot, five times as many is no news. */
const MIN_SLOT_RECORDS = 200;

/** One source as the books have it. */
export interface WatchedSource {
  readonly id: SourceId;
  readonly name: string;
  /** Since the beginning. */
  readonly received: number;
  /** Packs that read it, most used first. */
  readonly packs: readonly string[];
}

interface Watched {
  received: number;
  lastAt: Micros;
  /** Between two looks that saw something new, the newest last. */
  readonly gaps: number[];
  slotStart: Micros;
  slotReceived: number;
  readonly slots: number[];
  rate: { readonly now: number; readonly usual: number } | undefined;
}

/**
 * Knows how often each source speaks, and says when one falls silent for twice its usual gap or sends five times more or less than usual.
 * What is usual is learned from the receipts since the start; nothing is said before there are enough of them.
 */
export class SourceWatch {
  readonly #sources = new Map<SourceId, Watched>();
  readonly #blindRules: (packs: readonly string[]) => readonly string[];

  /** @param blindRules titles of the enabled rules that only these packs feed. */
  constructor(blindRules: (packs: readonly string[]) => readonly string[]) {
    this.#blindRules = blindRules;
  }

  /** Takes a look at the books and says what is not as usual. */
  check(sources: readonly WatchedSource[], now: Micros): readonly Condition[] {
    return sources.flatMap((source) => {
      const watched = this.#look(source, now);
      return [...this.#silence(source, watched, now), ...this.#rate(source, watched)];
    });
  }

  #look(source: WatchedSource, now: Micros): Watched {
    const known = this.#sources.get(source.id);
    if (known === undefined) {
      const fresh: Watched = {
        received: source.received,
        lastAt: now,
        gaps: [],
        slotStart: now,
        slotReceived: source.received,
        slots: [],
        rate: undefined,
      };
      this.#sources.set(source.id, fresh);
      return fresh;
    }
    if (source.received > known.received) {
      known.gaps.push(now - known.lastAt);
      if (known.gaps.length > GAPS) known.gaps.shift();
      known.received = source.received;
      known.lastAt = now;
    }
    if (now - known.slotStart >= SLOT) closeSlot(known, source.received, now);
    return known;
  }

  #silence(source: WatchedSource, { gaps, lastAt }: Watched, now: Micros): readonly Condition[] {
    if (gaps.length < MIN_GAPS) return [];
    const usual = Math.max(...gaps);
    const silentFor = now - lastAt;
    if (silentFor < Math.max(2 * usual, MIN_SILENCE)) return [];
    return [
      {
        kind: "source-silent",
        subject: source.id,
        message: `${source.name} has sent nothing for ${inWords(silentFor)}; until then never longer than ${inWords(usual)}`,
        hint: `Look at the sender and at what is between it and Tyto.${this.#inRules(source)}`,
        fields: this.#fields(source),
      },
    ];
  }

  #rate(source: WatchedSource, { rate }: Watched): readonly Condition[] {
    if (rate === undefined) return [];
    return [
      {
        kind: "source-rate",
        subject: source.id,
        message: `${source.name} sent ${rate.now} records in the last ten minutes; usual are ${rate.usual}`,
        hint: "Look whether the sender's settings changed, something is wrong there, or somebody floods it.",
        fields: this.#fields(source),
      },
    ];
  }

  #inRules({ packs }: WatchedSource): string {
    const rules = this.#blindRules(packs);
    if (rules.length === 0) return "";
    const named = rules.slice(0, 3).map((title) => `"${title}"`);
    const more = rules.length > 3 ? ` and ${rules.length - 3} more` : "";
    return ` Blind until it speaks again: ${named.join(", ")}${more}.`;
  }

  #fields(source: WatchedSource): ConditionFields {
    const rules = this.#blindRules(source.packs);
    return {
      "tyto_server.source.id": source.id,
      "tyto_server.source.name": source.name,
      ...(rules.length === 0 ? {} : { "tyto_server.blind_rules": rules.slice(0, 100) }),
    };
  }
}

function closeSlot(watched: Watched, received: number, now: Micros): void {
  const count = received - watched.slotReceived;
  const usual = median(watched.slots);
  const isKnown = watched.slots.length >= MIN_SLOTS;
  const isMore = count > usual * FACTOR && count >= MIN_SLOT_RECORDS;
  // Nothing at all is silence, and is said as that.
  const isLess = count > 0 && count * FACTOR < usual && usual >= MIN_SLOT_RECORDS;
  watched.rate = isKnown && (isMore || isLess) ? { now: count, usual } : undefined;
  watched.slots.push(count);
  if (watched.slots.length > SLOTS) watched.slots.shift();
  watched.slotStart = now;
  watched.slotReceived = received;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

function inWords(micros: number): string {
  const seconds = Math.round(micros / SECOND);
  if (seconds < 120) return `${seconds} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`;
}
