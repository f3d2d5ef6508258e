import { foldCase } from "../fold.ts";
import { GramTable } from "./gram-table.ts";
import type { Literal, LiteralKind, LiteralSink } from "./literal.ts";
import { TextBytes } from "./text-bytes.ts";
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
  readonly #bytes = new TextBytes();

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

  /** Tells the sink of every literal in the text until it has had enough. True when it has. */
  search(text: string, sink: LiteralSink): boolean {
    return (
      this.#equal?.search(text, sink) === true ||
      this.#ends?.search(text, sink) === true ||
      this.#starts?.search(text, sink) === true ||
      this.#searchInside(text, sink)
    );
  }

  /** Begins a search through many texts at once, for literals of the kind `contains`; they may touch what lies beside them. */
  begin(): void {
    this.#bytes.clear();
  }

  gather(text: string, sink: LiteralSink): void {
    if (!this.#bytes.append(text)) this.#insideForeign?.search(text, sink);
  }

  searchGathered(sink: LiteralSink): boolean {
    return this.#inside?.search(this.#bytes, sink) === true;
  }

  #searchInside(text: string, sink: LiteralSink): boolean {
    if (this.#inside === undefined && this.#insideForeign === undefined) return false;
    const bytes = this.#bytes;
    bytes.read(text);
    if (this.#inside?.search(bytes, sink) === true) return true;
    return !bytes.isPlain && this.#insideForeign?.search(text, sink) === true;
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
