/**
 * Text with Sigma's wildcards. `dash` stands where `windash` found a command line's option sign: any of the five that Windows
 * programs take for one.
 */
export type PatternPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "many" }
  | { readonly kind: "one" }
  | { readonly kind: "dash" };

/** Neighbouring texts are joined; no two `many` stand side by side. Empty = the empty text. */
export type Pattern = readonly PatternPart[];

/** Hyphen, slash, en dash, em dash, horizontal bar. */
export const DASHES: readonly string[] = ["-", "/", "\u2013", "\u2014", "\u2015"];

const MANY: PatternPart = { kind: "many" };

/**
 * Reads wildcards and escapes (specification 2.1, "Escaping"): a backslash before `*`, `?` or another backslash takes the
 * meaning off what follows; before anything else, and at the end, it is a backslash.
 */
export function parsePattern(source: string): Pattern {
  const parts: PatternPart[] = [];
  let text = "";
  const flush = (): void => {
    if (text !== "") parts.push({ kind: "text", text });
    text = "";
  };
  for (let i = 0; i < source.length; i++) {
    const char = source.charAt(i);
    const next = source.charAt(i + 1);
    if (char === "\\" && (next === "\\" || next === "*" || next === "?")) {
      text += next;
      i++;
    } else if (char === "*") {
      flush();
      if (parts.at(-1)?.kind !== "many") parts.push(MANY);
    } else if (char === "?") {
      flush();
      parts.push({ kind: "one" });
    } else {
      text += char;
    }
  }
  flush();
  return parts;
}

/** A pattern that matches this text and nothing else. */
export function literalPattern(text: string): Pattern {
  return text === "" ? [] : [{ kind: "text", text }];
}

/** The text of a pattern without wildcards; `undefined` when it has any. */
export function literalOf(pattern: Pattern): string | undefined {
  if (pattern.length === 0) return "";
  const [only] = pattern;
  return pattern.length === 1 && only?.kind === "text" ? only.text : undefined;
}

/** `contains` = open at both ends, `startswith` at the end, `endswith` at the start. Wildcards inside stay live. */
export function widen(pattern: Pattern, open: { readonly start: boolean; readonly end: boolean }): Pattern {
  const head = open.start && pattern[0]?.kind !== "many" ? [MANY] : [];
  const tail =
    open.end && (pattern.length === 0 ? head.length === 0 : pattern.at(-1)?.kind !== "many") ? [MANY] : [];
  return [...head, ...pattern, ...tail];
}

const WORD = /[\p{L}\p{N}_]/u;

/** Option signs become `dash`: a `-` or `/` with no word character before and one after it. Inner hyphens stay. */
export function withDashes(pattern: Pattern): Pattern {
  return pattern.flatMap((part) => (part.kind === "text" ? dashesIn(part.text) : [part]));
}

function dashesIn(text: string): readonly PatternPart[] {
  const parts: PatternPart[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    const isSign = char === "-" || char === "/";
    if (!isSign || !WORD.test(text.charAt(i + 1)) || (i > 0 && WORD.test(text.charAt(i - 1)))) continue;
    if (i > start) parts.push({ kind: "text", text: text.slice(start, i) });
    parts.push({ kind: "dash" });
    start = i + 1;
  }
  if (start < text.length) parts.push({ kind: "text", text: text.slice(start) });
  return parts;
}

/** All texts that a pattern of texts and dashes stands for; `undefined` with other wildcards, or when there are over `limit`. */
export function spellOut(pattern: Pattern, limit: number): readonly string[] | undefined {
  let texts: readonly string[] = [""];
  for (const part of pattern) {
    if (part.kind === "many" || part.kind === "one") return undefined;
    const endings = part.kind === "dash" ? DASHES : [part.text];
    texts = texts.flatMap((text) => endings.map((ending) => text + ending));
    if (texts.length > limit) return undefined;
  }
  return texts;
}
