import Type from "typebox";
import type { InputKind } from "../raw-record.ts";
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from "../password.ts";
import { PERMISSION_NAMES, ROLE_NAMES } from "../permission.ts";
import { InstantSchema, page } from "./basics.ts";

/** As somebody chooses it. */
export const NewPasswordSchema = Type.String({
  minLength: PASSWORD_MIN_LENGTH,
  maxLength: PASSWORD_MAX_LENGTH,
});

export const SetupStateSchema = Type.Object({ needed: Type.Boolean() });
export type SetupState = Type.Static<typeof SetupStateSchema>;

export const SetupBodySchema = Type.Object(
  {
    token: Type.String({ maxLength: 200, description: "Printed when the server starts" }),
    username: Type.String({ minLength: 1, maxLength: 64 }),
    password: NewPasswordSchema,
  },
  { additionalProperties: false },
);
export type SetupBody = Type.Static<typeof SetupBodySchema>;

export const LoginBodySchema = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 64 }),
    password: Type.String({ minLength: 1, maxLength: 256 }),
  },
  { additionalProperties: false },
);
export type LoginBody = Type.Static<typeof LoginBodySchema>;

export const RoleNameSchema = Type.Enum([...ROLE_NAMES]);

/** Who is asking. A browser's session also carries the value that it must send back as `X-Tyto-CSRF` on every change. */
export const SessionSchema = Type.Object({
  username: Type.String(),
  role: RoleNameSchema,
  /** What the role may do. */
  permissions: Type.Array(Type.Enum([...PERMISSION_NAMES])),
  /** Whether the role sees only part of the events, or not all of their fields. */
  isLimited: Type.Boolean(),
  csrf: Type.String(),
  expiresAt: InstantSchema,
  /** Until then, dangerous changes do not ask for the password. */
  confirmedUntil: InstantSchema,
});
export type Session = Type.Static<typeof SessionSchema>;

export const TOKEN_SCOPES = ["ingest", "read", "admin"] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];
const ScopeSchema = Type.Union([Type.Literal("ingest"), Type.Literal("read"), Type.Literal("admin")]);

/** Protocols over HTTP that a token can be limited to. */
export const TOKEN_INPUTS = [
  "http",
  "hec",
  "elasticsearch",
  "otlp",
  "journald",
  "gelf-http",
  "loki",
  "osquery",
] as const satisfies readonly InputKind[];
const TokenInputSchema = Type.Enum([...TOKEN_INPUTS]);

/** What a token that sends may do; null is no limit. */
const TERMS = {
  /** Its records are this source's, whatever they say. */
  source: Type.Union([Type.String(), Type.Null()]),
  /** The pack that reads its records. */
  pack: Type.Union([Type.String(), Type.Null()]),
  inputs: Type.Union([Type.Array(TokenInputSchema), Type.Null()]),
  recordsPerSecond: Type.Union([Type.Integer(), Type.Null()]),
  bytesPerSecond: Type.Union([Type.Integer(), Type.Null()]),
};

export const TokenSchema = Type.Object({
  id: Type.String(),
  name: Type.String(),
  scope: ScopeSchema,
  /** First characters of the secret, to tell tokens apart. */
  prefix: Type.String(),
  createdAt: InstantSchema,
  createdBy: Type.String(),
  expiresAt: Type.Union([InstantSchema, Type.Null()]),
  /** Within a minute. */
  lastUsedAt: Type.Union([InstantSchema, Type.Null()]),
  /** Address of the peer that used it then. */
  lastUsedFrom: Type.Union([Type.String(), Type.Null()]),
  isEnabled: Type.Boolean(),
  /** How long the secret before the last rotation still works. */
  previousUntil: Type.Union([InstantSchema, Type.Null()]),
  ...TERMS,
});
export type Token = Type.Static<typeof TokenSchema>;

export const TokenListSchema = page(TokenSchema);

export const TokenBodySchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    scope: ScopeSchema,
    expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
    source: Type.Optional(
      Type.String({
        pattern: "^[\\p{L}\\p{N}][\\p{L}\\p{N} ._:@/()+-]{0,127}$",
        description: "Only for scope ingest",
      }),
    ),
    pack: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    inputs: Type.Optional(Type.Array(TokenInputSchema, { minItems: 1, maxItems: TOKEN_INPUTS.length })),
    recordsPerSecond: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
    bytesPerSecond: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000_000 })),
  },
  { additionalProperties: false },
);
export type TokenBody = Type.Static<typeof TokenBodySchema>;

/** The secret is shown once and stored only as a hash. */
export const CreatedTokenSchema = Type.Object({ token: TokenSchema, secret: Type.String() });
export type CreatedToken = Type.Static<typeof CreatedTokenSchema>;

/** Switches a token off without forgetting it, or on again. */
export const TokenPatchSchema = Type.Object({ enabled: Type.Boolean() }, { additionalProperties: false });

export const TokenRotationSchema = Type.Object(
  {
    validHours: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 720, description: "Of the old secret; 24" }),
    ),
  },
  { additionalProperties: false },
);
