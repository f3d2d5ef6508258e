import { foldCase } from "@tyto/domain";

export { foldCase } from "@tyto/domain";

/**
 * `foldCase` unit by unit, for scans that must not copy the text: `FOLDED_UNITS[unit]` is the folded UTF-16 unit. Agrees with
 * `foldCase` on everything but letters outside the basic plane.
 */
export const FOLDED_UNITS: Uint16Array = Uint16Array.from({ length: 0x10000 }, (_, unit) =>
  foldCase(String.fromCharCode(unit)).charCodeAt(0),
);
