import { TytoError } from "@tyto/domain";
import type {
  ConnectionBody,
  ConnectionKind,
  ConnectionKindList,
  ConnectionPatch,
  ConnectionTest,
  Micros,
} from "@tyto/domain";
import {
  CONNECTION_SECRETS,
  CONNECTION_SETTINGS,
  MICROS_PER_DAY,
  MICROS_PER_MILLISECOND,
} from "@tyto/domain";
import { ConnectionRunner, wordsOf } from "./connection-runner.ts";
import type { RunnerParts, RunnerStatus } from "./connection-runner.ts";
import type { StoredConnection, StoredProgress } from "./ports.ts";
import type { Given, SealedKind } from "./sealed-kind.ts";

const MAX_CONNECTIONS = 200;
const TEST_TIMEOUT_MS = 30_000;

export interface ConnectionsOptions extends RunnerParts {
  readonly kinds: Readonly<Record<ConnectionKind, SealedKind>>;
  readonly newId: () => string;
  /** Whether a name is a pack's, or a dataset's. */
  readonly knownPack: (name: string) => boolean;
}

/** A connection with how it is doing. */
export interface LiveConnection {
  readonly connection: StoredConnection;
  readonly status: RunnerStatus;
  readonly progress: StoredProgress;
}

/** All inputs that pull: kept in the store, started, stopped and edited while the server runs. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #connections = new Map<string, StoredConnection>();
  readonly #runners = new Map<string, ConnectionRunner>();
  /** One change after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** With those that are enabled running. */
  static async open(options: ConnectionsOptions): Promise<Connections> {
    const connections = new Connections(options);
    for (const connection of await options.store.all()) {
      connections.#connections.set(connection.id, connection);
      connections.#start(connection);
    }
    return connections;
  }

  /** Resolves when nothing pulls any more. */
  stop(): Promise<void> {
    return this.#change(async () => {
      const runners = [...this.#runners.values()];
      this.#runners.clear();
      await Promise.all(runners.map((runner) => runner.stop()));
    });
  }

  list(): Promise<readonly LiveConnection[]> {
    return Promise.all([...this.#connections.values()].map((one) => this.#live(one)));
  }

  /** @throws TytoError `not-found` */
  async get(id: string): Promise<LiveConnection> {
    return this.#live(this.#known(id));
  }

  kinds(): ConnectionKindList {
    return {
      items: Object.values(this.#options.kinds).map((kind) => ({
        kind: kind.kind,
        title: kind.title,
        needs: [...kind.needs],
        canBackfill: kind.canBackfill,
        unavailable: kind.unavailable(this.#options.world) ?? null,
        settings: CONNECTION_SETTINGS[kind.kind],
        secret: CONNECTION_SECRETS[kind.kind],
      })),
    };
  }

  /** @throws TytoError `bad-request`, `conflict` */
  create(body: ConnectionBody, createdBy: string): Promise<LiveConnection> {
    return this.#change(async () => {
      if (this.#connections.size >= MAX_CONNECTIONS) {
        throw new TytoError("conflict", `There are ${MAX_CONNECTIONS} connections already`);
      }
      this.#checkNames(body.name, body.pack ?? null, undefined);
      const id = this.#options.newId();
      const secret = body.secret ?? {};
      this.#kindOf(body.kind).check({ settings: body.settings, secret }, this.#options.world);
      const createdAt = this.#options.world.now();
      const connection: StoredConnection = {
        id,
        kind: body.kind,
        name: body.name,
        pack: body.pack ?? null,
        settings: JSON.stringify(body.settings),
        ...this.#sealed(secret, id),
        enabled: body.enabled ?? true,
        createdAt,
        createdBy,
        updatedAt: createdAt,
      };
      return this.#replace(connection);
    });
  }

  /** Stops it, changes it and starts it again where it left off. @throws TytoError `not-found`, `bad-request`, `conflict` */
  update(id: string, patch: ConnectionPatch): Promise<LiveConnection> {
    return this.#change(async () => {
      const before = this.#known(id);
      const name = patch.name ?? before.name;
      const pack = patch.pack === undefined ? before.pack : patch.pack;
      this.#checkNames(name, pack, id);
      const settings = patch.settings ?? (JSON.parse(before.settings) as object);
      const sealed =
        patch.secret === undefined
          ? { secret: before.secret, secretNames: before.secretNames }
          : this.#sealed(patch.secret, id);
      // A connection can be paused or renamed whatever its settings, and with a key that is lost.
      if (patch.settings !== undefined || patch.secret !== undefined) {
        const secret = patch.secret ?? this.#secretOf(before);
        this.#kindOf(before.kind).check({ settings, secret }, this.#options.world);
      }
      return this.#replace({
        ...before,
        ...sealed,
        name,
        pack,
        settings: JSON.stringify(settings),
        enabled: patch.enabled ?? before.enabled,
        updatedAt: this.#options.world.now(),
      });
    });
  }

  /** With its secrets and its cursor; what it brought stays. @throws TytoError `not-found` */
  remove(id: string): Promise<void> {
    return this.#change(async () => {
      this.#known(id);
      await this.#stop(id);
      await this.#options.store.delete(id);
      this.#connections.delete(id);
    });
  }

  /** Asks the peer with the settings of a connection. @throws TytoError `not-found` */
  async test(id: string): Promise<ConnectionTest> {
    const connection = this.#known(id);
    const kind = this.#kindOf(connection.kind);
    try {
      const given = {
        settings: JSON.parse(connection.settings) as unknown,
        secret: this.#secretOf(connection),
      };
      return await this.#test(kind, given);
    } catch (error) {
      return failedTest("settings", error);
    }
  }

  /** Asks the peer before anything is kept. */
  async testBody({ kind, settings, secret = {} }: ConnectionBody): Promise<ConnectionTest> {
    return this.#test(this.#kindOf(kind), { settings, secret });
  }

  /** Fetches the last days as well, beside what is new. @throws TytoError `not-found`, `bad-request` */
  backfill(id: string, days: number): Promise<{ readonly from: Micros; readonly to: Micros }> {
    return this.#change(async () => {
      const connection = this.#known(id);
      const kind = this.#kindOf(connection.kind);
      if (!kind.canBackfill) {
        throw new TytoError("bad-request", `${kind.title} cannot be asked for the past`);
      }
      const { world, store } = this.#options;
      const to = world.now();
      const from = (to - days * MICROS_PER_DAY) as Micros;
      await this.#stop(id);
      try {
        const before = await store.progress(id);
        const cursor = before.cursor === null ? undefined : (JSON.parse(before.cursor) as unknown);
        const range = { from: from / MICROS_PER_MILLISECOND, to: to / MICROS_PER_MILLISECOND };
        const given = {
          settings: JSON.parse(connection.settings) as unknown,
          secret: this.#secretOf(connection),
        };
        const next = kind.backfill(cursor, range, given);
        await store.saveProgress(id, { ...before, cursor: JSON.stringify(next) });
      } finally {
        this.#start(connection);
      }
      return { from, to };
    });
  }

  async #test(kind: SealedKind, given: Given): Promise<ConnectionTest> {
    const { world } = this.#options;
    const signal = AbortSignal.timeout(TEST_TIMEOUT_MS);
    try {
      kind.check(given, world);
      const checks = await kind.test(given, world, signal);
      return { ok: checks.every((check) => check.ok), checks: [...checks] };
    } catch (error) {
      if (signal.aborted) {
        return failedTest(
          "connection",
          new TytoError("internal", "the peer did not answer within 30 seconds"),
        );
      }
      return failedTest(error instanceof TytoError ? "settings" : "connection", error);
    }
  }

  async #replace(connection: StoredConnection): Promise<LiveConnection> {
    await this.#stop(connection.id);
    try {
      await this.#options.store.save(connection);
      this.#connections.set(connection.id, connection);
    } finally {
      const kept = this.#connections.get(connection.id);
      if (kept !== undefined) this.#start(kept);
    }
    return this.#live(connection);
  }

  #start(connection: StoredConnection): void {
    if (!connection.enabled || this.#runners.has(connection.id)) return;
    const runner = new ConnectionRunner(connection, this.#kindOf(connection.kind), this.#options);
    this.#runners.set(connection.id, runner);
    runner.start();
  }

  async #stop(id: string): Promise<void> {
    const runner = this.#runners.get(id);
    this.#runners.delete(id);
    await runner?.stop();
  }

  async #live(connection: StoredConnection): Promise<LiveConnection> {
    const runner = this.#runners.get(connection.id);
    const progress = runner?.progress ?? (await this.#options.store.progress(connection.id));
    const paused = {
      state: "paused",
      reason: null,
      hint: null,
      since: connection.updatedAt,
      nextTryAt: null,
    } as const;
    return { connection, status: runner?.status ?? paused, progress };
  }

  #known(id: string): StoredConnection {
    const connection = this.#connections.get(id);
    if (connection === undefined) throw new TytoError("not-found", "There is no such connection");
    return connection;
  }

  #kindOf(kind: ConnectionKind): SealedKind {
    return this.#options.kinds[kind];
  }

  #checkNames(name: string, pack: string | null, id: string | undefined): void {
    const twin = [...this.#connections.values()].find((one) => one.name === name && one.id !== id);
    if (twin !== undefined) throw new TytoError("conflict", `There is a connection named "${name}" already`);
    if (pack !== null && !this.#options.knownPack(pack)) {
      throw new TytoError("bad-request", `No pack is called "${pack.slice(0, 64)}"`);
    }
  }

  #sealed(secret: object, id: string): Pick<StoredConnection, "secret" | "secretNames"> {
    const secretNames = Object.keys(secret);
    if (secretNames.length === 0) return { secret: null, secretNames };
    return { secret: this.#options.secrets.seal(JSON.stringify(secret), id), secretNames };
  }

  #secretOf({ id, secret }: StoredConnection): unknown {
    return secret === null ? {} : (JSON.parse(this.#options.secrets.open(secret, id)) as unknown);
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function failedTest(name: string, error: unknown): ConnectionTest {
  const { reason, hint } = wordsOf(error);
  return { ok: false, checks: [{ name, ok: false, message: reason, hint }] };
}
