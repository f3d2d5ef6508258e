import { formatMicros, microsToDate } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { Logbook } from "../logbook.ts";
import type { Rng } from "../rng.ts";
import type { Machine, Person, World } from "../world.ts";

export const WINDOWS_SOURCE = "windows-events";

type EventData = Readonly<Record<string, string>>;

const SECURITY = {
  channel: "Security",
  provider_name: "Microsoft-Windows-Security-Auditing",
  provider_guid: "{54849625-5478-4994-a5ba-3e3b0328c30d}",
} as const;

const SYSMON = {
  channel: "Microsoft-Windows-Sysmon/Operational",
  provider_name: "Microsoft-Windows-Sysmon",
  provider_guid: "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
} as const;

/** An event as Winlogbeat 8 ships it, without what its own modules would add. */
function write(
  book: Logbook,
  world: World,
  machine: Machine,
  event: {
    readonly at: Micros;
    readonly id: number;
    readonly log: typeof SECURITY | typeof SYSMON;
    readonly task: string;
    readonly keywords: string;
    readonly message: string;
    readonly data: EventData;
  },
): void {
  const { at, id, log, task, keywords, message, data } = event;
  const computer = `${machine.name.toUpperCase()}.${world.domain}`;
  const stamp = microsToDate(at).toISOString();
  const text = JSON.stringify({
    "@timestamp": stamp,
    event: {
      action: task,
      code: String(id),
      created: stamp,
      kind: "event",
      provider: log.provider_name,
      ...(log === SECURITY ? { outcome: keywords === "Audit Failure" ? "failure" : "success" } : {}),
    },
    host: { name: computer },
    log: { level: "information" },
    message,
    winlog: {
      ...log,
      api: "wineventlog",
      computer_name: computer,
      event_id: String(id),
      keywords: [keywords],
      opcode: "Info",
      // Rises with time, as a real one does.
      record_id: 1_000_000 + Math.floor((at % 86_400_000_000) / 10_000),
      task,
      process: { pid: log === SECURITY ? 680 : 3120, thread: { id: 712 + (id % 40) } },
      event_data: data,
    },
    agent: { name: machine.name.toUpperCase(), type: "winlogbeat", version: "8.15.0" },
    ecs: { version: "8.0.0" },
  });
  book.write({ at, input: "http", source: WINDOWS_SOURCE, text });
}

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
  write(book, world, machine, {
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
  write(book, world, machine, {
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
  write(book, world, machine, {
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

/** The help desk makes an account (4720). */
export function windowsAccountCreated(
  book: Logbook,
  world: World,
  created: { readonly at: Micros; readonly by: Person; readonly account: string; readonly fullName: string },
): void {
  const { at, by, account, fullName } = created;
  write(book, world, world.controller, {
    at,
    id: 4720,
    log: SECURITY,
    task: "User Account Management",
    keywords: "Audit Success",
    message: "A user account was created.",
    data: {
      TargetUserName: account,
      TargetDomainName: world.netbios,
      TargetSid: `${world.domainSid}-1999`,
      SubjectUserSid: by.sid,
      SubjectUserName: by.account,
      SubjectDomainName: world.netbios,
      SubjectLogonId: "0x51c2f",
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

export interface WindowsProcess {
  readonly at: Micros;
  readonly person: Person;
  readonly image: string;
  readonly commandLine: string;
  readonly parentImage: string;
  readonly logonId: string;
}

/** A process on a workstation, as Sysmon (1) and as the Security log (4688) tell it. */
export function windowsProcess(book: Logbook, world: World, rng: Rng, process: WindowsProcess): void {
  const { at, person, image, commandLine, parentImage, logonId } = process;
  const pid = rng.int(800, 24_000) * 4;
  const parentPid = rng.int(200, 6_000) * 4;
  const guid = (): string => `{${rng.hex(8)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(12)}}`;
  write(book, world, person.workstation, {
    at,
    id: 1,
    log: SYSMON,
    task: "Process Create (rule: ProcessCreate)",
    keywords: "0x8000000000000000",
    message: "Process Create",
    data: {
      RuleName: "-",
      UtcTime: sysmonTime(at),
      ProcessGuid: guid(),
      ProcessId: String(pid),
      Image: image,
      CommandLine: commandLine,
      CurrentDirectory: `C:\\Users\\${person.account}\\`,
      User: `${world.netbios}\\${person.account}`,
      LogonId: logonId,
      TerminalSessionId: "1",
      IntegrityLevel: "Medium",
      Hashes: `SHA256=${rng.hex(64).toUpperCase()}`,
      ParentProcessGuid: guid(),
      ParentProcessId: String(parentPid),
      ParentImage: parentImage,
      ParentCommandLine: parentImage,
    },
  });
  write(book, world, person.workstation, {
    at,
    id: 4688,
    log: SECURITY,
    task: "Process Creation",
    keywords: "Audit Success",
    message: "A new process has been created.",
    data: {
      SubjectUserSid: person.sid,
      SubjectUserName: person.account,
      SubjectDomainName: world.netbios,
      SubjectLogonId: logonId,
      NewProcessId: `0x${pid.toString(16)}`,
      NewProcessName: image,
      TokenElevationType: "%%1938",
      ProcessId: `0x${parentPid.toString(16)}`,
      CommandLine: commandLine,
      TargetUserSid: "S-1-0-0",
      TargetUserName: "-",
      TargetDomainName: "-",
      TargetLogonId: "0x0",
      ParentProcessName: parentImage,
      MandatoryLabel: "S-1-16-8192",
    },
  });
}

/** A connection (Sysmon 3) or a new file (Sysmon 11) of a process. */
export function windowsActivity(
  book: Logbook,
  world: World,
  rng: Rng,
  activity: { readonly at: Micros; readonly person: Person; readonly image: string } & (
    | { readonly kind: "connection"; readonly address: string; readonly port: number; readonly host: string }
    | { readonly kind: "file"; readonly path: string }
  ),
): void {
  const { at, person, image } = activity;
  const head = {
    RuleName: "-",
    UtcTime: sysmonTime(at),
    ProcessGuid: `{${rng.hex(8)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(12)}}`,
    ProcessId: String(rng.int(800, 24_000) * 4),
    Image: image,
    User: `${world.netbios}\\${person.account}`,
  };
  const common = { at, log: SYSMON, keywords: "0x8000000000000000" };
  if (activity.kind === "file") {
    write(book, world, person.workstation, {
      ...common,
      id: 11,
      task: "File created (rule: FileCreate)",
      message: "File created",
      data: { ...head, TargetFilename: activity.path, CreationUtcTime: sysmonTime(at) },
    });
    return;
  }
  write(book, world, person.workstation, {
    ...common,
    id: 3,
    task: "Network connection detected (rule: NetworkConnect)",
    message: "Network connection detected",
    data: {
      ...head,
      Protocol: "tcp",
      Initiated: "true",
      SourceIsIpv6: "false",
      SourceIp: person.workstation.address,
      SourceHostname: `${person.workstation.name.toUpperCase()}.${world.domain}`,
      SourcePort: String(rng.int(49_152, 65_535)),
      SourcePortName: "-",
      DestinationIsIpv6: "false",
      DestinationIp: activity.address,
      DestinationHostname: activity.host,
      DestinationPort: String(activity.port),
      DestinationPortName: activity.port === 443 ? "https" : "-",
    },
  });
}

/** `2026-11-20 21:31:21.444`. */
function sysmonTime(at: Micros): string {
  return formatMicros(at).slice(0, 23).replace("T", " ");
}
