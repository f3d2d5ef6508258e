/** Answers to tests that several rules have in common, of one event. */
export class SharedResults {
  /** Two numbers of each round: even = false, odd = true. */
  readonly #answers: number[] = [];
  #round = 0;

  /** Forgets the answers of the last event. */
  next(): void {
    this.#round += 2;
  }

  /** `undefined` when nobody has asked yet. */
  answer(test: number): boolean | undefined {
    const answer = this.#answers[test] ?? 0;
    return answer < this.#round ? undefined : answer > this.#round;
  }

  remember(test: number, isTrue: boolean): void {
    for (let unknown = this.#answers.length; unknown <= test; unknown++) this.#answers.push(0);
    this.#answers[test] = isTrue ? this.#round + 1 : this.#round;
  }
}
