/** What is due when, earliest first: a binary heap. What changed its mind is asked again when it comes up. */
export class DueQueue<Item> {
  readonly #heap: { readonly at: number; readonly item: Item }[] = [];

  push(at: number, item: Item): void {
    const heap = this.#heap;
    heap.push({ at, item });
    for (let child = heap.length - 1; child > 0;) {
      const parent = (child - 1) >>> 1;
      if (!this.#swapUnordered(parent, child)) break;
      child = parent;
    }
  }

  /** The next item that is due at or before `until`. */
  pop(until: number): Item | undefined {
    const heap = this.#heap;
    const [top] = heap;
    if (top === undefined || top.at > until) return undefined;
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) {
      heap[0] = last;
      for (let parent = 0; ;) {
        const left = parent * 2 + 1;
        const right = left + 1;
        const least = (heap[right]?.at ?? Infinity) < (heap[left]?.at ?? Infinity) ? right : left;
        if (least >= heap.length || !this.#swapUnordered(parent, least)) break;
        parent = least;
      }
    }
    return top.item;
  }

  #swapUnordered(parent: number, child: number): boolean {
    const [above, below] = [this.#heap[parent], this.#heap[child]];
    if (above === undefined || below === undefined || above.at <= below.at) return false;
    this.#heap[parent] = below;
    this.#heap[child] = above;
    return true;
  }
}
