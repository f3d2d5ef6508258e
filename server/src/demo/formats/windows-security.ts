import type { Micros } from "@tyto/domain";
import type { Logbook } from "../logbook.ts";
import type { Rng } from "../rng.ts";
import type { Machine, Person, World } from "../world.ts";
import { SECURITY, writeWindowsEvent } from "./winlogbeat.ts";

export interface WindowsLogon {
  readonly at: Micros;
  readonly person: Person;
  /** Where the event is logged. */
  readonly machine: Machine;
  /** 2 interactive, 3 network, 7 unlock, 10 remote interactive. */
  readonly type: 2 | 3 | 7 | 10;
  readonly from: Machine;
}

export function windowsLogon(book: Logbook, world: World, rng: Rng, logon: WindowsLogon): string {
  const { at, person, machine, type, from } = logon;
  const logonId = `0x${rng.hex(6)}`;
  writeWindowsEvent(book, world, machine, {
    at,
    id: 4624,
    log: SECURITY,
    task: "Logon",
    keywords: "Audit Success",
    message: "An account was successfully logged on.",
    data: {
      SubjectUserSid: type === 3 ? "S-1-0-0" : "S-1-5-18",
      SubjectUserName: type === 3 ? "-" : `${machine.name.toUpperCase()}$`,
      SubjectDomainName: type === 3 ? "-" : world.netbios,
      SubjectLogonId: type === 3 ? "0x0" : "0x3e7",
      TargetUserSid: person.sid,
      TargetUserName: person.account,
      TargetDomainName: world.netbios,
      TargetLogonId: logonId,
      LogonType: String(type),
      LogonProcessName: type === 3 ? "Kerberos" : "User32 ",
      AuthenticationPackageName: type === 3 ? "Kerberos" : "Negotiate",
      WorkstationName: type === 3 ? "-" : from.name.toUpperCase(),
      LogonGuid: "{00000000-0000-0000-0000-000000000000}",
      TransmittedServices: "-",
      LmPackageName: "-",
      KeyLength: "0",
      ProcessId: type === 3 ? "0x0" : "0x4c8",
      ProcessName: type === 3 ? "-" : "C:\\Windows\\System32\\svchost.exe",
      IpAddress: loggedAddress(logon),
      IpPort: type === 3 || type === 10 ? String(rng.int(49_152, 65_535)) : "0",
      ImpersonationLevel: "%%1833",
      ElevatedToken: "%%1843",
    },
  });
  const address = loggedAddress(logon);
  book.attempt({ at, address, account: person.account, host: machine.name, outcome: "success" });
  return logonId;
}

export function windowsLogoff(
  book: Logbook,
  world: World,
  logoff: {
    readonly at: Micros;
    readonly person: Person;
    readonly machine: Machine;
    readonly type: number;
    readonly logonId: string;
  },
): void {
  const { at, person, machine, type, logonId } = logoff;
  writeWindowsEvent(book, world, machine, {
    at,
    id: 4634,
    log: SECURITY,
    task: "Logoff",
    keywords: "Audit Success",
    message: "An account was logged off.",
    data: {
      TargetUserSid: person.sid,
      TargetUserName: person.account,
      TargetDomainName: world.netbios,
      TargetLogonId: logonId,
      LogonType: String(type),
    },
  });
}

/** A wrong password. */
export function windowsLogonFailure(book: Logbook, world: World, rng: Rng, logon: WindowsLogon): void {
  const { at, person, machine, type, from } = logon;
  writeWindowsEvent(book, world, machine, {
    at,
    id: 4625,
    log: SECURITY,
    task: "Logon",
    keywords: "Audit Failure",
    message: "An account failed to log on.",
    data: {
      SubjectUserSid: "S-1-5-18",
      SubjectUserName: `${machine.name.toUpperCase()}$`,
      SubjectDomainName: world.netbios,
      SubjectLogonId: "0x3e7",
      TargetUserSid: "S-1-0-0",
      TargetUserName: person.account,
      TargetDomainName: world.netbios,
      Status: "0xc000006d",
      FailureReason: "%%2313",
      SubStatus: "0xc000006a",
      LogonType: String(type),
      LogonProcessName: "User32 ",
      AuthenticationPackageName: "Negotiate",
      WorkstationName: from.name.toUpperCase(),
      TransmittedServices: "-",
      LmPackageName: "-",
      KeyLength: "0",
      ProcessId: "0x4c8",
      ProcessName: "C:\\Windows\\System32\\svchost.exe",
      IpAddress: loggedAddress(logon),
      IpPort: type === 3 || type === 10 ? String(rng.int(49_152, 65_535)) : "0",
    },
  });
  const address = loggedAddress(logon);
  book.attempt({ at, address, account: person.account, host: machine.name, outcome: "failure" });
}

/** Windows writes the loopback address for who sits at the machine. */
export function loggedAddress({ type, from }: Pick<WindowsLogon, "type" | "from">): string {
  return type === 3 || type === 10 ? from.address : "127.0.0.1";
}
