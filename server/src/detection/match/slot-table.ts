import { FieldNumbers } from "./field-numbers.ts";
import type { FieldSlot } from "./subject.ts";

/** Numbers the distinct ways of looking a field up, so that rules share what one of them found. */
export class SlotTable {
  readonly fields = new FieldNumbers();
  readonly #slots = new Map<string, FieldSlot>();

  slot(candidates: readonly string[]): FieldSlot {
    const key = candidates.join("\u0000");
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const numbers = candidates.map((name) => this.fields.numberOf(name));
    const slot: FieldSlot = { index: this.#slots.size, candidates, numbers };
    this.#slots.set(key, slot);
    return slot;
  }
}
