import { foldCase } from "@tyto/domain";
import { param, sql, type BoundQuery, type QueryParameter } from "./bound-query.ts";

/** Beyond it no code point has a case. A test looks at all of them. */
const LAST_CASED = 0x1_ffff;

interface FoldTable {
  readonly from: QueryParameter;
  readonly to: QueryParameter;
}

let known: FoldTable | undefined;

/** Every code point beyond ASCII that folds to another, and what it folds to. One object each, so that a query binds it once. */
function foldTable(): FoldTable {
  if (known !== undefined) return known;
  let [from, to] = ["", ""];
  for (let point = 0x80; point <= LAST_CASED; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    const char = String.fromCodePoint(point);
    const folded = foldCase(char);
    if (folded === char) continue;
    from += char;
    to += folded;
  }
  known = { from: param("String", from), to: param("String", to) };
  return known;
}

/** The text with its case folded as `foldCase` does it: the engine's own functions know ASCII, or change lengths. */
export function folded(text: BoundQuery): BoundQuery {
  const { from, to } = foldTable();
  return sql`translateUTF8(lower(${text}), ${from}, ${to})`;
}
