import { FOLDED_UNITS } from "../fold.ts";
import type { Literal, LiteralSink } from "./literal.ts";

/** Finds literals that are not all ASCII by the first unit of them that is not: texts hold few such characters. */
export class UnitTable {
  readonly #byUnit = new Map<number, { readonly literal: Literal; readonly at: number }[]>();

  constructor(literals: readonly Literal[]) {
    for (const literal of literals) {
      const at = literal.text.search(/[^\x00-\x7f]/);
      const unit = literal.text.charCodeAt(at);
      const known = this.#byUnit.get(unit) ?? [];
      known.push({ literal, at });
      this.#byUnit.set(unit, known);
    }
  }

  search(text: string, sink: LiteralSink): boolean {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) continue;
      for (const { literal, at } of this.#byUnit.get(FOLDED_UNITS[unit] ?? 0) ?? []) {
        if (standsAt(text, literal.text, i - at) && sink.found(literal.payload)) return true;
      }
    }
    return false;
  }
}

function standsAt(text: string, needle: string, start: number): boolean {
  if (start < 0 || start + needle.length > text.length) return false;
  for (let i = 0; i < needle.length; i++) {
    if (FOLDED_UNITS[text.charCodeAt(start + i)] !== needle.charCodeAt(i)) return false;
  }
  return true;
}
