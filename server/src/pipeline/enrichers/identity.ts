import { fill, textOf } from "./enricher.ts";
import type { Fields } from "./enricher.ts";

/** Where ECS nests a user. */
const USERS = [
  "user",
  "user.target",
  "user.effective",
  "user.changes",
  "source.user",
  "destination.user",
  "client.user",
  "server.user",
].map((set) => ({ name: `${set}.name`, domain: `${set}.domain`, email: `${set}.email` }));

/** One domain, one name: `NT AUTHORITY\SYSTEM`, `EXAMPLE\alice`. In `Doe\, Jane` the backslash escapes a comma, as LDAP does. */
const DOWN_LEVEL = /^([^\\/@:*?"<>|,]{1,255})\\([^\\/\s,;+"<>=#][^\\/]{0,255})$/;
const EMAIL = /^([^\s@"<>,;:\\]{1,64})@([A-Za-z0-9](?:[\w-]{0,62}\.)+[A-Za-z][\w-]{1,62})$/;

/**
 * A user's domain from `DOMAIN\user`, which is taken apart, and from `user@example.com`, which stays the user's name. Name and
 * domain of a user known by email address alone.
 */
export function addUserParts(fields: Fields): void {
  for (const { name, domain, email } of USERS) {
    const text = textOf(fields, name);
    if (text !== undefined) {
      const m = text.includes("\\") ? DOWN_LEVEL.exec(text) : null;
      if (m !== null && !fields.has(domain)) {
        fields.set(domain, m[1] ?? "");
        fields.set(name, m[2] ?? "");
      } else if (text.includes("@")) fill(fields, domain, EMAIL.exec(text)?.[2]);
    }
    const address = textOf(fields, email);
    if (address === undefined) continue;
    const m = EMAIL.exec(address);
    if (m === null) continue;
    fill(fields, name, m[1]);
    fill(fields, domain, m[2]);
  }
}
