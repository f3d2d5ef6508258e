import { MAX_FILES } from "./find-files.ts";
import type { FileNode, Followed, TailState } from "./tail-state.ts";
import { isSameNode, tailCursor } from "./tail-state.ts";

/** The files that a connection follows or has followed, one a node, and whether the store knows of them as they are. */
export class FollowedList {
  readonly #commit: (cursor: unknown) => Promise<void>;
  #files: readonly Followed[];
  #hasLooked: boolean;
  #isChanged = false;

  constructor(state: TailState, commit: (cursor: unknown) => Promise<void>) {
    this.#files = state.files;
    this.#hasLooked = state.hasLooked;
    this.#commit = commit;
  }

  get all(): readonly Followed[] {
    return this.#files;
  }

  get hasLooked(): boolean {
    return this.#hasLooked;
  }

  looked(): void {
    if (this.#hasLooked) return;
    this.#hasLooked = true;
    this.#isChanged = true;
  }

  of(node: FileNode): Followed | undefined {
    return this.#files.find((file) => isSameNode(file, node));
  }

  /** In place of what stood for its node. */
  put(file: Followed): Followed {
    const isKnown = this.of(file) !== undefined;
    this.#files = isKnown
      ? this.#files.map((one) => (isSameNode(one, file) ? file : one))
      : [...this.#files, file];
    this.#isChanged = true;
    return file;
  }

  /** Its node has another text now. Remembered, so that copies of the old text are known. */
  bury(file: Followed, nowMs: number): void {
    const youngest = this.#files.reduce(
      (least, { device, inode }) => (device < 0 ? Math.min(least, inode) : least),
      0,
    );
    this.put({ ...file, device: -1, inode: youngest - 1, doneAt: nowMs });
  }

  /** Files that are over for longer than this, and the oldest of those that are over when there are very many. */
  forget(beforeMs: number): void {
    const kept = this.#files.filter(({ doneAt }) => doneAt === undefined || doneAt > beforeMs);
    const over = kept.filter(({ doneAt }) => doneAt !== undefined);
    const surplus = new Set(over.slice(0, Math.max(0, over.length - MAX_FILES)));
    if (kept.length === this.#files.length && surplus.size === 0) return;
    this.#files = kept.filter((file) => !surplus.has(file));
    this.#isChanged = true;
  }

  /** Makes durable what has changed. */
  async save(): Promise<void> {
    if (!this.#isChanged) return;
    this.#isChanged = false;
    await this.#commit(tailCursor({ hasLooked: this.#hasLooked, files: this.#files }));
  }
}
