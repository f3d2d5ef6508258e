import type { Alert, LiveMessage } from "@tyto/domain";

/** One open stream. */
export interface Listening {
  /** False when the reader is too slow to take more. */
  readonly send: (text: string) => boolean;
  readonly end: () => void;
  /** Who listens; a token is nobody. */
  readonly user?: string | undefined;
}

interface Viewer {
  readonly actor: string;
  readonly until: number;
}

/** A window says every 20 seconds that it still looks. */
const VIEWING_MICROS = 45_000_000;
const MAX_STREAMS = 500;
const MAX_VIEWED = 2_000;
const SHOWN_VIEWERS = 20;

/** Tells everyone who looks what changed and who else looks. Holds nothing that matters: who misses a message asks the API. */
export class LiveHub {
  readonly #now: () => number;
  readonly #streams = new Set<Listening>();
  readonly #listeners = new Set<(alerts: readonly Alert[]) => void>();
  readonly #viewers = new Map<string, Map<string, Viewer>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns what takes it out again; `undefined` when there are too many. */
  join(stream: Listening): (() => void) | undefined {
    if (this.#streams.size >= MAX_STREAMS) return undefined;
    this.#streams.add(stream);
    stream.send(textOf({ kind: "hello" }));
    return () => void this.#streams.delete(stream);
  }

  /** Hears of every change of alerts, in the midst of it: it must not wait for anything. @returns how it ends */
  subscribe(listener: (alerts: readonly Alert[]) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Something is new for these people: their consoles ask what. */
  notify(users: readonly string[]): void {
    const wanted = new Set(users);
    const meant = [...this.#streams].filter(({ user }) => user !== undefined && wanted.has(user));
    this.#send(meant, textOf({ kind: "notified" }));
  }

  changed(alerts: readonly Alert[]): void {
    for (const listener of this.#listeners) listener(alerts);
    if (this.#streams.size === 0) return;
    for (const alert of alerts) {
      const last = alert.transitions.at(-1);
      if (last === undefined) continue;
      const { id, status, assignee } = alert;
      const { step, actor, change } = last;
      this.#tell({ kind: "alert", id, step, status, assignee, actor, change: change.kind });
    }
  }

  /** Who looks at an alert, after this one came, stayed or went. */
  view(
    id: string,
    seen: { readonly client: string; readonly actor: string; readonly isGone: boolean },
  ): string[] {
    const before = this.#names(id);
    const viewers = this.#viewers.get(id) ?? new Map<string, Viewer>();
    if (seen.isGone) viewers.delete(seen.client);
    else viewers.set(seen.client, { actor: seen.actor, until: this.#now() + VIEWING_MICROS });
    if (viewers.size === 0) this.#viewers.delete(id);
    else if (this.#viewers.has(id) || this.#viewers.size < MAX_VIEWED) this.#viewers.set(id, viewers);
    const after = this.#names(id);
    if (after.join() !== before.join()) this.#tell({ kind: "viewers", id, viewers: after });
    return after;
  }

  close(): void {
    for (const stream of this.#streams) stream.end();
    this.#streams.clear();
  }

  /** One entry a window: somebody with two of them is there twice. */
  #names(id: string): string[] {
    const viewers = this.#viewers.get(id);
    if (viewers === undefined) return [];
    for (const [client, { until }] of viewers) if (until < this.#now()) viewers.delete(client);
    return [...viewers.values()]
      .map(({ actor }) => actor)
      .sort()
      .slice(0, SHOWN_VIEWERS);
  }

  #tell(message: LiveMessage): void {
    this.#send(this.#streams, textOf(message));
  }

  #send(streams: Iterable<Listening>, text: string): void {
    // Whoever reads too slowly is cut off; the browser comes back by itself and asks anew.
    for (const stream of streams) {
      if (stream.send(text)) continue;
      this.#streams.delete(stream);
      stream.end();
    }
  }
}

const textOf = (message: LiveMessage): string => `data: ${JSON.stringify(message)}\n\n`;
