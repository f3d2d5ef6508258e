/** Formats that have a name of their own. */
export const NAMED_DATE_FORMATS = [
  "iso8601",
  "epoch",
  "epoch_s",
  "epoch_ms",
  "epoch_us",
  "epoch_ns",
  "syslog",
  "clf",
  "filetime",
] as const;
export type NamedDateFormat = (typeof NAMED_DATE_FORMATS)[number];

/** One piece of a written-out format such as `dd/MMM/yyyy HH:mm:ss Z`. */
export type DateToken =
  { readonly kind: "literal"; readonly text: string } | { readonly kind: "part"; readonly part: DatePart };

export const DATE_PARTS = [
  "yyyy",
  "yy",
  "MMMM",
  "MMM",
  "MM",
  "M",
  "dd",
  "d",
  "HH",
  "H",
  "hh",
  "h",
  "mm",
  "ss",
  "S",
  "a",
  "Z",
  "z",
  "EEEE",
  "EEE",
] as const;
export type DatePart = (typeof DATE_PARTS)[number];

/** A way of writing time, read once at load. */
export type DateFormat =
  | { readonly kind: "named"; readonly name: NamedDateFormat }
  | { readonly kind: "written"; readonly tokens: readonly DateToken[] };

/** `undefined` when the text is no format. */
export function readDateFormat(text: string): DateFormat | undefined {
  const name = NAMED_DATE_FORMATS.find((known) => known === text);
  if (name !== undefined) return { kind: "named", name };
  const tokens = parseTokens(text);
  return tokens === undefined ? undefined : { kind: "written", tokens };
}

/** The pieces of a format, `undefined` where it holds a letter that means nothing or lacks a month or a day. */
function parseTokens(text: string): readonly DateToken[] | undefined {
  const tokens: DateToken[] = [];
  for (let i = 0; i < text.length;) {
    if (text[i] === "'") {
      const end = text.indexOf("'", i + 1);
      if (end < 0) return undefined;
      tokens.push({ kind: "literal", text: end === i + 1 ? "'" : text.slice(i + 1, end) });
      i = end + 1;
      continue;
    }
    const letters = /^([A-Za-z])\1*/.exec(text.slice(i))?.[0];
    if (letters === undefined) {
      tokens.push({ kind: "literal", text: text[i] ?? "" });
      i += 1;
      continue;
    }
    const name = letters.startsWith("S") ? "S" : letters === "T" ? undefined : letters;
    const part = DATE_PARTS.find((known) => known === name);
    if (part === undefined && letters !== "T") return undefined;
    tokens.push(part === undefined ? { kind: "literal", text: "T" } : { kind: "part", part });
    i += letters.length;
  }
  const has = (prefix: string): boolean =>
    tokens.some((token) => token.kind === "part" && token.part.startsWith(prefix));
  return has("M") && has("d") ? tokens : undefined;
}
