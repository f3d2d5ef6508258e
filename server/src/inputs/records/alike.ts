import type { InputFault } from "@tyto/domain";

interface Described {
  readonly fault?: InputFault;
  readonly header?: string;
}

export interface AlikeRecords<T> extends Described {
  readonly records: readonly T[];
}

/** Records by what a batch says once for all of its records, in the order of their first. */
export function alike<T extends Described>(records: readonly T[]): readonly AlikeRecords<T>[] {
  const groups = new Map<string, Described & { readonly records: T[] }>();
  for (const record of records) {
    const { fault, header } = record;
    const key = `${fault ?? ""} ${header ?? ""}`;
    const group = groups.get(key);
    if (group !== undefined) group.records.push(record);
    else {
      groups.set(key, {
        ...(fault === undefined ? {} : { fault }),
        ...(header === undefined ? {} : { header }),
        records: [record],
      });
    }
  }
  return [...groups.values()];
}
