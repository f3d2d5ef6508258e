import Type from "typebox";
import { InstantSchema } from "./basics.ts";

/** Without a range: the last 7 days. `source` is a source's id or name. */
export const UnknownQuerySchema = Type.Object(
  {
    from: Type.Optional(Type.String({ maxLength: 40 })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
    source: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    cursor: Type.Optional(Type.String({ maxLength: 4_000 })),
  },
  { additionalProperties: false },
);

/** Lines that no pack knows and that differ only in times, numbers, addresses and names. */
export const UnknownShapeSchema = Type.Object({
  /** Of the shape's text: the same everywhere and always. */
  id: Type.String(),
  /** The line with all that varies masked by its kind; empty for records without text. */
  shape: Type.String(),
  lines: Type.Integer(),
  /** Most lines first; at most 20 of `sourceCount`. */
  sources: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), lines: Type.Integer() })),
  sourceCount: Type.Integer(),
  firstSeen: InstantSchema,
  lastSeen: InstantSchema,
  /** Up to 3 lines as received, each at most its first 2,000 bytes. */
  samples: Type.Array(Type.Object({ id: Type.String(), raw: Type.String(), bytes: Type.Integer() })),
  /** All of them, as a question in KQL. */
  kql: Type.String(),
});
export type UnknownShape = Type.Static<typeof UnknownShapeSchema>;

export const UnknownListSchema = Type.Object({
  items: Type.Array(UnknownShapeSchema),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
  from: InstantSchema,
  to: InstantSchema,
});
export type UnknownList = Type.Static<typeof UnknownListSchema>;
