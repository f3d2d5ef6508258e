import type { FieldSlot } from "./subject.ts";

/** Numbers the distinct ways of looking a field up, so that rules share what one of them found. */
export class SlotTable {
  readonly #slots = new Map<string, FieldSlot>();

  slot(candidates: readonly string[]): FieldSlot {
    const key = candidates.join("\u0000");
    const known = this.#slots.get(key);
    if (known !== undefined) return known;
    const slot: FieldSlot = { index: this.#slots.size, candidates };
    this.#slots.set(key, slot);
    return slot;
  }
}
