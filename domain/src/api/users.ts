import Type from "typebox";
import { PERMISSION_NAMES } from "../permission.ts";
import { NewPasswordSchema, RoleNameSchema } from "./access.ts";
import { InstantSchema, page } from "./basics.ts";

/** `invited`: has never set a password. `reset`: must set a new one before logging in again. */
export const USER_STATES = ["active", "invited", "reset", "off"] as const;

export const UserSchema = Type.Object({
  id: Type.String(),
  username: Type.String(),
  role: RoleNameSchema,
  state: Type.Enum([...USER_STATES]),
  createdAt: InstantSchema,
  createdBy: Type.String(),
  lastLoginAt: Type.Union([InstantSchema, Type.Null()]),
  /** Until when the link that was last made for them works; null when there is none. */
  linkExpiresAt: Type.Union([InstantSchema, Type.Null()]),
});
export type User = Type.Static<typeof UserSchema>;
export const UserListSchema = page(UserSchema);

/** As login takes it. */
const UsernameSchema = Type.String({ minLength: 1, maxLength: 64 });

export const UserBodySchema = Type.Object(
  { username: UsernameSchema, role: RoleNameSchema },
  { additionalProperties: false },
);
export type UserBody = Type.Static<typeof UserBodySchema>;

export const UserPatchSchema = Type.Object(
  { role: Type.Optional(RoleNameSchema), enabled: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);
export type UserPatch = Type.Static<typeof UserPatchSchema>;

/** The path is below the console's address. Its secret stands behind `#`, which no server and no proxy sees, and is nowhere else. */
export const UserLinkSchema = Type.Object({
  user: UserSchema,
  path: Type.String(),
  expiresAt: InstantSchema,
});
export type UserLink = Type.Static<typeof UserLinkSchema>;

const LinkSecretSchema = Type.String({ minLength: 1, maxLength: 200 });

export const WelcomeQuestionSchema = Type.Object(
  { secret: LinkSecretSchema },
  { additionalProperties: false },
);
export const WelcomeSchema = Type.Object({ username: Type.String(), expiresAt: InstantSchema });
export type Welcome = Type.Static<typeof WelcomeSchema>;

export const WelcomeBodySchema = Type.Object(
  { secret: LinkSecretSchema, password: NewPasswordSchema },
  { additionalProperties: false },
);
export type WelcomeBody = Type.Static<typeof WelcomeBodySchema>;

export const PasswordChangeSchema = Type.Object(
  { old: Type.String({ minLength: 1, maxLength: 256 }), password: NewPasswordSchema },
  { additionalProperties: false },
);
export type PasswordChange = Type.Static<typeof PasswordChangeSchema>;

export const PasswordConfirmSchema = Type.Object(
  { password: Type.String({ minLength: 1, maxLength: 256 }) },
  { additionalProperties: false },
);

export const OwnSessionSchema = Type.Object({
  id: Type.String(),
  isThis: Type.Boolean(),
  createdAt: InstantSchema,
  /** Within a minute. */
  lastUsedAt: InstantSchema,
  expiresAt: InstantSchema,
  from: Type.Union([Type.String(), Type.Null()]),
  agent: Type.Union([Type.String(), Type.Null()]),
});
export type OwnSession = Type.Static<typeof OwnSessionSchema>;
export const OwnSessionListSchema = page(OwnSessionSchema);

export const RoleSchema = Type.Object({
  name: RoleNameSchema,
  summary: Type.String(),
  permissions: Type.Array(Type.Enum([...PERMISSION_NAMES])),
  users: Type.Integer(),
  restriction: Type.Union([Type.String(), Type.Null()]),
  masked: Type.Array(Type.String()),
});
export type RoleView = Type.Static<typeof RoleSchema>;

export const RoleListSchema = Type.Object({
  items: Type.Array(RoleSchema),
  /** Everything that can be allowed, in the order to show it. */
  permissions: Type.Array(Type.Object({ name: Type.Enum([...PERMISSION_NAMES]), title: Type.String() })),
});
export type RoleList = Type.Static<typeof RoleListSchema>;

export const RoleLimitsSchema = Type.Object(
  {
    restriction: Type.Union([Type.String({ maxLength: 4_096 }), Type.Null()], {
      description: "In the search bar's words: only events that it lets through; null for all",
    }),
    masked: Type.Array(Type.String({ pattern: "^[A-Za-z_@][A-Za-z0-9_.@-]{0,199}$" }), { maxItems: 100 }),
  },
  { additionalProperties: false },
);
