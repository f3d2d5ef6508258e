import { formatMicros } from "@tyto/domain";
import type { User } from "@tyto/domain";
import type { PasswordLinkRecord, UserRecord } from "../../storage/index.ts";

export function userView(user: UserRecord, link: PasswordLinkRecord | undefined): User {
  return {
    id: user.id,
    username: user.username,
    role: user.role,
    state: stateInWord(user),
    createdAt: formatMicros(user.createdAt),
    createdBy: user.createdBy,
    lastLoginAt: user.lastLoginAt === null ? null : formatMicros(user.lastLoginAt),
    linkExpiresAt: link === undefined ? null : formatMicros(link.expiresAt),
  };
}

function stateInWord({ isEnabled, passwordHash, lastLoginAt }: UserRecord): User["state"] {
  if (!isEnabled) return "off";
  if (passwordHash !== null) return "active";
  return lastLoginAt === null ? "invited" : "reset";
}
