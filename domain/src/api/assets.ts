import Type from "typebox";
import { InstantSchema, SeveritySchema } from "./basics.ts";

export const AssetKindSchema = Type.Union([
  Type.Literal("host"),
  Type.Literal("service"),
  Type.Literal("person"),
]);

export const CriticalitySchema = Type.Union([
  Type.Literal("low"),
  Type.Literal("medium"),
  Type.Literal("high"),
  Type.Literal("critical"),
]);

const NullableCriticality = Type.Union([CriticalitySchema, Type.Null()]);
const NullableInstant = Type.Union([InstantSchema, Type.Null()]);

const said = {
  criticality: Type.Optional(NullableCriticality),
  labels: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32 })),
  owner: Type.Optional(Type.Union([Type.String({ maxLength: 256 }), Type.Null()])),
  aliases: Type.Optional(Type.Array(Type.String({ maxLength: 256 }), { maxItems: 64 })),
  note: Type.Optional(Type.String({ maxLength: 2_000 })),
};

export const AssetSchema = Type.Object({
  id: Type.String(),
  kind: AssetKindSchema,
  name: Type.String(),
  criticality: NullableCriticality,
  labels: Type.Array(Type.String()),
  owner: Type.Union([Type.String(), Type.Null()]),
  aliases: Type.Array(Type.String()),
  note: Type.String(),
  origin: Type.Union([
    Type.Literal("learned"),
    Type.Literal("csv"),
    Type.Literal("ldap"),
    Type.Literal("manual"),
  ]),
  /** By event time; null when no event has named it. */
  firstSeen: NullableInstant,
  lastSeen: NullableInstant,
  updatedAt: InstantSchema,
  updatedBy: Type.String(),
});
export type AssetView = Type.Static<typeof AssetSchema>;

export const AssetListSchema = Type.Object({
  items: Type.Array(AssetSchema),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
  /** Of all that match. */
  total: Type.Integer(),
  /** Over the whole register. */
  counts: Type.Object({
    host: Type.Integer(),
    service: Type.Integer(),
    person: Type.Integer(),
    learned: Type.Integer(),
    critical: Type.Integer(),
  }),
  /** Every label in use, the most frequent first. */
  labels: Type.Array(Type.String()),
});
export type AssetList = Type.Static<typeof AssetListSchema>;

export const AssetQuerySchema = Type.Object(
  {
    kind: Type.Optional(AssetKindSchema),
    criticality: Type.Optional(
      Type.String({ description: "One or several, separated by commas; `none` for those nobody has rated" }),
    ),
    label: Type.Optional(Type.String({ maxLength: 64 })),
    origin: Type.Optional(Type.Union([Type.Literal("learned"), Type.Literal("said")])),
    text: Type.Optional(Type.String({ maxLength: 200, description: "Part of a name, an alias or an owner" })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    cursor: Type.Optional(Type.String({ maxLength: 400 })),
  },
  { additionalProperties: false },
);
export type AssetQuery = Type.Static<typeof AssetQuerySchema>;

export const AssetBodySchema = Type.Object(
  { kind: AssetKindSchema, name: Type.String({ minLength: 1, maxLength: 256 }), ...said },
  { additionalProperties: false },
);
export type AssetBody = Type.Static<typeof AssetBodySchema>;

export const AssetPatchSchema = Type.Object(said, { additionalProperties: false });
export type AssetPatch = Type.Static<typeof AssetPatchSchema>;

/** The card of whatever alerts are about. */
export const AssetCardSchema = Type.Object({ asset: Type.Union([AssetSchema, Type.Null()]) });

export const AssetImportBodySchema = Type.Object(
  {
    /** The file as it is. The first line names the columns. */
    csv: Type.String({ maxLength: 8 * 1024 * 1024 }),
    name: Type.Optional(Type.String({ maxLength: 200, description: "What the file is called" })),
    dryRun: Type.Optional(Type.Boolean({ description: "Say what would change, and change nothing" })),
  },
  { additionalProperties: false },
);
export type AssetImportBody = Type.Static<typeof AssetImportBodySchema>;

export const AssetDirectoryBodySchema = Type.Object(
  {
    url: Type.String({ pattern: "^ldaps?://", maxLength: 500 }),
    bindDn: Type.String({ maxLength: 500 }),
    /** Used once; kept nowhere. */
    password: Type.String({ maxLength: 1_000 }),
    baseDn: Type.String({ maxLength: 500 }),
    kind: Type.Union([Type.Literal("host"), Type.Literal("person")]),
    filter: Type.Optional(Type.String({ maxLength: 2_000 })),
    criticality: Type.Optional(CriticalitySchema),
    labels: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32 })),
    dryRun: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type AssetDirectoryBody = Type.Static<typeof AssetDirectoryBodySchema>;

export const AssetImportReportSchema = Type.Object({
  /** Undo it with this; null when nothing was changed. */
  importId: Type.Union([Type.String(), Type.Null()]),
  dryRun: Type.Boolean(),
  rows: Type.Integer(),
  added: Type.Integer(),
  changed: Type.Integer(),
  same: Type.Integer(),
  /** Lines that were left out, and columns that were. */
  problems: Type.Array(
    Type.Object({
      severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
      code: Type.String(),
      message: Type.String(),
      line: Type.Union([Type.Integer(), Type.Null()]),
      hint: Type.String(),
    }),
  ),
  /** The first 200 of what is added or changed. */
  changes: Type.Array(Type.Object({ before: Type.Union([AssetSchema, Type.Null()]), after: AssetSchema })),
});
export type AssetImportReport = Type.Static<typeof AssetImportReportSchema>;

export const AssetImportListSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String(),
      at: InstantSchema,
      by: Type.String(),
      origin: Type.String(),
      name: Type.String(),
      added: Type.Integer(),
      changed: Type.Integer(),
      undoneAt: NullableInstant,
    }),
  ),
});
export type AssetImportList = Type.Static<typeof AssetImportListSchema>;

export const AssetUndoSchema = Type.Object({
  restored: Type.Integer(),
  removed: Type.Integer(),
  /** Changed since by somebody: left as they are. */
  kept: Type.Integer(),
});
export type AssetUndo = Type.Static<typeof AssetUndoSchema>;

/** A critical asset on the first page, with what is open about it. */
export const CriticalAssetSchema = Type.Object({
  id: Type.String(),
  kind: AssetKindSchema,
  name: Type.String(),
  labels: Type.Array(Type.String()),
  lastSeen: NullableInstant,
  openAlerts: Type.Integer(),
  worst: Type.Union([SeveritySchema, Type.Null()]),
});
