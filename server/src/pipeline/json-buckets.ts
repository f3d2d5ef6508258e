import type { Recogniser } from "../content/index.ts";
import type { JsonObject } from "./decoders/json.ts";
import type { Candidate } from "./recognition.ts";

type JsonKeys = NonNullable<Recogniser["json"]>;

const NONE: readonly Candidate[] = [];

/**
 * Recognisers of JSON objects, each filed under the one of its keys that the fewest others ask for: an object meets those of its own keys
 * only, however many packs there are.
 */
export class JsonBuckets {
  readonly #byKey = new Map<string, Candidate[]>();
  readonly #any: Candidate[] = [];
  readonly #uses = new Map<string, number>();

  /** How often each key is asked for. Comes before the first `add`. */
  count(recognisers: readonly Recogniser[]): void {
    for (const { json } of recognisers)
      for (const { key } of json ?? []) this.#uses.set(key, (this.#uses.get(key) ?? 0) + 1);
  }

  /** In order of rank. */
  add(candidate: Candidate, keys: JsonKeys): void {
    const uses = ({ key }: JsonKeys[number]): number => this.#uses.get(key) ?? 0;
    const [rarest] = [...keys].sort((a, b) => uses(a) - uses(b));
    if (rarest === undefined) this.#any.push(candidate);
    else for (const name of namesOf(rarest.key)) this.#file(name, candidate);
  }

  /** Lists of candidates for an object, each in order of rank. */
  of(object: JsonObject): readonly (readonly Candidate[])[] {
    const found = [this.#any as readonly Candidate[]];
    for (const key of Object.keys(object)) {
      const list = this.#byKey.get(key) ?? NONE;
      if (list !== NONE) found.push(list);
    }
    return found;
  }

  #file(name: string, candidate: Candidate): void {
    const list = this.#byKey.get(name);
    if (list === undefined) this.#byKey.set(name, [candidate]);
    else list.push(candidate);
  }
}

/** A dotted key may be nested or written out: the keys of the object itself that it may stand under. */
function namesOf(path: string): readonly string[] {
  const names = [path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) names.push(path.slice(0, dot));
  return names;
}

export function holdsKeys(object: JsonObject, keys: NonNullable<Recogniser["json"]>): boolean {
  return keys.every(({ key, values }) => {
    const value = valueAt(object, key);
    if (value === undefined || value === null) return false;
    return values.length === 0 || values.some((expected) => expected === value || String(expected) === value);
  });
}

/** The value at a dotted path, whether the dots are nesting or part of the keys. */
function valueAt(object: JsonObject, path: string): unknown {
  if (Object.hasOwn(object, path)) return object[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const inner = Object.hasOwn(object, path.slice(0, dot)) ? object[path.slice(0, dot)] : undefined;
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) continue;
    const found = valueAt(inner as JsonObject, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
