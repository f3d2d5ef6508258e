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

/**
 * `foldCase` unit by unit, for scans that must not copy the text: `FOLDED_UNITS[unit]` is the folded UTF-16 unit. Agrees with
 * `foldCase` on everything but letters outside the basic plane, so scans look only for needles of ASCII.
 */
export const FOLDED_UNITS: Uint16Array = Uint16Array.from({ length: 0x10000 }, (_, unit) =>
  unit < 0x80
    ? unit >= 0x41 && unit <= 0x5a
      ? unit + 0x20
      : unit
    : foldCharacter(String.fromCharCode(unit)).charCodeAt(0),
);
