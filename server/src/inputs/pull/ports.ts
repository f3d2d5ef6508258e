import type {
  ConnectionKind,
  ConnectionSecret,
  ConnectionSettings,
  ConnectionTest,
  InputFault,
  InputKind,
  Micros,
  OriginId,
} from "@tyto/domain";
import type { InputLog } from "../ports.ts";

/** What pulling inputs take from outside themselves. */
export interface PullWorld {
  readonly now: () => Micros;
  /** Resolves early, and does not reject, when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
  readonly log: InputLog;
  /** Whether the server was started with `--allow-commands`. */
  readonly allowsCommands: boolean;
  /** Ours: no file in it is a log to read. */
  readonly dataDirectory: string;
  /** `PATH` of the server, for programs. */
  readonly path: string;
}

export interface PulledRecord {
  readonly bytes: Uint8Array;
  readonly ordinal: number;
  readonly fault?: InputFault;
  readonly header?: string;
}

/** Records of one object outside, with their places in it. */
export interface PulledBatch {
  readonly origin: OriginId;
  readonly records: readonly PulledRecord[];
  /** Overrides the connection's. */
  readonly pack?: string | undefined;
  /** What tells this part of the connection from others: a file, a topic. Part of the source's name. */
  readonly part?: string;
}

/** What a kind of connection works with while it runs. */
export interface PullContext<K extends ConnectionKind> {
  readonly id: string;
  readonly name: string;
  readonly settings: ConnectionSettings<K>;
  readonly secret: ConnectionSecret<K>;
  readonly world: PullWorld;
  readonly signal: AbortSignal;
  /** As it was committed last; undefined at the first start. Written by an earlier version, perhaps. */
  readonly cursor: unknown;
  /** Resolves when the records are durable, however long the journal takes; rejects when the signal aborts or they cannot be. */
  deliver(batch: PulledBatch): Promise<void>;
  /** Keeps how far it has come, with the counts. Only after `deliver` resolved. */
  commit(cursor: unknown): Promise<void>;
  /** Something could not be read and is passed over; kept with the next commit. */
  skipped(what: string, reason: string): void;
  /** Pulls without trouble; a remark may stand beside it. */
  running(remark?: string): void;
  /** Has nothing to do, or may do nothing, until then. */
  waiting(reason: string, untilMs?: number): void;
}

export interface TestContext<K extends ConnectionKind> {
  readonly settings: ConnectionSettings<K>;
  readonly secret: ConnectionSecret<K>;
  readonly world: PullWorld;
  readonly signal: AbortSignal;
}

export type Check = ConnectionTest["checks"][number];

/** Instants in milliseconds. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** One kind of connection: everything that is its own. */
export interface PullKind<K extends ConnectionKind> {
  readonly kind: K;
  readonly input: InputKind;
  /** What a person reads. */
  readonly title: string;
  /** Permissions of the credentials. */
  readonly needs: readonly string[];
  /** Why settings that fit the schema cannot work all the same; undefined when they can. */
  readonly refuses?: (settings: ConnectionSettings<K>, world: PullWorld) => string | undefined;
  /** Why this server does not offer it. */
  readonly unavailable?: (world: PullWorld) => string | undefined;
  /** Pulls until the signal aborts. @throws PullFailure */
  run(context: PullContext<K>): Promise<void>;
  /** Asks the peer. Whatever it throws is a failed check. */
  test(context: TestContext<K>): Promise<readonly Check[]>;
  /** The cursor with a range added to be fetched as well; absent where the past cannot be asked for. */
  readonly backfill?: (cursor: unknown, range: TimeRange, settings: ConnectionSettings<K>) => unknown;
}

/** A connection as people set it up, `secret` sealed. */
export interface StoredConnection {
  readonly id: string;
  readonly kind: ConnectionKind;
  readonly name: string;
  readonly pack: string | null;
  readonly settings: string;
  readonly secret: string | null;
  readonly secretNames: readonly string[];
  readonly enabled: boolean;
  readonly createdAt: Micros;
  readonly createdBy: string;
  readonly updatedAt: Micros;
}

export interface StoredProgress {
  readonly cursor: string | null;
  readonly records: number;
  readonly bytes: number;
  readonly skipped: number;
  readonly problems: readonly { readonly at: Micros; readonly what: string; readonly reason: string }[];
  readonly lastRecordAt: Micros | null;
}

/** The part of the relational store that connections live in. */
export interface ConnectionStore {
  all(): Promise<readonly StoredConnection[]>;
  save(connection: StoredConnection): Promise<void>;
  delete(id: string): Promise<boolean>;
  progress(id: string): Promise<StoredProgress>;
  saveProgress(id: string, progress: StoredProgress): Promise<void>;
}

/** Seals what must be used again; `place` binds an envelope to its connection. */
export interface Secrets {
  seal(text: string, place: string): string;
  /** @throws TytoError `config-invalid` when the key is another one. */
  open(envelope: string, place: string): string;
}
