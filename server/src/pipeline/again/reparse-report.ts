import type { ParsedEvent } from "../../storage/index.ts";
import type { FormVerdict } from "./compare-forms.ts";

export interface PackReport {
  readonly lookedAt: number;
  readonly changed: number;
  /** Of the changed ones: no pack knew them before. */
  readonly recognised: number;
}

/** What became of the events that a reparse looked at: each is changed, unchanged or kept. */
export interface ReparseReport {
  readonly lookedAt: number;
  readonly changed: number;
  readonly recognised: number;
  readonly unchanged: number;
  /** Today's packs would say less of them, so they stay as they are. */
  readonly kept: number;
  /** By the pack that reads them now. */
  readonly packs: Readonly<Record<string, PackReport>>;
  /** How many of the changed events each field changed in. */
  readonly fields: Readonly<Record<string, number>>;
}

export const EMPTY_REPORT: ReparseReport = {
  lookedAt: 0,
  changed: 0,
  recognised: 0,
  unchanged: 0,
  kept: 0,
  packs: {},
  fields: {},
};

/** Vendors' fields have no end; the most changed ones come early. */
const MAX_FIELDS = 2_000;
const MAX_PACKS = 1_000;
const NO_PACK: PackReport = { lookedAt: 0, changed: 0, recognised: 0 };

/** Adds up a report while events are looked at. */
export class ReportTally {
  #totals: Omit<ReparseReport, "packs" | "fields">;
  readonly #packs: Map<string, PackReport>;
  readonly #fields: Map<string, number>;

  constructor({ packs, fields, ...totals }: ReparseReport) {
    this.#totals = totals;
    this.#packs = new Map(Object.entries(packs));
    this.#fields = new Map(Object.entries(fields));
  }

  add(stored: ParsedEvent, verdict: FormVerdict): void {
    const isChanged = verdict.kind === "changed";
    const pack = packOf(isChanged ? verdict.event.pack : stored.pack);
    const isRecognised = isChanged && stored.pack === "unknown" && pack !== "unknown";
    this.#totals = {
      lookedAt: this.#totals.lookedAt + 1,
      changed: this.#totals.changed + Number(isChanged),
      recognised: this.#totals.recognised + Number(isRecognised),
      unchanged: this.#totals.unchanged + Number(verdict.kind === "unchanged"),
      kept: this.#totals.kept + Number(verdict.kind === "kept"),
    };
    this.#addToPack(pack, isChanged, isRecognised);
    if (isChanged) for (const field of verdict.fields) this.#addField(field);
  }

  report(): ReparseReport {
    return {
      ...this.#totals,
      packs: Object.fromEntries(this.#packs),
      fields: Object.fromEntries(this.#fields),
    };
  }

  #addToPack(pack: string, isChanged: boolean, isRecognised: boolean): void {
    if (!this.#packs.has(pack) && this.#packs.size >= MAX_PACKS) return;
    const { lookedAt, changed, recognised } = this.#packs.get(pack) ?? NO_PACK;
    this.#packs.set(pack, {
      lookedAt: lookedAt + 1,
      changed: changed + Number(isChanged),
      recognised: recognised + Number(isRecognised),
    });
  }

  #addField(field: string): void {
    const count = this.#fields.get(field);
    if (count === undefined && this.#fields.size >= MAX_FIELDS) return;
    this.#fields.set(field, (count ?? 0) + 1);
  }
}

function packOf(pack: string): string {
  const slash = pack.indexOf("/");
  return slash < 0 ? pack : pack.slice(0, slash);
}
