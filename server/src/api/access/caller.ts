import { assertNever, PERMISSIONS } from "@tyto/domain";
import type { Permission } from "@tyto/domain";
import type { QueryAccess } from "../../query/index.ts";
import type { SessionRecord, TokenRecord, UserRecord } from "../../storage/index.ts";
import type { ResolvedRole } from "./role-book.ts";

/** Who is asking, once that is known. */
export type Caller =
  | {
      readonly kind: "session";
      readonly session: SessionRecord;
      readonly user: UserRecord;
      readonly role: ResolvedRole;
    }
  | { readonly kind: "token"; readonly token: TokenRecord };

/** As histories name the caller. A username holds no colon, so a token's name cannot pass for a person or for detection. */
export function actorOf(caller: Caller): string {
  switch (caller.kind) {
    case "session":
      return caller.user.username;
    case "token":
      return `token:${caller.token.name}`;
    default:
      return assertNever(caller);
  }
}

/** Tells owners of running queries apart. */
export function ownerOf(caller: Caller): string {
  switch (caller.kind) {
    case "session":
      return `user ${caller.user.id}`;
    case "token":
      return `token ${caller.token.id}`;
    default:
      return assertNever(caller);
  }
}

export function may(caller: Caller, permission: Permission): boolean {
  switch (caller.kind) {
    case "session":
      return caller.role.permissions.has(permission);
    case "token":
      return caller.token.scope === "admin" || caller.token.scope === PERMISSIONS[permission].scope;
    default:
      return assertNever(caller);
  }
}

/** What goes into each query of the caller; `undefined` for who sees everything. */
export function accessOf(caller: Caller): QueryAccess | undefined {
  return caller.kind === "session" ? caller.role.access : undefined;
}
