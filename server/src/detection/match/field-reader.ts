import type { EventFields, FieldValue } from "@tyto/domain";
import type { FieldNumbers } from "./field-numbers.ts";
import { descend, gather } from "./look-up.ts";

/**
 * Reads an event's fields once for all rules: which of the numbered fields it has, and their values. One reader serves one event
 * after another without allocating; what it read is valid until the next `read`.
 */
export class FieldReader {
  readonly #fields: FieldNumbers;
  /** By number; valid where `#seen` holds this round. */
  readonly #values: (FieldValue | undefined)[] = [];
  /** How long the name was under which it was found: the exact name outranks every object on the way. */
  readonly #found: number[] = [];
  readonly #seen: number[] = [];
  #round = 0;
  #count = 0;
  /** Numbers of the fields that the event has, up to `count`. */
  readonly present: number[] = [];

  constructor(fields: FieldNumbers) {
    this.#fields = fields;
  }

  get count(): number {
    return this.#count;
  }

  read(fields: EventFields): void {
    this.#round++;
    this.#count = 0;
    this.#grow();
    for (const name in fields) {
      const value = fields[name];
      if (value === undefined) continue;
      const { number, below, gathered } = this.#fields.find(name);
      if (number >= 0) this.#put(number, value, Number.MAX_SAFE_INTEGER);
      for (const { number: all, start } of gathered) {
        if (!this.#has(all)) this.#put(all, gather(fields, start), Number.MAX_SAFE_INTEGER);
      }
      if (typeof value !== "object" || value === null) continue;
      for (const { number: inner, path } of below) this.#put(inner, descend(value, path, 0), name.length);
    }
  }

  /** `undefined` when the event does not have the field. */
  value(number: number): FieldValue | undefined {
    return this.#has(number) ? this.#values[number] : undefined;
  }

  #has(number: number): boolean {
    return this.#seen[number] === this.#round;
  }

  /** The exact name decides, then the longest name of an object on the way, even when the path ends in nothing there. */
  #put(number: number, value: FieldValue | undefined, nameLength: number): void {
    if (!this.#has(number)) {
      this.#seen[number] = this.#round;
      this.present[this.#count++] = number;
    } else if ((this.#found[number] ?? 0) > nameLength) {
      return;
    }
    this.#found[number] = nameLength;
    this.#values[number] = value;
  }

  #grow(): void {
    for (let number = this.#seen.length; number < this.#fields.size; number++) {
      this.#seen.push(0);
      this.#found.push(0);
      this.#values.push(undefined);
    }
  }
}
