/** A value of an OCSF event: plain JSON without `null`. What is not known is left out. */
export type OcsfValue = string | number | boolean | readonly OcsfValue[] | OcsfObject;
export interface OcsfObject {
  readonly [attribute: string]: OcsfValue;
}

/** The object without what is not known; `undefined` when nothing is. */
export function known(attributes: Readonly<Record<string, OcsfValue | undefined>>): OcsfObject | undefined {
  // An attribute under `unmapped` may have any name, `__proto__` too.
  const kept = Object.create(null) as Record<string, OcsfValue>;
  let isEmpty = true;
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    kept[name] = value;
    isEmpty = false;
  }
  return isEmpty ? undefined : kept;
}

/** A list of what is known: one or none. */
export function oneOrNone<T extends OcsfValue>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

/** The object, if it has one of these attributes: OCSF's `at_least_one` and required ones. */
export function having(object: OcsfObject | undefined, ...oneOf: readonly string[]): OcsfObject | undefined {
  return object !== undefined && oneOf.some((name) => name in object) ? object : undefined;
}
