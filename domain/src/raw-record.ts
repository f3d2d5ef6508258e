import type { Micros } from "./micros.ts";
import type { OriginId, Sequence, SourceId } from "./ids.ts";
import type { SourcePriority } from "./lane.ts";

/** Ways in. A new input adds its name here and its folder in `server/src/inputs`. */
export const INPUT_KINDS = [
  "syslog-udp",
  "syslog-tcp",
  "syslog-tls",
  "relp",
  "gelf-udp",
  "gelf-tcp",
  "lumberjack",
  "fluent",
  "http",
  "hec",
  "elasticsearch",
  "otlp",
  "loki",
  "gelf-http",
  "journald",
  "osquery",
  "webhook",
  "file",
  "file-tail",
  "kafka",
  "nats",
  "s3",
  "poll",
  "command",
  "demo",
  "internal",
] as const;
export type InputKind = (typeof INPUT_KINDS)[number];

/** Why an input already knows that a record cannot become an Event. It is journaled, counted and quarantined all the same. */
export const INPUT_FAULTS = ["oversize", "bad-frame", "truncated-stream"] as const;
export type InputFault = (typeof INPUT_FAULTS)[number];

/** Kinds of secrets that are masked before the append, where that is switched on. */
export const MASK_KINDS = ["private-key", "card-number", "token", "password"] as const;
export type MaskKind = (typeof MASK_KINDS)[number];
export type MaskedCounts = Readonly<Partial<Record<MaskKind, number>>>;

/** One sender: (input, token or peer address, configured name). */
export interface SourceRef {
  readonly id: SourceId;
  readonly input: InputKind;
  /** What a person reads: a host name, a token's name, a file's name. */
  readonly name: string;
  /** Token id, peer address with host name, or configured name: what makes this sender this sender. */
  readonly discriminator: string;
}

/** How the records of a batch get their ids. */
export type BatchIdentity =
  /** From their place in the journal. */
  | { readonly kind: "journal" }
  /** From an object outside (a file, an idempotency key): sending it twice adds nothing. */
  | {
      readonly kind: "object";
      readonly origin: OriginId;
      /** One per record, ascending. */
      readonly ordinals: readonly number[];
    };

/** Records that came together from one source: the unit of acknowledgement. */
export interface RawBatch {
  readonly source: SourceId;
  readonly receivedAt: Micros;
  readonly identity: BatchIdentity;
  /** A pack or dataset that the sender named; recognition decides when absent. */
  readonly pack?: string;
  /** Peer address as the socket saw it. */
  readonly peer?: string;
  /** Set when every record of the batch has this fault. */
  readonly fault?: InputFault;
  /** Lines of the file or body that name the columns of these records. */
  readonly header?: string;
  /** Of the source when the batch came; `normal` when absent. Set at the door of the journal, never by an input. */
  readonly priority?: SourcePriority;
  /** Secrets that were masked in these records, by kind. Set at the door of the journal, never by an input. */
  readonly masked?: MaskedCounts;
  /** Bytes as received, framing removed. Never modified after. */
  readonly records: readonly Uint8Array[];
}

/** Bytes as received, plus where and when. */
export interface RawRecord {
  readonly sequence: Sequence;
  readonly origin: OriginId;
  readonly ordinal: number;
  readonly source: SourceId;
  readonly receivedAt: Micros;
  readonly pack?: string;
  readonly peer?: string;
  readonly fault?: InputFault;
  readonly header?: string;
  /** `normal` when absent. */
  readonly priority?: SourcePriority;
  /** What was masked in all records of its batch: on the first of them, so that it is counted once. */
  readonly masked?: MaskedCounts;
  readonly bytes: Uint8Array;
}

/** What an input hands its batches to. Resolves when they are durable; rejects with `back-pressure` or `disk-full`. */
export interface RecordSink {
  append(batch: RawBatch): Promise<AppendReceipt>;
}

export interface AppendReceipt {
  readonly first: Sequence;
  readonly count: number;
}
