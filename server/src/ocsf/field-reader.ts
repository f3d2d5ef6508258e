import { parseRfc3339 } from "@tyto/domain";
import type { EventFields, FieldValue } from "@tyto/domain";

/** OCSF's `mac_t`, `email_t` and the spellings of `ip_t` that we write. */
const MAC = /^(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$/;
const EMAIL = /^[^\s@<>"(),:;[\]\\]{1,256}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,12}$/;
const WHOLE = /^-?\d{1,15}$/;
const MAX_PORT = 65_535;

/**
 * Reads an event's flat fields and remembers which ones found a place, so that what is left over can be given as `unmapped`.
 * Of several names the first one that has a value gives it; others with the same value are thereby told as well.
 */
export class FieldReader {
  readonly #fields: EventFields;
  readonly #taken = new Set<string>();
  /** The same in the order of taking, so that an attempt can be undone. */
  readonly #order: string[] = [];

  constructor(fields: EventFields) {
    this.#fields = fields;
  }

  has(name: string): boolean {
    const value = this.#fields[name];
    return (
      value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0)
    );
  }

  isTaken(name: string): boolean {
    return this.#taken.has(name);
  }

  /** Looks without taking. */
  peek(name: string): string | undefined {
    return textOf(this.#fields[name]);
  }

  /** The first name that ends so, in the event's order: for vendors' own fields, whose first part is the vendor's. */
  nameEnding(...endings: readonly string[]): string | undefined {
    return Object.keys(this.#fields).find(
      (name) => endings.some((ending) => name.endsWith(ending)) && this.has(name),
    );
  }

  /** Takes what `build` reads only if it makes something of it. */
  attempt<T>(build: (reader: FieldReader) => T | undefined): T | undefined {
    const before = this.#order.length;
    const built = build(this);
    if (built === undefined) for (const name of this.#order.splice(before)) this.#taken.delete(name);
    return built;
  }

  text(...names: readonly string[]): string | undefined {
    return this.#first(names, textOf);
  }

  /** A name, where an address is none. */
  hostname(...names: readonly string[]): string | undefined {
    return this.#first(names, (value) => {
      const text = textOf(value);
      return text === undefined || isAddress(text) ? undefined : text;
    });
  }

  /** Takes those of the names that say what has been told already. */
  alsoTold(value: string | undefined, ...names: readonly string[]): void {
    this.take(...names.filter((name) => value !== undefined && this.peek(name) === value));
  }

  whole(...names: readonly string[]): number | undefined {
    return this.#first(names, wholeOf);
  }

  port(...names: readonly string[]): number | undefined {
    return this.#first(names, (value) => {
      const port = wholeOf(value);
      return port !== undefined && port >= 0 && port <= MAX_PORT ? port : undefined;
    });
  }

  ip(...names: readonly string[]): string | undefined {
    return this.#first(names, (value) => {
      const text = textOf(value);
      return text !== undefined && isAddress(text) ? text : undefined;
    });
  }

  mac(...names: readonly string[]): string | undefined {
    return this.#first(names, (value) => matching(value, MAC));
  }

  email(...names: readonly string[]): string | undefined {
    return this.#first(names, (value) => matching(value, EMAIL));
  }

  /** Milliseconds since 1970. */
  instant(...names: readonly string[]): number | undefined {
    return this.#first(names, (value) => {
      const text = textOf(value);
      const instant = text === undefined ? undefined : parseRfc3339(text);
      return instant === undefined ? undefined : Math.floor(instant / 1_000);
    });
  }

  /** All scalars under a name, as texts. */
  texts(name: string): readonly string[] {
    return this.#all(name, textOf);
  }

  /** The same without taking. */
  values(name: string): readonly string[] {
    const value = this.#fields[name];
    return (Array.isArray(value) ? (value as readonly FieldValue[]) : [value]).flatMap(
      (one) => textOf(one) ?? [],
    );
  }

  emails(name: string): readonly string[] {
    return this.#all(name, (value) => matching(value, EMAIL));
  }

  /** The objects in a list of objects. */
  objects(name: string): readonly Readonly<Record<string, FieldValue>>[] {
    const value = this.#fields[name];
    const list = (Array.isArray(value) ? (value as readonly FieldValue[]) : [value]).filter(isFieldObject);
    if (list.length > 0) this.take(name);
    return list;
  }

  take(...names: readonly string[]): void {
    for (const name of names) {
      if (this.#taken.has(name)) continue;
      this.#taken.add(name);
      this.#order.push(name);
    }
  }

  /** What found no place, under its own names. */
  rest(): Readonly<Record<string, FieldValue>> {
    const rest = Object.create(null) as Record<string, FieldValue>;
    for (const [name, value] of Object.entries(this.#fields))
      if (!this.#taken.has(name) && this.has(name) && value !== undefined) rest[name] = value;
    return rest;
  }

  #first<T extends string | number>(
    names: readonly string[],
    read: (value: FieldValue | undefined) => T | undefined,
  ): T | undefined {
    let found: T | undefined;
    for (const name of names) {
      const stored = this.#fields[name];
      const isList = Array.isArray(stored);
      const value = read(isList ? (stored as readonly FieldValue[])[0] : stored);
      if (value === undefined) continue;
      found ??= value;
      // Of a list only the first is told; the list stays.
      if (value === found && (!isList || (stored as readonly FieldValue[]).length === 1)) this.take(name);
    }
    return found;
  }

  #all(name: string, read: (value: FieldValue | undefined) => string | undefined): readonly string[] {
    const stored = this.#fields[name];
    const list = Array.isArray(stored) ? (stored as readonly FieldValue[]) : [stored];
    const values = list.flatMap((value) => read(value) ?? []);
    if (values.length > 0 && values.length === list.length) this.take(name);
    return values;
  }
}

export function textOf(value: FieldValue | undefined): string | undefined {
  switch (typeof value) {
    case "string":
      return value === "" ? undefined : value;
    case "number":
    case "boolean":
      return String(value);
    default:
      return undefined;
  }
}

function wholeOf(value: FieldValue | undefined): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
  return typeof value === "string" && WHOLE.test(value) ? Number(value) : undefined;
}

function matching(value: FieldValue | undefined, pattern: RegExp): string | undefined {
  const text = textOf(value);
  return text !== undefined && pattern.test(text) ? text : undefined;
}

function isFieldObject(value: FieldValue | undefined): value is { readonly [key: string]: FieldValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Addresses that the pipeline has already checked: all that is left to tell apart are host names. */
export function isAddress(text: string): boolean {
  if (text.length > 40) return false;
  return (
    /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) ||
    (text.includes(":") && /^[0-9A-Fa-f:.]+(?:%[\w.-]+)?$/.test(text))
  );
}
