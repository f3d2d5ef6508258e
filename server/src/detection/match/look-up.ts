import type { EventFields, FieldValue } from "@tyto/domain";

const MAX_WALK_DEPTH = 16;
/** Lists in lists: what is nested deeper is no value of a field. */
const MAX_LIST_DEPTH = 3;

/**
 * The exact key first, then the path through nested values; lists on the path answer with all of their elements. A name that
 * ends in `.*` is everything below it, as one object.
 */
export function lookUp(fields: EventFields, name: string): FieldValue | undefined {
  return lookUpPath(fields, fieldPath(name));
}

/** A name, cut up once for many look-ups. */
export interface FieldPath {
  readonly name: string;
  /** Objects that may hold it and the path within them, the longest name first. */
  readonly parents: readonly { readonly name: string; readonly path: string }[];
}

export function fieldPath(name: string): FieldPath {
  const parents: { readonly name: string; readonly path: string }[] = [];
  if (!name.endsWith(".*")) {
    for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
      parents.push({ name: name.slice(0, dot), path: name.slice(dot + 1) });
    }
  }
  return { name, parents };
}

/** As `lookUp`. */
export function lookUpPath(fields: EventFields, { name, parents }: FieldPath): FieldValue | undefined {
  if (name.endsWith(".*")) return gather(fields, name.slice(0, -1));
  const exact = fields[name];
  if (exact !== undefined) return exact;
  for (const parent of parents) {
    const value = fields[parent.name];
    if (typeof value === "object" && value !== null) return descend(value, parent.path, 0);
  }
  return undefined;
}

/** All fields whose names begin so, as one object without that beginning; `undefined` when there are none. */
export function gather(fields: EventFields, start: string): FieldValue | undefined {
  const below = Object.keys(fields).filter((key) => key.startsWith(start));
  if (below.length === 0) return undefined;
  const map = Object.create(null) as Record<string, FieldValue>;
  for (const key of below) map[key.slice(start.length)] = fields[key] ?? null;
  return map;
}

/** What stands at a path below a value; `undefined` when nothing does. */
export function descend(value: FieldValue, path: string, depth: number): FieldValue | undefined {
  if (typeof value !== "object" || value === null || depth > MAX_WALK_DEPTH) return undefined;
  if (isList(value)) {
    const found = elementsOf(value).flatMap((item) => {
      const inner = isList(item) ? undefined : descend(item, path, depth + 1);
      return inner === undefined ? [] : isList(inner) ? elementsOf(inner) : [inner];
    });
    return found.length === 0 ? undefined : found;
  }
  const map = value;
  if (Object.hasOwn(map, path)) return map[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const head = path.slice(0, dot);
    if (!Object.hasOwn(map, head)) continue;
    const found = descend(map[head] ?? null, path.slice(dot + 1), depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function isList(value: FieldValue): value is readonly FieldValue[] {
  return Array.isArray(value);
}

/** A list's elements, those of lists in it included, down to the last level that counts. */
export function elementsOf(list: readonly FieldValue[], depth = 1): readonly FieldValue[] {
  if (!list.some(isList)) return list;
  return list.flatMap((item) =>
    !isList(item) ? [item] : depth < MAX_LIST_DEPTH ? elementsOf(item, depth + 1) : [],
  );
}
