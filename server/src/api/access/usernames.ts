import { TytoError } from "@tyto/domain";
import { badField } from "../errors.ts";
import { passwordWeakness } from "./passwords.ts";

/** Histories name people by it beside `detection` and `token:NAME`, so it can be neither. */
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,63}$/u;
const RESERVED_NAMES: readonly string[] = ["detection", "environment", "system", "tyto"];

/** @throws TytoError `bad-request` */
export function refuseUsername(username: string): void {
  if (USERNAME.test(username) && !RESERVED_NAMES.includes(username.toLowerCase())) return;
  throw badField(
    "body.username",
    "A username has letters, digits and ._@- and starts with a letter or digit",
  );
}

/** @throws TytoError `bad-request` for a password that would be guessed. */
export function refuseWeakPassword(password: string, username: string): void {
  const weakness = passwordWeakness(password, username);
  if (weakness !== undefined) throw badField("body.password", weakness, "Use several unrelated words.");
}

export function noSuchUser(): TytoError {
  return new TytoError("not-found", "There is no such user");
}
