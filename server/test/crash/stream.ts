/** What one sender sent in one round, and what of it was acknowledged. Its name is also the name of its source in the books. */
export interface Stream {
  readonly name: string;
  /** Records that left, by block: a block of `n` holds `name.block.0` to `name.block.n-1`. */
  readonly sent: ReadonlyMap<number, number>;
  /** Of each block, how many from its beginning were acknowledged. */
  readonly acknowledged: ReadonlyMap<number, number>;
  /** Unanswered blocks were sent again under a key of theirs: the books count what came twice as filtered. */
  readonly isRepeated: boolean;
}

/** The text by which a record is found again. */
export function mark(stream: string, block: number, line: number): string {
  return `${stream}.${block}.${line}`;
}

export function countOf(blocks: ReadonlyMap<number, number>): number {
  let total = 0;
  for (const count of blocks.values()) total += count;
  return total;
}

/** One line for each record that left: `+` was acknowledged, `?` may be there or not. */
export function* historyOf(stream: Stream): Generator<string> {
  for (const [block, sent] of stream.sent) {
    const acknowledged = stream.acknowledged.get(block) ?? 0;
    for (let line = 0; line < sent; line++)
      yield `${line < acknowledged ? "+" : "?"} ${mark(stream.name, block, line)}`;
  }
}
