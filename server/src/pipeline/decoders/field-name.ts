import { toSnakeCase } from "./snake-case.ts";

/** Names kept at most: beyond it someone sends ever new keys, and remembering them helps nobody. */
const MAX_NAMES = 50_000;

/**
 * Joins a namespace and a key, and remembers the result: the same keys come with every record, and a name that is the same string
 * each time needs no new text, no new hash and no comparison in the maps behind.
 */
export class FieldNameCache {
  readonly #byPrefix = new Map<string, Map<string, string>>();
  readonly #snake = new Map<string, string>();
  #size = 0;

  join(prefix: string, key: string): string {
    const known = this.#byPrefix.get(prefix)?.get(key);
    return known ?? this.#remember(prefix, key);
  }

  /** The key in snake case. */
  snake(key: string): string {
    const known = this.#snake.get(key);
    if (known !== undefined) return known;
    const snake = toSnakeCase(key);
    if (key.length > 256) return snake;
    if (this.#snake.size >= MAX_NAMES) this.#snake.clear();
    this.#snake.set(key, snake);
    return snake;
  }

  #remember(prefix: string, key: string): string {
    const name = `${prefix}.${key}`;
    if (name.length > 256) return name;
    if (this.#size >= MAX_NAMES) {
      this.#byPrefix.clear();
      this.#size = 0;
    }
    const names = this.#byPrefix.get(prefix) ?? new Map<string, string>();
    names.set(key, name);
    this.#byPrefix.set(prefix, names);
    this.#size += 1;
    return name;
  }
}
