import { MICROS_PER_DAY } from "@tyto/domain";
import type { Micros, UserId } from "@tyto/domain";
import type { PasswordLinkRecord } from "../../storage/index.ts";
import { newSecret, sha256 } from "./secrets.ts";
import type { Random } from "./secrets.ts";

const LINK_LASTS = 3 * MICROS_PER_DAY;

/** A way to set one password, once. @returns what is kept, and the path with the secret, which is nowhere else */
export function makePasswordLink(wanted: {
  readonly random: Random;
  readonly now: () => Micros;
  readonly userId: UserId;
  readonly createdBy: string;
}): { readonly link: PasswordLinkRecord; readonly path: string } {
  const { random, now, userId, createdBy } = wanted;
  const secret = newSecret(random);
  const createdAt = now();
  return {
    link: {
      hash: sha256(secret),
      userId,
      createdAt,
      createdBy,
      expiresAt: (createdAt + LINK_LASTS) as Micros,
    },
    path: `/welcome#${secret}`,
  };
}
