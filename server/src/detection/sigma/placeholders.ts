/** Values for `%name%`, by name. */
export type Placeholders = ReadonlyMap<string, readonly string[]>;

const MAX_TEXTS = 10_000;

export type Expansion =
  | { readonly kind: "expanded"; readonly texts: readonly string[] }
  | { readonly kind: "unresolved"; readonly name: string };

/** Puts every combination of values in place of the placeholders. `\%` is a plain percent sign. */
export function expandPlaceholders(text: string, values: Placeholders): Expansion {
  let texts: readonly string[] = [""];
  for (const match of text.matchAll(/\\%|%([^%\\]+)%|[\s\S]/g)) {
    const name = match[1];
    const choices = name === undefined ? [match[0] === "\\%" ? "%" : match[0]] : values.get(name);
    if (choices === undefined || choices.length * texts.length > MAX_TEXTS) {
      return { kind: "unresolved", name: name ?? text };
    }
    texts = texts.flatMap((start) => choices.map((choice) => start + choice));
  }
  return { kind: "expanded", texts };
}
