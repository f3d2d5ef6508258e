import { foldCase } from "../fold.ts";
import { GramTable } from "./gram-table.ts";
import type { Literal, LiteralKind, LiteralSink } from "./literal.ts";
import { TextBytes } from "./text-bytes.ts";
import type { TextRange } from "./text-bytes.ts";
import { Trie } from "./trie.ts";
import { UnitTable } from "./unit-table.ts";

const ASCII = /^[\x00-\x7f]*$/;

/**
 * Many literals, sought in a text at once: the cost hardly depends on how many there are. Whole values are looked up in a map,
 * beginnings and ends walk a trie, and everything else is found by a few of its characters.
 */
export class LiteralSet {
  readonly #equal: EqualTexts | undefined;
  readonly #starts: Trie | undefined;
  readonly #ends: Trie | undefined;
  readonly #inside: GramTable | undefined;
  readonly #insideForeign: UnitTable | undefined;
  #own: TextBytes | undefined;

  constructor(literals: readonly Literal[]) {
    const of = (kind: LiteralKind): readonly Literal[] => literals.filter((one) => one.kind === kind);
    const inside = of("contains");
    const plain = inside.filter(({ text }) => ASCII.test(text));
    const foreign = inside.filter(({ text }) => !ASCII.test(text));
    const [equal, starts, ends] = [of("equals"), of("starts"), of("ends")];
    this.#equal = equal.length === 0 ? undefined : new EqualTexts(equal);
    this.#starts = starts.length === 0 ? undefined : new Trie(starts, "forward");
    this.#ends = ends.length === 0 ? undefined : new Trie(ends, "backward");
    this.#inside = plain.length === 0 ? undefined : new GramTable(plain);
    this.#insideForeign = foreign.length === 0 ? undefined : new UnitTable(foreign);
  }

  /** Literals are sought that may stand anywhere, so that the text's bytes are looked at. */
  get readsBytes(): boolean {
    return this.#inside !== undefined || this.#insideForeign !== undefined;
  }

  /** Tells the sink of every literal in the text until it has had enough. True when it has. */
  search(text: string, sink: LiteralSink): boolean {
    if (this.searchEdges(text, sink)) return true;
    if (!this.readsBytes) return false;
    const bytes = (this.#own ??= new TextBytes());
    bytes.clear();
    const isPlain = bytes.append(text);
    return this.searchInside(bytes, bytes, sink) || (!isPlain && this.searchForeign(text, sink));
  }

  /** The part of a search that does not look at bytes: whole values, beginnings and ends. */
  searchEdges(text: string, sink: LiteralSink): boolean {
    return (
      this.#equal?.search(text, sink) === true ||
      this.#ends?.search(text, sink) === true ||
      this.#starts?.search(text, sink) === true
    );
  }

  /** Literals of the kind `contains` that are ASCII, in one text or several; they may not touch the noughts between. */
  searchInside(bytes: TextBytes, range: TextRange, sink: LiteralSink): boolean {
    return this.#inside?.search(bytes, range, sink) === true;
  }

  /** Those that are not. */
  searchForeign(text: string, sink: LiteralSink): boolean {
    return this.#insideForeign?.search(text, sink) === true;
  }
}

class EqualTexts {
  readonly #payloads = new Map<string, number[]>();
  /** By length, so that a text is folded only when it can be one of them. */
  readonly #lengths = new Set<number>();

  constructor(literals: readonly Literal[]) {
    for (const { text, payload } of literals) {
      this.#lengths.add(text.length);
      const known = this.#payloads.get(text);
      if (known === undefined) this.#payloads.set(text, [payload]);
      else known.push(payload);
    }
  }

  search(text: string, sink: LiteralSink): boolean {
    if (!this.#lengths.has(text.length)) return false;
    const payloads = this.#payloads.get(foldCase(text));
    if (payloads === undefined) return false;
    for (const payload of payloads) if (sink.found(payload)) return true;
    return false;
  }
}
