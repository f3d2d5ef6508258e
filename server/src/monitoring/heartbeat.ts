/** Fetches a URL of somebody who watches from outside, while all is well: when it stops coming, they call. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #isBeating = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  /** Called every minute. A beat that is still under way is not overtaken. */
  async beat(): Promise<void> {
    const { url, isWell, get, onFailed } = this.#options;
    if (this.#isBeating || !isWell()) return;
    this.#isBeating = true;
    try {
      await get(url);
    } catch (error) {
      onFailed(error);
    } finally {
      this.#isBeating = false;
    }
  }
}

export interface HeartbeatOptions {
  readonly url: string;
  readonly isWell: () => boolean;
  /** Rejects when it was not answered with 2xx. */
  readonly get: (url: string) => Promise<void>;
  readonly onFailed: (error: unknown) => void;
}
