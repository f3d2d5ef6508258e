/** Splunk's form of a channel. */
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const MAX_CHANNELS = 10_000;

export function isChannel(channel: string): boolean {
  return GUID.test(channel);
}

/**
 * Numbers the batches of each channel. A batch is durable before its number is told, so a number that was told is acknowledged: nothing
 * but the next one is kept. Of more channels than the limit, the one that was silent longest is forgotten.
 */
export class AckChannels {
  readonly #first: number;
  readonly #next = new Map<string, number>();

  /**
   * @param first of every channel: numbers of an earlier run lie below and are not known any more, as in Splunk after a restart; their
   * sender sends again
   */
  constructor(first: number) {
    this.#first = first;
  }

  /** @param token its id: channels of two tokens are two, whatever they are called. */
  acknowledge(token: string, channel: string): number {
    const key = keyOf(token, channel);
    const id = this.#next.get(key) ?? this.#first;
    this.#next.delete(key);
    this.#next.set(key, id + 1);
    if (this.#next.size > MAX_CHANNELS) {
      for (const oldest of this.#next.keys()) {
        this.#next.delete(oldest);
        break;
      }
    }
    return id;
  }

  isAcknowledged(token: string, channel: string, id: number): boolean {
    return id >= this.#first && id < (this.#next.get(keyOf(token, channel)) ?? this.#first);
  }
}

function keyOf(token: string, channel: string): string {
  return `${token} ${channel.toLowerCase()}`;
}
