import type { FieldList } from "@tyto/domain";

type Field = FieldList["items"][number];

export interface FieldPrefix {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const MOST = 8;

/** The beginning of a field's name just before the caret; undefined inside a value or after fewer than two letters. */
export function fieldPrefixAt(text: string, caret: number): FieldPrefix | undefined {
  const before = text.slice(0, caret);
  const word = /(?:^|[\s(-])([A-Za-z_@][\w.]*)$/.exec(before)?.[1];
  const next = text[caret];
  if (word === undefined || word.length < 2 || (next !== undefined && /[\w.:]/.test(next))) return undefined;
  // An odd number of quotes before the caret: the word is part of a phrase.
  if ((before.split('"').length - 1) % 2 === 1) return undefined;
  return { text: word, start: caret - word.length, end: caret };
}

/** Fields whose name begins so, then those with a part that does; typed columns first. */
export function completeField(prefix: string, fields: readonly Field[]): readonly Field[] {
  const wanted = prefix.toLowerCase();
  const rank = (field: Field): number => {
    const name = field.name.toLowerCase();
    if (name === wanted) return -1;
    const place = name.startsWith(wanted) ? 0 : name.includes(`.${wanted}`) ? 2 : 9;
    return place + (field.isColumn ? 0 : 1);
  };
  return fields
    .map((field) => ({ field, rank: rank(field) }))
    .filter((entry) => entry.rank >= 0 && entry.rank < 9)
    .sort((a, b) => a.rank - b.rank || a.field.name.length - b.field.name.length)
    .slice(0, MOST)
    .map((entry) => entry.field);
}
