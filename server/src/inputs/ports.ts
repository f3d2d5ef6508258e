import type { InputKind, Micros, RecordSink, SourceId } from "@tyto/domain";
import type { InputCounts } from "./counts.ts";

/** What makes a sender this sender; the resolver turns it into a stable id. */
export interface SourceKey {
  readonly input: InputKind;
  /** Token id and name, or peer address and host name, or a file's name: equal for the same sender, always. */
  readonly discriminator: string;
  /** What a person reads. */
  readonly name: string;
}

/**
 * Registers a source durably at first sight. The number of sources is the resolver's to bound: beyond its cap it answers with a
 * collective source instead of a new one. Inputs ask per batch, so it should remember.
 */
export interface SourceResolver {
  resolve(key: SourceKey): SourceId | Promise<SourceId>;
}

/** Never a record's content, never a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean>>;

export interface InputLog {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** What every input is handed. */
export interface InputContext {
  readonly sink: RecordSink;
  readonly sources: SourceResolver;
  readonly now: () => Micros;
  readonly log: InputLog;
}

/** An input that listens. Started once, stopped once. */
export interface Input {
  readonly kind: InputKind;
  /** Resolves when it listens; `address` is `host:port` as bound (port 0 asks for a free one). @throws TytoError `port-in-use`. */
  start(): Promise<{ readonly address: string }>;
  /** Takes nothing more, hands on what it holds (within its drain time) and resolves when all of it is durable or counted lost. */
  stop(): Promise<void>;
  /** Running totals since start. */
  counts(): Readonly<InputCounts>;
  /** Records that the system dropped before the input saw them; null where the system does not say. Only UDP can have any. */
  dropped(): Promise<number | null>;
}
