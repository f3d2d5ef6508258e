/** A top-level object may not be larger; what is longer is given up and counted as unreadable. */
const MAX_OBJECT_CHARACTERS = 16_777_216;
const SHOWN_CHARACTERS = 1_000;

/**
 * Cuts a stream of text into its top-level JSON objects, however they are laid out: one per line, pretty-printed, concatenated or
 * in one array. Text between objects is skipped. A broken object ends where a line begins a new one, so that it costs only itself;
 * it is handed on like the others and fails to parse.
 */
export class JsonSplitter {
  #pending = "";
  #at = 0;
  /** Where the current object starts in the pending text; -1 between objects. */
  #start = -1;
  #depth = 0;
  #isInString = false;

  /** Takes more text; returns the objects that are complete. */
  push(chunk: string): readonly string[] {
    this.#pending += chunk;
    const objects: string[] = [];
    for (; this.#at < this.#pending.length; this.#at++)
      this.#step(this.#pending.charCodeAt(this.#at), objects);
    if (this.#start >= 0 && this.#pending.length - this.#start > MAX_OBJECT_CHARACTERS) {
      objects.push(...this.end());
    }
    const done = this.#start < 0 ? Math.min(this.#at, this.#pending.length) : this.#start;
    this.#pending = this.#pending.slice(done);
    this.#at -= done;
    if (this.#start >= 0) this.#start = 0;
    return objects;
  }

  /** What is left when the stream ends: at most one unfinished object. */
  end(): readonly string[] {
    if (this.#start < 0) return [];
    const text = this.#pending.slice(this.#start, this.#start + SHOWN_CHARACTERS);
    this.#reset();
    return [text];
  }

  #step(code: number, objects: string[]): void {
    if (this.#isInString) {
      if (code === 0x5c) this.#at++;
      else if (code === 0x22) this.#isInString = false;
      // A raw line break cannot stand in a string.
      else if (code === 0x0a) objects.push(...this.end());
    } else if (code === 0x7b) {
      const isAtLineStart = this.#at === 0 || this.#pending.charCodeAt(this.#at - 1) === 0x0a;
      if (this.#depth > 0 && isAtLineStart && this.#at > this.#start) objects.push(...this.end());
      if (this.#depth === 0) this.#start = this.#at;
      this.#depth++;
    } else if (code === 0x7d && this.#depth > 0) {
      this.#depth--;
      if (this.#depth > 0) return;
      objects.push(this.#pending.slice(this.#start, this.#at + 1));
      this.#reset();
    } else if (code === 0x22 && this.#depth > 0) {
      this.#isInString = true;
    }
  }

  #reset(): void {
    this.#start = -1;
    this.#depth = 0;
    this.#isInString = false;
  }
}
