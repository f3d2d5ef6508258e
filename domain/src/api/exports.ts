import Type from "typebox";
import { InstantSchema, page } from "./basics.ts";

export const EXPORT_FORMATS = ["csv", "ndjson", "parquet"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
const FormatSchema = Type.Union([Type.Literal("csv"), Type.Literal("ndjson"), Type.Literal("parquet")]);

/** Exactly one of `kql` and `text`. Without a range: the last 24 hours. All rows, whatever their number. */
export const ExportBodySchema = Type.Object(
  {
    kql: Type.Optional(Type.String({ maxLength: 16_384 })),
    text: Type.Optional(Type.String({ maxLength: 16_384 })),
    from: Type.Optional(Type.String({ maxLength: 40 })),
    to: Type.Optional(Type.String({ maxLength: 40 })),
    format: FormatSchema,
    /** These fields and no others, in this order, where the query chooses no columns; unknown ones are left out. */
    columns: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 200 })),
  },
  { additionalProperties: false },
);
export type ExportBody = Type.Static<typeof ExportBodySchema>;

export const ExportSchema = Type.Object({
  id: Type.String(),
  state: Type.Union([
    Type.Literal("running"),
    Type.Literal("done"),
    Type.Literal("cancelled"),
    Type.Literal("failed"),
    Type.Literal("expired"),
  ]),
  format: FormatSchema,
  kql: Type.String(),
  /** That were chosen; `null` for the usual ones, or those of the query. */
  columns: Type.Union([Type.Array(Type.String()), Type.Null()]),
  from: InstantSchema,
  to: InstantSchema,
  createdAt: InstantSchema,
  createdBy: Type.String(),
  /** Written so far; when it is done, all. */
  rows: Type.Integer(),
  bytes: Type.Integer(),
  /** How many there will be; `null` where that is known only at the end. */
  total: Type.Union([Type.Integer(), Type.Null()]),
  /** Of the file, hexadecimal; `null` until it is whole. */
  sha256: Type.Union([Type.String(), Type.Null()]),
  expiresAt: Type.Union([InstantSchema, Type.Null()]),
  problem: Type.Union([Type.String(), Type.Null()]),
});
export type Export = Type.Static<typeof ExportSchema>;

export const ExportListSchema = page(ExportSchema);
export type ExportList = Type.Static<typeof ExportListSchema>;
