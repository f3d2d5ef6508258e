const NON_ASCII = /[^\x00-\x7f]/;

/**
 * Folds case for comparison, one code point to one code point, so that a text never changes its length: Unicode's simple
 * folding. `ſ` equals `s`, the Kelvin sign equals `k`, `ς` equals `σ`; `ß`, `İ` and `ı` equal only themselves (`ẞ` equals `ß`).
 */
export function foldCase(text: string): string {
  if (!NON_ASCII.test(text)) return text.toLowerCase();
  let folded = "";
  for (const char of text) folded += foldCharacter(char);
  return folded;
}

function foldCharacter(char: string): string {
  if (char === "ı") return char;
  const upper = char.toUpperCase();
  const raised = upper.length === char.length ? upper : char;
  const lower = raised.toLowerCase();
  return lower.length === raised.length ? lower : char;
}
