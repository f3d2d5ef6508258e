import Type from "typebox";

export const BackupBodySchema = Type.Object(
  {
    have: Type.Optional(
      Type.Record(
        Type.String({ minLength: 1, maxLength: 1_000 }),
        Type.String({ pattern: "^[0-9a-f]{64}$" }),
        {
          description:
            "Parts that the caller has from an earlier backup: folder and SHA-256 of its checksums.txt",
        },
      ),
    ),
    includeKeys: Type.Optional(Type.Boolean({ description: "Also key files; they are left out otherwise" })),
  },
  { additionalProperties: false },
);
export type BackupBody = Type.Static<typeof BackupBodySchema>;

export const ArchiveDayListSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      day: Type.String(),
      events: Type.Integer(),
    }),
  ),
  /** Restores of days that were interrupted: part of the day may be there. Running them again finishes them. */
  interrupted: Type.Array(Type.String()),
});
export type ArchiveDayList = Type.Static<typeof ArchiveDayListSchema>;

export const ArchiveRestoreSchema = Type.Object({
  day: Type.String(),
  stored: Type.Integer(),
  present: Type.Integer(),
  /** Retention leaves the day alone until then. */
  heldUntil: Type.String(),
});
export type ArchiveRestore = Type.Static<typeof ArchiveRestoreSchema>;
