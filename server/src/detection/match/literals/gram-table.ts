import { CASE_BITS, GramEntries, gramsOf } from "./gram-entries.ts";
import { MIX } from "./literal.ts";
import type { Literal, LiteralSink } from "./literal.ts";
import type { TextBytes, TextRange } from "./text-bytes.ts";

/** How literals of a length are sought: grams of so many characters, at every so-manieth place of a text. */
interface Pass {
  readonly shortest: number;
  readonly gram: 1 | 2 | 4;
  readonly stride: 1 | 2 | 4;
}

/** A literal of 7 holds four characters that begin at a multiple of four wherever it stands; one of 5, at a multiple of two. */
const PASSES: readonly Pass[] = [
  { shortest: 7, gram: 4, stride: 4 },
  { shortest: 5, gram: 4, stride: 2 },
  { shortest: 4, gram: 4, stride: 1 },
  { shortest: 2, gram: 2, stride: 1 },
  { shortest: 1, gram: 1, stride: 1 },
];

/**
 * Finds literals of ASCII by a few neighbouring characters of each, the rarest among all of them (after Wu and Manber 1994, "A fast
 * algorithm for multi-pattern searching"). Where a text shows somebody's characters, that literal is compared. The longer the
 * literals, the fewer places need a look.
 */
export class GramTable {
  readonly #words: GramEntries | undefined;
  readonly #halves: GramEntries | undefined;
  readonly #bytes: readonly { readonly gram: 1 | 2 | 4; readonly entries: GramEntries }[];

  constructor(literals: readonly Literal[]) {
    const made = PASSES.flatMap((pass) => {
      const own = literals.filter(({ text }) => passFor(text) === pass);
      return own.length === 0 ? [] : [{ ...pass, entries: entriesOf(own, pass) }];
    });
    this.#words = made.find(({ stride }) => stride === 4)?.entries;
    this.#halves = made.find(({ stride }) => stride === 2)?.entries;
    this.#bytes = made.filter(({ stride }) => stride === 1);
  }

  /** @param range begins at a multiple of four */
  search(text: TextBytes, range: TextRange, sink: LiteralSink): boolean {
    if (this.#words !== undefined && searchWords(this.#words, text, range, sink)) return true;
    if (this.#halves !== undefined && searchHalves(this.#halves, text, range, sink)) return true;
    for (const { gram, entries } of this.#bytes)
      if (searchBytes(entries, gram, text, range, sink)) return true;
    return false;
  }
}

function passFor(text: string): Pass | undefined {
  return PASSES.find(({ shortest }) => text.length >= shortest);
}

function entriesOf(literals: readonly Literal[], { gram: size, stride }: Pass): GramEntries {
  const entries = new GramEntries(literals.length * stride);
  const uses = new GramUses();
  const grams = literals.map(({ text }) => gramsOf(text, size));
  for (const own of grams) for (const gram of own) uses.count(gram);
  for (const [index, literal] of literals.entries()) {
    const own = grams[index] ?? [];
    const start = rarestWindow(own, stride, uses);
    for (let offset = start; offset < start + stride; offset++)
      entries.add(literal, own[offset] ?? 0, offset);
  }
  return entries;
}

/** How many literals hold a gram, by hash: where two share one, both look more common than they are. */
class GramUses {
  readonly #counts = new Uint16Array(1 << 14);

  count(gram: number): void {
    const hash = Math.imul(gram, MIX) >>> 18;
    this.#counts[hash] = Math.min((this.#counts[hash] ?? 0) + 1, 0xffff);
  }

  of(gram: number): number {
    return this.#counts[Math.imul(gram, MIX) >>> 18] ?? 0;
  }
}

/** Where the neighbouring grams begin, one of which stands at a place that is looked at, that fewest literals share. */
function rarestWindow(grams: readonly number[], width: number, uses: GramUses): number {
  let best = 0;
  let fewest = Infinity;
  for (let start = 0; start + width <= grams.length; start++) {
    let sum = 0;
    for (let i = start; i < start + width; i++) sum += uses.of(grams[i] ?? 0);
    if (sum < fewest) [best, fewest] = [start, sum];
  }
  return best;
}

function searchWords(entries: GramEntries, text: TextBytes, range: TextRange, sink: LiteralSink): boolean {
  const { heads, shift } = entries;
  const { words } = text;
  const end = range.end >>> 2;
  for (let i = range.start >>> 2; i < end; i++) {
    const gram = (words[i] ?? 0) | CASE_BITS;
    const entry = heads[Math.imul(gram, MIX) >>> shift] ?? 0;
    if (entry !== 0 && entries.compare(entry, gram, { text, range, at: i << 2 }, sink)) return true;
  }
  return false;
}

function searchHalves(entries: GramEntries, text: TextBytes, range: TextRange, sink: LiteralSink): boolean {
  const { heads, shift } = entries;
  const { halves } = text;
  const start = range.start >>> 1;
  const end = range.end >>> 1;
  let last = halves[start] ?? 0;
  for (let i = start + 1; i < end; i++) {
    const half = halves[i] ?? 0;
    const gram = last | (half << 16) | CASE_BITS;
    last = half;
    const entry = heads[Math.imul(gram, MIX) >>> shift] ?? 0;
    if (entry !== 0 && entries.compare(entry, gram, { text, range, at: (i - 1) << 1 }, sink)) return true;
  }
  return false;
}

function searchBytes(
  entries: GramEntries,
  size: 1 | 2 | 4,
  text: TextBytes,
  range: TextRange,
  sink: LiteralSink,
): boolean {
  const { heads, shift } = entries;
  const { bytes } = text;
  const { start, end } = range;
  const up = (size - 1) * 8;
  let gram = 0;
  for (let i = start; i < end; i++) {
    gram = (gram >>> 8) | (((bytes[i] ?? 0) | 0x20) << up);
    const entry = heads[Math.imul(gram, MIX) >>> shift] ?? 0;
    if (entry !== 0 && entries.compare(entry, gram, { text, range, at: i - size + 1 }, sink)) return true;
  }
  return false;
}
