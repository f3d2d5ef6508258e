import type { Micros } from "@tyto/domain";
import type { Logbook } from "../logbook.ts";
import type { Person, World } from "../world.ts";
import { SECURITY, writeWindowsEvent } from "./winlogbeat.ts";

/** An account that the day itself brings. */
export interface NewAccount {
  readonly account: string;
  readonly fullName: string;
  readonly sid: string;
}

interface AccountChange {
  readonly at: Micros;
  readonly by: Person;
  readonly created: NewAccount;
}

/** An account is made (4720). */
export function windowsAccountCreated(book: Logbook, world: World, change: AccountChange): void {
  const { account, fullName, sid } = change.created;
  writeWindowsEvent(book, world, world.controller, {
    at: change.at,
    id: 4720,
    log: SECURITY,
    task: "User Account Management",
    keywords: "Audit Success",
    message: "A user account was created.",
    data: {
      TargetUserName: account,
      TargetDomainName: world.netbios,
      TargetSid: sid,
      ...subjectOf(world, change.by),
      PrivilegeList: "-",
      SamAccountName: account,
      DisplayName: fullName,
      UserPrincipalName: `${account}@${world.domain}`,
      PrimaryGroupId: "513",
      OldUacValue: "0x0",
      NewUacValue: "0x15",
    },
  });
}

/** It becomes a domain administrator (4728): the member by its distinguished name and its SID, the account's name nowhere. */
export function windowsMadeDomainAdmin(book: Logbook, world: World, change: AccountChange): void {
  const { fullName, sid } = change.created;
  const base = world.domain
    .split(".")
    .map((part) => `DC=${part}`)
    .join(",");
  writeWindowsEvent(book, world, world.controller, {
    at: change.at,
    id: 4728,
    log: SECURITY,
    task: "Security Group Management",
    keywords: "Audit Success",
    message: "A member was added to a security-enabled global group.",
    data: {
      MemberName: `CN=${fullName},CN=Users,${base}`,
      MemberSid: sid,
      TargetUserName: "Domain Admins",
      TargetDomainName: world.netbios,
      TargetSid: `${world.domainSid}-512`,
      ...subjectOf(world, change.by),
      PrivilegeList: "-",
    },
  });
}

function subjectOf(world: World, by: Person): Readonly<Record<string, string>> {
  return {
    SubjectUserSid: by.sid,
    SubjectUserName: by.account,
    SubjectDomainName: world.netbios,
    SubjectLogonId: "0x51c2f",
  };
}
