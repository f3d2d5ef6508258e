import type { FieldValue } from "@tyto/domain";
import type { Expression } from "../sigma/rule.ts";
import { Commonness } from "./commonness.ts";
import type { SlotOf } from "./compile.ts";
import type { FieldReader } from "./field-reader.ts";
import { LiteralSet } from "./literals/literal-set.ts";
import type { Literal, LiteralSink } from "./literals/literal.ts";
import type { EventTexts } from "./event-texts.ts";
import { plainTextsOf } from "./subject.ts";
import type { FieldSlot } from "./subject.ts";
import { chooseWitnesses, requirementOf, witnessKey } from "./witness.ts";
import type { Requirement, Witness } from "./witness.ts";

/** What the index needs to know of a rule. */
export interface IndexedRule {
  readonly detection: Expression;
  readonly slotOf: SlotOf;
}

/** One way of looking a field up, and what is sought there. */
interface SoughtSlot {
  readonly literals: LiteralSet | undefined;
  /** Rules that can match as soon as the field is there. */
  readonly whenPresent: readonly number[];
}

/** Where a field counts: in which slot, and how far from the slot's first choice. */
interface SlotPlace {
  readonly slot: number;
  readonly rank: number;
}

const NO_VALUE_YET = Number.MAX_SAFE_INTEGER;

/**
 * Finds the few rules of a set that an event can match: those of which a necessary literal (or at least a field) is there. Never
 * leaves out a rule that matches; what it names must still be tested.
 */
export class RuleIndex implements LiteralSink {
  /** Rules that may match, as indices into the rules given; valid up to what `search` returned. */
  readonly candidates: number[] = [];
  readonly #always: readonly number[];
  readonly #slots: readonly SoughtSlot[];
  readonly #keywords: LiteralSet | undefined;
  /** By the field's number. */
  readonly #places: (readonly SlotPlace[] | undefined)[];
  /** By what a literal leads to. */
  readonly #rulesOf: readonly (readonly number[])[];
  #count = 0;
  #round = 0;
  readonly #found: number[];
  /** Of this round, by slot: the field that stands first, and its value. */
  readonly #touched: number[] = [];
  readonly #touchedIn: number[];
  readonly #rank: number[];
  readonly #number: number[];
  readonly #value: (FieldValue | undefined)[];

  constructor(rules: readonly IndexedRule[]) {
    const plan = planOf(rules);
    this.#always = plan.always;
    this.#slots = plan.slots;
    this.#keywords = plan.keywords;
    this.#places = plan.places;
    this.#rulesOf = plan.rulesOf;
    this.#found = rules.map(() => 0);
    this.#touchedIn = plan.slots.map(() => 0);
    this.#rank = plan.slots.map(() => 0);
    this.#number = plan.slots.map(() => 0);
    this.#value = plan.slots.map(() => undefined);
  }

  /** Keywords are sought, which look at all of an event. */
  get hasKeywords(): boolean {
    return this.#keywords !== undefined;
  }

  /** @returns how many of `candidates` may match the event that was read */
  search(reader: FieldReader, texts: EventTexts): number {
    this.#round++;
    this.#count = 0;
    for (const rule of this.#always) this.#add(rule);
    if (this.#keywords !== undefined) this.#searchKeywords(this.#keywords, texts);
    const touched = this.#touchSlots(reader);
    for (let i = 0; i < touched; i++) this.#searchSlot(this.#touched[i] ?? 0, texts);
    return this.#count;
  }

  found(payload: number): boolean {
    const rules = this.#rulesOf[payload];
    if (rules !== undefined) for (const rule of rules) this.#add(rule);
    return false;
  }

  #searchKeywords(keywords: LiteralSet, texts: EventTexts): void {
    const all = texts.keywords();
    keywords.searchInside(texts.bytes, all, this);
    for (const text of all.foreign) keywords.searchForeign(text, this);
  }

  #add(rule: number): void {
    if (this.#found[rule] === this.#round) return;
    this.#found[rule] = this.#round;
    this.candidates[this.#count++] = rule;
  }

  /** As `Subject.view`: of a slot's names, the first with a value counts; null counts as present. */
  #touchSlots(reader: FieldReader): number {
    let count = 0;
    for (let i = 0; i < reader.count; i++) {
      const number = reader.present[i] ?? 0;
      const places = this.#places[number];
      if (places === undefined) continue;
      const value = reader.value(number);
      if (value === undefined) continue;
      for (const { slot, rank } of places) {
        if (this.#touchedIn[slot] !== this.#round) {
          this.#touchedIn[slot] = this.#round;
          this.#touched[count++] = slot;
          this.#rank[slot] = NO_VALUE_YET;
          this.#value[slot] = undefined;
        }
        if (value !== null && rank < (this.#rank[slot] ?? 0)) {
          this.#rank[slot] = rank;
          this.#number[slot] = number;
          this.#value[slot] = value;
        }
      }
    }
    return count;
  }

  #searchSlot(index: number, texts: EventTexts): void {
    const slot = this.#slots[index];
    if (slot === undefined) return;
    for (const rule of slot.whenPresent) this.#add(rule);
    const { literals } = slot;
    const value = this.#value[index];
    if (literals === undefined || value === undefined) return;
    if (typeof value !== "string") {
      for (const text of plainTextsOf(value)) literals.search(text, this);
      return;
    }
    literals.searchEdges(value, this);
    if (!literals.readsBytes) return;
    const place = texts.place(this.#number[index] ?? 0, value);
    literals.searchInside(texts.bytes, place, this);
    if (!place.isPlain) literals.searchForeign(value, this);
  }
}

interface Plan {
  readonly always: readonly number[];
  readonly slots: readonly SoughtSlot[];
  readonly keywords: LiteralSet | undefined;
  readonly places: (readonly SlotPlace[] | undefined)[];
  readonly rulesOf: readonly (readonly number[])[];
}

/** What is sought in one slot while the plan is being made. */
interface SlotDraft {
  readonly slot: FieldSlot | null;
  readonly literals: Literal[];
  readonly whenPresent: number[];
}

function planOf(rules: readonly IndexedRule[]): Plan {
  const always: number[] = [];
  const commonness = new Commonness(rules.length);
  const requirements = new Map<number, Requirement>();
  for (const [index, rule] of rules.entries()) {
    const requirement = requirementOf(rule.detection, rule.slotOf);
    if (requirement === undefined) {
      always.push(index);
    } else {
      requirements.set(index, requirement);
      commonness.count(requirement);
    }
  }
  const drafts = new PlanDraft();
  for (const [index, requirement] of requirements) {
    for (const witness of chooseWitnesses(requirement, commonness).witnesses) drafts.add(witness, index);
  }
  return drafts.finish(always);
}

class PlanDraft {
  readonly #slots = new Map<number, SlotDraft>();
  readonly #payloads = new Map<string, number>();
  readonly #rulesOf: number[][] = [];

  add(witness: Witness, rule: number): void {
    const { slot, literal } = witness;
    const draft = this.#slots.get(slot?.index ?? -1) ?? { slot, literals: [], whenPresent: [] };
    this.#slots.set(slot?.index ?? -1, draft);
    if (literal === undefined) {
      draft.whenPresent.push(rule);
      return;
    }
    const key = witnessKey(witness);
    let payload = this.#payloads.get(key);
    if (payload === undefined) {
      payload = this.#rulesOf.length;
      this.#payloads.set(key, payload);
      this.#rulesOf.push([]);
      draft.literals.push({ ...literal, payload });
    }
    const known = this.#rulesOf[payload];
    if (known?.at(-1) !== rule) known?.push(rule);
  }

  finish(always: readonly number[]): Plan {
    const places: SlotPlace[][] = [];
    const slots: SoughtSlot[] = [];
    let keywords: LiteralSet | undefined;
    for (const { slot, literals, whenPresent } of this.#slots.values()) {
      const set = literals.length === 0 ? undefined : new LiteralSet(literals);
      if (slot === null) {
        keywords = set;
        continue;
      }
      for (const [rank, number] of slot.numbers.entries())
        (places[number] ??= []).push({ slot: slots.length, rank });
      slots.push({ literals: set, whenPresent });
    }
    return { always, slots, keywords, places, rulesOf: this.#rulesOf };
  }
}
