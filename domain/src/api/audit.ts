import Type from "typebox";
import { InstantSchema, page } from "./basics.ts";

/** What people want to know of each other: who asked, opened, took away, changed, came in; and what was done to the stores. */
export const AUDIT_KINDS = ["searched", "read", "exported", "changed", "access", "kept"] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

export const AuditEntrySchema = Type.Object({
  id: Type.String(),
  at: InstantSchema,
  actor: Type.String(),
  kind: Type.Enum([...AUDIT_KINDS]),
  action: Type.String(),
  /** What it was done to, for people. */
  subject: Type.String(),
  /** What differs; empty where nothing was changed. */
  changes: Type.Array(Type.Object({ field: Type.String(), before: Type.Unknown(), after: Type.Unknown() })),
  /** As it was written down. */
  detail: Type.Record(Type.String(), Type.Unknown()),
});
export type AuditEntryView = Type.Static<typeof AuditEntrySchema>;

/** A page may hold fewer than asked for, or none, and still name a next one: so much is read for one answer, and no more. */
export const AuditPageSchema = page(AuditEntrySchema);
export type AuditPage = Type.Static<typeof AuditPageSchema>;

const FILTERS = {
  actor: Type.Optional(Type.String({ maxLength: 200, description: "Exactly this name" })),
  kind: Type.Optional(Type.Enum([...AUDIT_KINDS])),
  from: Type.Optional(Type.String({ maxLength: 40 })),
  to: Type.Optional(Type.String({ maxLength: 40 })),
  text: Type.Optional(Type.String({ maxLength: 200, description: "Somewhere in the entry" })),
};
export const AuditFilterSchema = Type.Object(FILTERS, { additionalProperties: false });
export const AuditQuerySchema = Type.Object(
  {
    ...FILTERS,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
    cursor: Type.Optional(Type.String({ maxLength: 100 })),
  },
  { additionalProperties: false },
);
export type AuditFilter = Type.Static<typeof AuditFilterSchema>;
