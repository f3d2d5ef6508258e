import { OWN_FIELD_PREFIX } from "@tyto/domain";

/** A field that may stand below an object: `requestParameters` may hold what rules call `requestParameters.name`. */
export interface NestedField {
  readonly number: number;
  /** The rest of its name. */
  readonly path: string;
}

/** A name that stands for everything below it (`aws.cloudtrail.request_parameters.*`). */
export interface GatheredField {
  readonly number: number;
  /** How the names begin that it gathers. */
  readonly start: string;
}

/** What a field of an event means to rules. */
export interface NamedField {
  /** -1 when no rule asks for this very name. */
  readonly number: number;
  readonly below: readonly NestedField[];
  readonly gathered: readonly GatheredField[];
  /** Tyto's own, and no part of what the source said. */
  readonly isOwn: boolean;
}

const NOBODYS: NamedField = { number: -1, below: [], gathered: [], isOwn: false };
/** Names that events brought and that are remembered; a flood of new ones starts over. */
const MAX_REMEMBERED = 20_000;

/** Numbers every name under which a rule may find a field, so that an event's fields are looked at once for all rules. */
export class FieldNumbers {
  readonly #numbers = new Map<string, number>();
  readonly #below = new Map<string, NestedField[]>();
  readonly #gathered: GatheredField[] = [];
  readonly #remembered = new Map<string, NamedField>();

  get size(): number {
    return this.#numbers.size;
  }

  /** Numbers a name that is new. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    this.#numbers.set(name, number);
    this.#remembered.clear();
    if (name.endsWith(".*")) {
      this.#gathered.push({ number, start: name.slice(0, -1) });
      return number;
    }
    for (let dot = name.indexOf("."); dot > 0; dot = name.indexOf(".", dot + 1)) {
      const parent = name.slice(0, dot);
      const below = this.#below.get(parent) ?? [];
      below.push({ number, path: name.slice(dot + 1) });
      this.#below.set(parent, below);
    }
    return number;
  }

  /** What an event's field means. */
  find(name: string): NamedField {
    return this.#remembered.get(name) ?? this.#remember(name);
  }

  #remember(name: string): NamedField {
    const number = name.endsWith(".*") ? -1 : (this.#numbers.get(name) ?? -1);
    const below = this.#below.get(name) ?? [];
    const gathered = this.#gathered.filter(({ start }) => name.startsWith(start));
    const isOwn = name.startsWith(OWN_FIELD_PREFIX);
    const isNobodys = number === -1 && below.length === 0 && gathered.length === 0 && !isOwn;
    const named = isNobodys ? NOBODYS : { number, below, gathered, isOwn };
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(name, named);
    return named;
  }
}
