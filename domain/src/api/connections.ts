import Type from "typebox";
import { InstantSchema, page } from "./basics.ts";
import { CONNECTION_KINDS } from "./connection-settings.ts";

const KindSchema = Type.Enum([...CONNECTION_KINDS]);
const NullableInstant = Type.Union([InstantSchema, Type.Null()]);
const NullableText = Type.Union([Type.String(), Type.Null()]);

/**
 * `running`: pulls. `waiting`: nothing to do until `nextTryAt`, or the journal takes nothing. `failing`: `reason` says why and `hint`
 * what to do; tried again at `nextTryAt`. `paused`: switched off.
 */
export const CONNECTION_STATES = ["running", "waiting", "failing", "paused"] as const;
export type ConnectionState = (typeof CONNECTION_STATES)[number];

export const ConnectionStatusSchema = Type.Object({
  state: Type.Enum([...CONNECTION_STATES]),
  reason: NullableText,
  hint: NullableText,
  since: InstantSchema,
  nextTryAt: NullableInstant,
});
export type ConnectionStatus = Type.Static<typeof ConnectionStatusSchema>;

export const ConnectionSchema = Type.Object({
  id: Type.String(),
  kind: KindSchema,
  name: Type.String(),
  pack: Type.Union([Type.String(), Type.Null()]),
  enabled: Type.Boolean(),
  settings: Type.Object({}, { additionalProperties: true }),
  /** Names of the secrets that are set; never their values. */
  secrets: Type.Array(Type.String()),
  status: ConnectionStatusSchema,
  counts: Type.Object({
    records: Type.Integer({ description: "Durable in the journal" }),
    bytes: Type.Integer(),
    skipped: Type.Integer({ description: "Pages and objects that could not be read; see problems" }),
  }),
  /** Newest first: what was skipped and why. */
  problems: Type.Array(Type.Object({ at: InstantSchema, what: Type.String(), reason: Type.String() })),
  lastRecordAt: NullableInstant,
  createdAt: InstantSchema,
  createdBy: Type.String(),
  updatedAt: InstantSchema,
});
export type Connection = Type.Static<typeof ConnectionSchema>;

export const ConnectionListSchema = page(ConnectionSchema);
export type ConnectionList = Type.Static<typeof ConnectionListSchema>;

const NameSchema = Type.String({ minLength: 1, maxLength: 64 });
const PackSchema = Type.Union([Type.String({ minLength: 1, maxLength: 128 }), Type.Null()]);
const SettingsSchema = Type.Object({}, { additionalProperties: true });
const SecretSchema = Type.Object({}, { additionalProperties: true });

export const ConnectionBodySchema = Type.Object(
  {
    kind: KindSchema,
    name: NameSchema,
    pack: Type.Optional(PackSchema),
    settings: SettingsSchema,
    secret: Type.Optional(SecretSchema),
    enabled: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type ConnectionBody = Type.Static<typeof ConnectionBodySchema>;

/** What is absent stays. `settings` replaces all settings, `secret` all secrets. */
export const ConnectionPatchSchema = Type.Object(
  {
    name: Type.Optional(NameSchema),
    pack: Type.Optional(PackSchema),
    settings: Type.Optional(SettingsSchema),
    secret: Type.Optional(SecretSchema),
    enabled: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type ConnectionPatch = Type.Static<typeof ConnectionPatchSchema>;

/** Every step that the peer was asked for, in order; `ok` when all of them are. */
export const ConnectionTestSchema = Type.Object({
  ok: Type.Boolean(),
  checks: Type.Array(
    Type.Object({
      name: Type.String(),
      ok: Type.Boolean(),
      message: Type.String(),
      hint: NullableText,
    }),
  ),
});
export type ConnectionTest = Type.Static<typeof ConnectionTestSchema>;

export const BackfillBodySchema = Type.Object(
  { days: Type.Integer({ minimum: 1, maximum: 365 }) },
  { additionalProperties: false },
);
export type BackfillBody = Type.Static<typeof BackfillBodySchema>;

export const BackfillReplySchema = Type.Object({ from: InstantSchema, to: InstantSchema });
export type BackfillReply = Type.Static<typeof BackfillReplySchema>;

/** For forms: each kind with the JSON Schemas of its settings and secrets. */
export const ConnectionKindListSchema = Type.Object({
  items: Type.Array(
    Type.Object({
      kind: KindSchema,
      title: Type.String(),
      needs: Type.Array(Type.String({ description: "Permissions that the credentials must have" })),
      canBackfill: Type.Boolean(),
      /** Why it cannot be used on this server; null when it can. */
      unavailable: NullableText,
      settings: Type.Object({}, { additionalProperties: true }),
      secret: Type.Object({}, { additionalProperties: true }),
    }),
  ),
});
export type ConnectionKindList = Type.Static<typeof ConnectionKindListSchema>;
