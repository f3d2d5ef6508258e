/** How many connections each peer has open. */
export class Admission {
  readonly #maxPerPeer: number;
  readonly #open = new Map<string, number>();

  constructor(maxPerPeer: number) {
    this.#maxPerPeer = maxPerPeer;
  }

  /** @returns how to give the place back; `undefined` when the peer has as many as it may. */
  enter(peer: string): (() => void) | undefined {
    const open = this.#open.get(peer) ?? 0;
    if (open >= this.#maxPerPeer) return undefined;
    this.#open.set(peer, open + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      const left = (this.#open.get(peer) ?? 1) - 1;
      if (left === 0) this.#open.delete(peer);
      else this.#open.set(peer, left);
    };
  }
}
