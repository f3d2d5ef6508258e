import { assertNever } from "@tyto/domain";
import type { SessionRecord, TokenRecord, UserRecord } from "../../storage/index.ts";

/** Who is asking, once that is known. */
export type Caller =
  | { readonly kind: "session"; readonly session: SessionRecord; readonly user: UserRecord }
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
