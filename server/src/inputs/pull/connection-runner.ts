import { TytoError } from "@tyto/domain";
import type { ConnectionState, Micros, RecordSink } from "@tyto/domain";
import { MICROS_PER_MILLISECOND, micros } from "@tyto/domain";
import { isRetryable } from "../delivery.ts";
import type { SourceResolver } from "../ports.ts";
import { alike } from "../records/alike.ts";
import type {
  ConnectionStore,
  PulledBatch,
  PullWorld,
  Secrets,
  StoredConnection,
  StoredProgress,
} from "./ports.ts";
import { Progress } from "./progress.ts";
import { PullFailure } from "./pull-failure.ts";
import type { OpenContext, SealedKind } from "./sealed-kind.ts";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5 * 60_000;
const JOURNAL_WAIT_MS = { first: 25, longest: 2_000 };

export interface RunnerParts {
  readonly sink: RecordSink;
  readonly sources: SourceResolver;
  readonly store: ConnectionStore;
  readonly secrets: Secrets;
  readonly world: PullWorld;
}

export interface RunnerStatus {
  readonly state: ConnectionState;
  readonly reason: string | null;
  readonly hint: string | null;
  readonly since: Micros;
  readonly nextTryAt: Micros | null;
}

/** Runs one enabled connection from start to stop: again after every failure, with growing waits. */
export class ConnectionRunner {
  readonly #connection: StoredConnection;
  readonly #kind: SealedKind;
  readonly #parts: RunnerParts;
  readonly #stopping = new AbortController();
  #status: RunnerStatus;
  #progress: Progress | undefined;
  #failures = 0;
  #done: Promise<void> = Promise.resolve();

  constructor(connection: StoredConnection, kind: SealedKind, parts: RunnerParts) {
    this.#connection = connection;
    this.#kind = kind;
    this.#parts = parts;
    const since = parts.world.now();
    this.#status = { state: "waiting", reason: "it is starting", hint: null, since, nextTryAt: null };
  }

  get status(): RunnerStatus {
    return this.#status;
  }

  /** Undefined until it has been read. */
  get progress(): StoredProgress | undefined {
    return this.#progress?.current;
  }

  start(): void {
    this.#done = this.#run();
  }

  /** Resolves when nothing of it runs any more; what was delivered and not committed is pulled again at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#pull();
        this.#failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        await this.#failed(error);
      }
    }
  }

  async #pull(): Promise<void> {
    const { store, secrets, world } = this.#parts;
    const { id, name, secret, settings } = this.#connection;
    const progress = new Progress(store, id, await store.progress(id));
    this.#progress = progress;
    const given = {
      settings: JSON.parse(settings) as unknown,
      secret: secret === null ? {} : (JSON.parse(secrets.open(secret, id)) as unknown),
    };
    this.#kind.check(given, world);
    const context: OpenContext = {
      id,
      name,
      world,
      signal: this.#stopping.signal,
      cursor: progress.cursor,
      deliver: (batch) => this.#deliver(batch, progress),
      commit: async (cursor) => {
        await progress.commit(cursor);
        this.#failures = 0;
      },
      skipped: (what, reason) => {
        progress.skipped(what, reason, world.now());
        world.log.warn("a connection passed over what it could not read", { connection: id, reason });
      },
      running: (remark) => this.#say("running", remark ?? null),
      waiting: (reason, untilMs) =>
        this.#say("waiting", reason, {
          nextTryAt: untilMs === undefined ? null : micros(untilMs * MICROS_PER_MILLISECOND),
        }),
    };
    this.#say("running", null);
    await this.#kind.run(context, given);
  }

  async #failed(error: unknown): Promise<void> {
    const { world } = this.#parts;
    this.#failures += 1;
    const backoffMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(this.#failures - 1, 20), LONGEST_WAIT_MS);
    const asked = error instanceof PullFailure ? error.retryAfterMs : undefined;
    // Half of it at the least, so that many connections to one peer do not come back together.
    const waitMs = asked ?? backoffMs * (0.5 + world.random() / 2);
    const { reason, hint } = wordsOf(error);
    const nextTryAt = micros(world.now() + waitMs * MICROS_PER_MILLISECOND);
    const isThrottled = error instanceof PullFailure && error.kind === "throttled";
    if (this.#status.reason !== reason) {
      world.log.warn("a connection cannot pull", {
        connection: this.#connection.id,
        kind: this.#kind.kind,
        reason,
      });
    }
    this.#say(isThrottled ? "waiting" : "failing", reason, { hint, nextTryAt });
    await world.sleep(waitMs, this.#stopping.signal);
  }

  /** Records with a fault, or under another header, travel apart: both belong to a whole batch. */
  async #deliver(batch: PulledBatch, progress: Progress): Promise<void> {
    const { world, sources } = this.#parts;
    const { id, name, pack } = this.#connection;
    const part =
      batch.part === undefined
        ? {}
        : { discriminator: `${id} ${batch.part}`, name: `${name}: ${batch.part}` };
    const key = { input: this.#kind.input, discriminator: id, name, ...part };
    const source = await sources.resolve(key);
    const reader = batch.pack ?? pack ?? undefined;
    for (const { fault, header, records } of alike(batch.records)) {
      await this.#append({
        source,
        receivedAt: world.now(),
        identity: { kind: "object", origin: batch.origin, ordinals: records.map(({ ordinal }) => ordinal) },
        records: records.map(({ bytes }) => bytes),
        ...(reader === undefined ? {} : { pack: reader }),
        ...(fault === undefined ? {} : { fault }),
        ...(header === undefined ? {} : { header }),
      });
      progress.delivered(records, world.now());
    }
  }

  /** While the journal takes nothing, nothing is pulled: the peer keeps what it has. */
  async #append(batch: Parameters<RecordSink["append"]>[0]): Promise<void> {
    const { signal } = this.#stopping;
    const before = this.#status;
    for (let waitMs = JOURNAL_WAIT_MS.first; ; waitMs = Math.min(waitMs * 2, JOURNAL_WAIT_MS.longest)) {
      signal.throwIfAborted();
      try {
        await this.#parts.sink.append(batch);
        if (this.#status !== before) this.#say(before.state, before.reason);
        return;
      } catch (error) {
        if (!isRetryable(error)) throw error;
        const why = error instanceof TytoError ? error.code : "";
        if (this.#status === before) this.#say("waiting", `the journal takes no records now (${why})`);
      }
      await this.#parts.world.sleep(waitMs, signal);
    }
  }

  #say(
    state: ConnectionState,
    reason: string | null,
    more: { readonly hint?: string | null; readonly nextTryAt?: Micros | null } = {},
  ): void {
    const { hint = null, nextTryAt = null } = more;
    const before = this.#status;
    const isSame = before.state === state && before.reason === reason;
    this.#status = { state, reason, hint, since: isSame ? before.since : this.#parts.world.now(), nextTryAt };
  }
}

/** For a person: nothing of a peer's reply, no secret. */
export function wordsOf(error: unknown): { readonly reason: string; readonly hint: string | null } {
  if (error instanceof PullFailure || error instanceof TytoError) {
    return { reason: error.message, hint: error.hint ?? null };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { reason: message.slice(0, 300), hint: null };
}
