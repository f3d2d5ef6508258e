import { formatMicros } from "@tyto/domain";
import type { Micros } from "@tyto/domain";
import type { Logbook } from "../logbook.ts";
import type { Rng } from "../rng.ts";
import type { Person, World } from "../world.ts";
import { SECURITY, SYSMON, writeWindowsEvent } from "./winlogbeat.ts";

export interface WindowsProcess {
  readonly at: Micros;
  readonly person: Person;
  readonly image: string;
  readonly commandLine: string;
  readonly parentImage: string;
  readonly logonId: string;
  /** Run as administrator. */
  readonly isElevated?: boolean;
}

/** A process on a workstation, as Sysmon (1) and as the Security log (4688) tell it. */
export function windowsProcess(book: Logbook, world: World, rng: Rng, process: WindowsProcess): void {
  const { at, person, image, commandLine, parentImage, logonId, isElevated = false } = process;
  const pid = rng.int(800, 24_000) * 4;
  const parentPid = rng.int(200, 6_000) * 4;
  const guid = (): string => `{${rng.hex(8)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(4)}-${rng.hex(12)}}`;
  writeWindowsEvent(book, world, person.workstation, {
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
      IntegrityLevel: isElevated ? "High" : "Medium",
      Hashes: `SHA256=${rng.hex(64).toUpperCase()}`,
      ParentProcessGuid: guid(),
      ParentProcessId: String(parentPid),
      ParentImage: parentImage,
      ParentCommandLine: parentImage,
    },
  });
  writeWindowsEvent(book, world, person.workstation, {
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
      TokenElevationType: isElevated ? "%%1937" : "%%1938",
      ProcessId: `0x${parentPid.toString(16)}`,
      CommandLine: commandLine,
      TargetUserSid: "S-1-0-0",
      TargetUserName: "-",
      TargetDomainName: "-",
      TargetLogonId: "0x0",
      ParentProcessName: parentImage,
      MandatoryLabel: isElevated ? "S-1-16-12288" : "S-1-16-8192",
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
    writeWindowsEvent(book, world, person.workstation, {
      ...common,
      id: 11,
      task: "File created (rule: FileCreate)",
      message: "File created",
      data: { ...head, TargetFilename: activity.path, CreationUtcTime: sysmonTime(at) },
    });
    return;
  }
  writeWindowsEvent(book, world, person.workstation, {
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
