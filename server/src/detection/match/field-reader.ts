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
  readonly #found: (FieldValue | undefined)[] = [];
  /** How long the name was under which it was found: the exact name outranks every object on the way. */
  readonly #length: number[] = [];
  readonly #seen: number[] = [];
  #round = 0;
  #count = 0;
  /** Numbers of the fields that the event has, up to `count`. */
  readonly present: number[] = [];
  /** Every value that the source gave, up to `all`, with its field's number; -1 when no rule asks for that. */
  readonly values: FieldValue[] = [];
  readonly numbers: number[] = [];
  #all = 0;

  constructor(fields: FieldNumbers) {
    this.#fields = fields;
  }

  get count(): number {
    return this.#count;
  }

  get all(): number {
    return this.#all;
  }

  read(fields: EventFields): void {
    this.#round++;
    this.#count = 0;
    this.#all = 0;
    this.#grow();
    for (const name in fields) {
      const value = fields[name];
      if (value === undefined) continue;
      const { number, below, gathered, isOwn } = this.#fields.find(name);
      if (!isOwn) {
        this.values[this.#all] = value;
        this.numbers[this.#all++] = number;
      }
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
    return this.#has(number) ? this.#found[number] : undefined;
  }

  #has(number: number): boolean {
    return this.#seen[number] === this.#round;
  }

  /** The exact name decides, then the longest name of an object on the way, even when the path ends in nothing there. */
  #put(number: number, value: FieldValue | undefined, nameLength: number): void {
    if (!this.#has(number)) {
      this.#seen[number] = this.#round;
      this.present[this.#count++] = number;
    } else if ((this.#length[number] ?? 0) > nameLength) {
      return;
    }
    this.#length[number] = nameLength;
    this.#found[number] = value;
  }

  #grow(): void {
    for (let number = this.#seen.length; number < this.#fields.size; number++) {
      this.#seen.push(0);
      this.#length.push(0);
      this.#found.push(undefined);
    }
  }
}
