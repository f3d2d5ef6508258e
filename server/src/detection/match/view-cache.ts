import type { FieldView } from "./subject.ts";

/** What was seen of one event's fields, by slot. */
export class ViewCache {
  readonly #views: (FieldView | undefined)[] = [];
  readonly #seenIn: number[] = [];
  #round = 1;

  /** Forgets the last event. */
  next(): void {
    this.#round++;
  }

  get(slot: number): FieldView | undefined {
    return this.#seenIn[slot] === this.#round ? this.#views[slot] : undefined;
  }

  set(slot: number, view: FieldView): void {
    for (let unknown = this.#views.length; unknown <= slot; unknown++) {
      this.#views.push(undefined);
      this.#seenIn.push(0);
    }
    this.#views[slot] = view;
    this.#seenIn[slot] = this.#round;
  }
}
