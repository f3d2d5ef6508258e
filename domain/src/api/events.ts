import Type from "typebox";
import { InstantSchema } from "./basics.ts";

/** One stored event, whole. */
export const EventBodySchema = Type.Object({
  id: Type.String(),
  timestamp: InstantSchema,
  ingested: InstantSchema,
  source: Type.Object({ id: Type.String(), name: Type.String(), input: Type.String() }),
  pack: Type.String(),
  /** One readable line: what happened, to whom, from where. */
  summary: Type.String(),
  /** Flat ECS; a value is a string, number, boolean, null, list or (in vendor namespaces) an object. */
  fields: Type.Record(Type.String(), Type.Unknown()),
  raw: Type.String(),
  rawEncoding: Type.Union([Type.Literal("utf8"), Type.Literal("base64")]),
});
export type EventBody = Type.Static<typeof EventBodySchema>;

/** Asked ids that the store no longer (or not yet) has are in `missing`. */
export const EvidenceSchema = Type.Object({
  items: Type.Array(EventBodySchema),
  missing: Type.Array(Type.String()),
  total: Type.Integer(),
});
export type Evidence = Type.Static<typeof EvidenceSchema>;

export const IngestReplySchema = Type.Object({
  accepted: Type.Integer(),
  rejected: Type.Array(Type.Object({ line: Type.Integer(), reason: Type.String() })),
});
export type IngestReply = Type.Static<typeof IngestReplySchema>;

export const SourceSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  input: Type.String(),
  /** Packs that read its records, most used first; `unknown` for lines that none understood. */
  pack: Type.Union([Type.String(), Type.Null()]),
  received: Type.Integer(),
  stored: Type.Integer(),
  filtered: Type.Integer(),
  quarantined: Type.Integer(),
  queued: Type.Integer(),
  /** Of the stored ones: lines that no pack understood. */
  unknown: Type.Integer(),
  isBalanced: Type.Boolean(),
  firstSeenAt: InstantSchema,
  lastEventAt: Type.Union([InstantSchema, Type.Null()]),
  /**
   * Receipt less the events' own time: the median of the last events whose stamp has year and zone. Negative for a clock that runs
   * ahead. Null before the first since the start, and for files, whose events are of any age.
   */
  clockDelayMs: Type.Union([Type.Integer(), Type.Null()]),
  /** Zone of stamps that name none; null where nobody set one. */
  zone: Type.Union([Type.String(), Type.Null()]),
  priority: Type.Union([Type.Literal("high"), Type.Literal("normal"), Type.Literal("low")]),
  /** Whether secrets in its records are masked before the append. */
  isMasked: Type.Boolean(),
  /** Secrets that were masked in its records, by kind. */
  masked: Type.Record(Type.String(), Type.Integer()),
  /** Events per second, oldest first, one number per minute of the last 30. */
  rate: Type.Array(Type.Number()),
});
export type Source = Type.Static<typeof SourceSchema>;

export const SourceZoneSchema = Type.Object({
  /** `Europe/Paris`, `+02:00`; null for UTC. */
  zone: Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Null()]),
});

const FactTextSchema = Type.String({ minLength: 1, maxLength: 256 });

/** What an administrator knows of a source and its records do not say. */
export const SourceFactsSchema = Type.Object({
  facts: Type.Array(
    Type.Object({
      /** The records that it holds for, by the value of one field; all of the source's when absent. */
      where: Type.Optional(Type.Object({ field: FactTextSchema, value: FactTextSchema })),
      /** Texts for ECS fields and labels, written where the record says nothing. */
      fields: Type.Record(FactTextSchema, FactTextSchema),
    }),
    { maxItems: 1000 },
  ),
});

/** The books. `udpDropped` is what the kernel dropped before Tyto saw it: such lines are in no account. */
export const SourceListSchema = Type.Object({
  items: Type.Array(SourceSchema),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
  totals: Type.Object({
    received: Type.Integer(),
    stored: Type.Integer(),
    filtered: Type.Integer(),
    quarantined: Type.Integer(),
    queued: Type.Integer(),
  }),
  udpDropped: Type.Union([Type.Integer(), Type.Null()]),
  listening: Type.Array(
    Type.Object({
      input: Type.String(),
      address: Type.String({ description: "host:port as bound" }),
      isTls: Type.Boolean(),
    }),
  ),
});
export type SourceList = Type.Static<typeof SourceListSchema>;

export const QuarantinedSchema = Type.Object({
  id: Type.String(),
  ingested: InstantSchema,
  source: Type.String(),
  reason: Type.String(),
  detail: Type.String(),
  /** That refused it or failed on it; null when none had it yet. */
  pack: Type.Union([Type.String(), Type.Null()]),
  bytes: Type.Integer(),
  /** The first 2,000 bytes; invalid UTF-8 shown as U+FFFD. */
  excerpt: Type.String(),
  /** Whether the bytes of the excerpt are UTF-8. */
  isText: Type.Boolean(),
  /** The first 512 bytes in hexadecimal. */
  hex: Type.String(),
});
export type Quarantined = Type.Static<typeof QuarantinedSchema>;
export const QuarantineListSchema = Type.Object({
  items: Type.Array(QuarantinedSchema),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
  /** All that were asked for, by why and whence; most first, at most 1,000. */
  counts: Type.Array(
    Type.Object({
      reason: Type.String(),
      source: Type.String(),
      pack: Type.Union([Type.String(), Type.Null()]),
      count: Type.Integer(),
    }),
  ),
});
export type QuarantineList = Type.Static<typeof QuarantineListSchema>;

export const RuleSchema = Type.Object({
  id: Type.String(),
  title: Type.String(),
  level: Type.String(),
  kind: Type.Union([Type.Literal("event"), Type.Literal("correlation"), Type.Literal("filter")]),
  status: Type.Union([
    Type.Literal("runnable"),
    Type.Literal("needs-field"),
    Type.Literal("unsupported"),
    Type.Literal("invalid"),
  ]),
  reason: Type.Union([Type.String(), Type.Null()]),
  path: Type.String(),
  description: Type.String(),
  tags: Type.Array(Type.String()),
  /** What to do about a finding, step by step; fields stand in braces. */
  response: Type.Array(Type.String()),
  yaml: Type.String(),
  /** How its own cases went when it was loaded; 0 of 0 when it has none. */
  cases: Type.Object({ passed: Type.Integer(), failed: Type.Integer() }),
});
export type RuleBody = Type.Static<typeof RuleSchema>;
