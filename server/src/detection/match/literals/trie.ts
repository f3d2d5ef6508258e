import { FOLDED_UNITS } from "../fold.ts";
import { MIX } from "./literal.ts";
import type { Literal, LiteralSink } from "./literal.ts";

/** Set in every edge's key, so that none is nought: the empty place. */
const EDGE = 1 << 31;

/**
 * Finds the beginnings, or the ends, of a text among many. Edges of all nodes stand in one open-addressed table: a step costs a
 * multiplication and a look, and nearly every text is given up after a few.
 */
export class Trie {
  readonly #isBackward: boolean;
  /** Two numbers an edge: node and unit packed, and the node it leads to. */
  readonly #edges: Int32Array;
  readonly #shift: number;
  /** By node; `undefined` where no literal ends. */
  readonly #payloads: (number[] | undefined)[] = [undefined];

  constructor(literals: readonly Literal[], direction: "forward" | "backward") {
    this.#isBackward = direction === "backward";
    const units = literals.reduce((sum, { text }) => sum + text.length, 0);
    const bits = Math.max(4, Math.ceil(Math.log2(units * 2 + 2)));
    this.#shift = 32 - bits;
    this.#edges = new Int32Array(2 ** (bits + 1));
    for (const literal of literals) this.#insert(literal);
  }

  search(text: string, sink: LiteralSink): boolean {
    const edges = this.#edges;
    const length = text.length;
    let node = 0;
    for (let i = 0; i < length; i++) {
      const unit = FOLDED_UNITS[text.charCodeAt(this.#isBackward ? length - 1 - i : i)] ?? 0;
      if (unit > 0x7f) return false;
      // No edge leads back to the root.
      node = edges[this.#slotOf((node << 7) | unit | EDGE) + 1] ?? 0;
      if (node === 0) return false;
      const payloads = this.#payloads[node];
      if (payloads === undefined) continue;
      for (const payload of payloads) if (sink.found(payload)) return true;
    }
    return false;
  }

  /** Where an edge stands, or would. */
  #slotOf(key: number): number {
    const edges = this.#edges;
    const mask = edges.length - 1;
    let slot = (Math.imul(key, MIX) >>> this.#shift) * 2;
    for (let found = edges[slot]; found !== 0 && found !== key; found = edges[slot]) slot = (slot + 2) & mask;
    return slot;
  }

  #insert({ text, payload }: Literal): void {
    let node = 0;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(this.#isBackward ? text.length - 1 - i : i);
      const key = (node << 7) | unit | EDGE;
      const slot = this.#slotOf(key);
      if (this.#edges[slot] === 0) {
        this.#edges[slot] = key;
        this.#edges[slot + 1] = this.#payloads.length;
        this.#payloads.push(undefined);
      }
      node = this.#edges[slot + 1] ?? 0;
    }
    const known = this.#payloads[node];
    if (known === undefined) this.#payloads[node] = [payload];
    else known.push(payload);
  }
}
