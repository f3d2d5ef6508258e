import type { FieldReader } from "../field-reader.ts";
import { having, known, oneOrNone } from "../values.ts";
import type { OcsfObject } from "../values.ts";

/** Where ECS keeps a person: the prefix of `name`, `id`, `domain` … */
const SUBJECTS = [
  "user.target",
  "user.effective",
  "destination.user",
  "user",
  "source.user",
  "client.user",
  "server.user",
];
const ACTORS = ["user", "source.user", "client.user"];

/** OCSF knows a user by name, uid or account; somebody known only by an address has that for a name. */
export function userAt(reader: FieldReader, prefix: string): OcsfObject | undefined {
  return reader.attempt((r) => {
    const email = r.email(`${prefix}.email`);
    const named = known({
      name: r.text(`${prefix}.name`) ?? email ?? r.text(`${prefix}.email`),
      uid: r.text(`${prefix}.id`),
    });
    if (named === undefined) return undefined;
    return known({
      ...named,
      domain: r.text(`${prefix}.domain`),
      full_name: r.text(`${prefix}.full_name`),
      email_addr: email,
      uid_alt: r.text(`${prefix}.hash`),
      groups: oneOrNone(groupAt(r, `${prefix}.group`)),
    });
  });
}

/** Whom it was done to: the target of a change, the one who logs on. */
export function subject(reader: FieldReader): OcsfObject | undefined {
  return firstOf(reader, SUBJECTS);
}

/** Who did it; nobody, when the only one named is whom it was done to. */
export function actorUser(reader: FieldReader): OcsfObject | undefined {
  return firstOf(
    reader,
    ACTORS.filter((prefix) => !reader.isTaken(`${prefix}.name`) && !reader.isTaken(`${prefix}.id`)),
  );
}

function firstOf(reader: FieldReader, prefixes: readonly string[]): OcsfObject | undefined {
  for (const prefix of prefixes) {
    const user = userAt(reader, prefix);
    if (user !== undefined) return user;
  }
  return undefined;
}

export function groupAt(reader: FieldReader, prefix: string): OcsfObject | undefined {
  return reader.attempt((r) =>
    having(
      known({
        name: r.text(`${prefix}.name`),
        uid: r.text(`${prefix}.id`),
        domain: r.text(`${prefix}.domain`),
      }),
      "name",
      "uid",
    ),
  );
}

/** The group that was changed. */
export function group(reader: FieldReader): OcsfObject | undefined {
  return groupAt(reader, "group") ?? groupAt(reader, "user.target.group");
}

export function privileges(reader: FieldReader): readonly string[] | undefined {
  for (const name of ["user.target.roles", "user.changes.roles", "user.roles"]) {
    const roles = reader.texts(name);
    if (roles.length > 0) return roles;
  }
  return undefined;
}

/**
 * What an Entity Management event is about; of OCSF's types 2 is a user, 3 a group. An event's
 * organization is where it happened, not what was changed.
 */
export function entity(reader: FieldReader): OcsfObject | undefined {
  const user = userAt(reader, "user.target");
  if (user !== undefined) return { type_id: 2, type: "User", user };
  const changed = groupAt(reader, "group");
  if (changed !== undefined) return { type_id: 3, type: "Group", group: changed };
  const resource = reader.attempt((r) =>
    having(
      known({
        name: r.text("orchestrator.resource.name", "entity.name", "service.name"),
        uid: r.text("orchestrator.resource.id", "entity.id", "service.id"),
        type: r.text("orchestrator.resource.type", "entity.type", "service.type"),
      }),
      "name",
      "uid",
    ),
  );
  return resource === undefined ? undefined : { type_id: 99, type: "Other", ...resource };
}

/** Windows' logon types, which OCSF took over with their numbers; 0 is the system itself. */
const LOGON_TYPES: ReadonlyMap<number, number> = new Map([
  [0, 1],
  ...[2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13].map((n): [number, number] => [n, n]),
]);

export function logonType(reader: FieldReader): number | undefined {
  const number = Number(
    reader.peek("winlog.event_data.LogonType") ?? reader.peek("winlog.logon.id") ?? Number.NaN,
  );
  const type = LOGON_TYPES.get(number);
  if (type !== undefined) reader.take("winlog.event_data.LogonType");
  return type;
}

const PROTOCOLS: ReadonlyMap<string, number> = new Map([
  ["ntlm", 1],
  ["kerberos", 2],
  ["saml", 5],
  ["radius", 10],
  ["ldap", 12],
]);

export function authProtocol(reader: FieldReader): number | undefined {
  return PROTOCOLS.get(
    (
      reader.peek("winlog.event_data.AuthenticationPackageName") ??
      reader.peek("network.protocol") ??
      ""
    ).toLowerCase(),
  );
}
