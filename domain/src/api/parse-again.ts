import Type from "typebox";
import { InstantSchema, page } from "./basics.ts";
import { QUARANTINE_REASONS } from "../event.ts";

const id = Type.String({ pattern: "^[0-9a-f]{16}$" });
const source = Type.String({ minLength: 1, maxLength: 300, description: "A source's id or name" });
const pack = Type.String({ minLength: 1, maxLength: 200 });

export const QuarantineReasonSchema = Type.Union(QUARANTINE_REASONS.map((reason) => Type.Literal(reason)));

const jobParts = {
  id,
  state: Type.Union([
    Type.Literal("running"),
    Type.Literal("done"),
    Type.Literal("cancelled"),
    Type.Literal("failed"),
  ]),
  createdAt: InstantSchema,
  createdBy: Type.String(),
  /** How many there were to look at when it began. */
  total: Type.Integer(),
  /** Why it waits or has failed; null while all is well. */
  problem: Type.Union([Type.String(), Type.Null()]),
};

/** Stored events to parse again with today's packs. Without a range: the last 7 days. */
export const ReparseBodySchema = Type.Object(
  {
    from: Type.Optional(Type.String({ maxLength: 40 })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
    source: Type.Optional(source),
    /** The pack, with or without dataset, that reads them now; `unknown` for what none did. */
    pack: Type.Optional(pack),
    /** Only say what would change. */
    dryRun: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type ReparseBody = Type.Static<typeof ReparseBodySchema>;

export const ReparseJobSchema = Type.Object({
  ...jobParts,
  from: InstantSchema,
  to: InstantSchema,
  pack: Type.Union([Type.String(), Type.Null()]),
  sources: Type.Union([Type.Array(Type.String()), Type.Null()]),
  dryRun: Type.Boolean(),
  report: Type.Object({
    lookedAt: Type.Integer(),
    changed: Type.Integer(),
    /** Of the changed ones: no pack knew them before. */
    recognised: Type.Integer(),
    unchanged: Type.Integer(),
    /** Today's packs would say less of them, so they stay as they are. */
    kept: Type.Integer(),
    /** By the pack that reads them now, most changed first. */
    packs: Type.Array(
      Type.Object({
        pack: Type.String(),
        lookedAt: Type.Integer(),
        changed: Type.Integer(),
        recognised: Type.Integer(),
      }),
    ),
    /** Fields that changed in most events, at most 50. */
    fields: Type.Array(Type.Object({ field: Type.String(), events: Type.Integer() })),
  }),
});
export type ReparseJob = Type.Static<typeof ReparseJobSchema>;
export const ReparseListSchema = page(ReparseJobSchema);

/** Which quarantined records to try again: those that meet every part. */
export const ReplayBodySchema = Type.Object(
  {
    reason: Type.Optional(QuarantineReasonSchema),
    source: Type.Optional(source),
    /** The pack that refused them. */
    pack: Type.Optional(pack),
    ids: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 500 })),
  },
  { additionalProperties: false },
);
export type ReplayBody = Type.Static<typeof ReplayBodySchema>;

export const ReplayJobSchema = Type.Object({
  ...jobParts,
  report: Type.Object({
    lookedAt: Type.Integer(),
    /** Events now. */
    stored: Type.Integer(),
    /** A pack drops them now, on purpose. */
    filtered: Type.Integer(),
    /** Still no events. */
    quarantined: Type.Integer(),
  }),
});
export type ReplayJob = Type.Static<typeof ReplayJobSchema>;

/** Forms of an event that a reparse replaced, newest first. Its bytes are with the event. */
export const EarlierFormsSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      timestamp: InstantSchema,
      replacedAt: InstantSchema,
      pack: Type.String(),
      fields: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
});
export type EarlierForms = Type.Static<typeof EarlierFormsSchema>;
