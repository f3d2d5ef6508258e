/** A field that may stand below an object: `requestParameters` may hold what rules call `requestParameters.name`. */
export interface NestedField {
  readonly number: number;
  /** The rest of its name. */
  readonly path: string;
}

/** Numbers every name under which a rule may find a field, so that an event's fields are looked at once for all rules. */
export class FieldNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #below = new Map<string, NestedField[]>();

  get size(): number {
    return this.#numbers.size;
  }

  /** Numbers a name that is new. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(name, number);
    for (let dot = name.indexOf("."); dot > 0; dot = name.indexOf(".", dot + 1)) {
      const parent = name.slice(0, dot);
      const below = this.#below.get(parent) ?? [];
      below.push({ number, path: name.slice(dot + 1) });
      this.#below.set(parent, below);
    }
    return number;
  }

  find(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  below(name: string): readonly NestedField[] | undefined {
    return this.#below.get(name);
  }
}
