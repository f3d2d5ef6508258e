import type { FieldTable, LogsourceRow, ProductRow } from "./rows.ts";

const SYSMON = "microsoft-windows-sysmon/operational";
const SECURITY = "security";
const POWERSHELL = ["microsoft-windows-powershell/operational", "powershellcore/operational"];

/** Names of the System section, and the ECS fields that hold the same for EventData that a pack has not kept. */
const SYSTEM_FIELDS: FieldTable = {
  EventID: ["event.code", "winlog.event_id"],
  Channel: ["winlog.channel"],
  Provider_Name: ["winlog.provider_name"],
  Computer: ["winlog.computer_name", "host.name"],
  EventRecordID: ["winlog.record_id"],
  Task: ["winlog.task"],
  Level: ["winlog.level"],
};

const PROCESS_FIELDS: FieldTable = {
  Image: ["winlog.event_data.Image", "winlog.event_data.NewProcessName", "process.executable"],
  ParentImage: [
    "winlog.event_data.ParentImage",
    "winlog.event_data.ParentProcessName",
    "process.parent.executable",
  ],
  CommandLine: ["winlog.event_data.CommandLine", "process.command_line"],
  ParentCommandLine: ["winlog.event_data.ParentCommandLine", "process.parent.command_line"],
  User: ["winlog.event_data.User", "winlog.event_data.SubjectUserName", "user.name"],
  ProcessId: ["winlog.event_data.ProcessId", "winlog.event_data.NewProcessId", "process.pid"],
  OriginalFileName: ["winlog.event_data.OriginalFileName", "process.pe.original_file_name"],
  CurrentDirectory: ["winlog.event_data.CurrentDirectory", "process.working_directory"],
};

/** The same names in a process creation that only the Sigma-named route can hold. */
const NEW_PROCESS_FIELDS: FieldTable = {
  Image: ["Image", "NewProcessName"],
  ParentImage: ["ParentImage", "ParentProcessName"],
  User: ["User", "SubjectUserName"],
  ProcessId: ["ProcessId", "NewProcessId"],
};

const FILE_FIELDS: FieldTable = {
  TargetFilename: ["winlog.event_data.TargetFilename", "file.path"],
  Image: ["winlog.event_data.Image", "process.executable"],
};

const NETWORK_FIELDS: FieldTable = {
  DestinationIp: ["winlog.event_data.DestinationIp", "destination.ip"],
  DestinationPort: ["winlog.event_data.DestinationPort", "destination.port"],
  DestinationHostname: ["winlog.event_data.DestinationHostname", "destination.domain"],
  SourceIp: ["winlog.event_data.SourceIp", "source.ip"],
  SourcePort: ["winlog.event_data.SourcePort", "source.port"],
  Image: ["winlog.event_data.Image", "process.executable"],
};

const REGISTRY_FIELDS: FieldTable = {
  TargetObject: ["winlog.event_data.TargetObject", "registry.path"],
  Image: ["winlog.event_data.Image", "process.executable"],
};

function sysmon(category: string, codes: readonly string[], fields?: FieldTable): LogsourceRow {
  const when = [{ channel: [SYSMON], code: codes }];
  return { product: "windows", category, when, ...(fields === undefined ? {} : { fields }) };
}

function registry(category: string, code: string, action?: readonly string[]): LogsourceRow {
  const when = {
    channel: [SYSMON],
    code: [code],
    ...(action === undefined ? {} : { registryAction: action }),
  };
  return { product: "windows", category, when: [when], fields: REGISTRY_FIELDS };
}

function onChannel(service: string, channels: readonly string[]): LogsourceRow {
  return { product: "windows", service, when: [{ channel: channels.map((name) => name.toLowerCase()) }] };
}

function powershell(category: string, code: string, channels: readonly string[]): LogsourceRow {
  return { product: "windows", category, when: [{ channel: channels, code: [code] }] };
}

export const WINDOWS: ProductRow = {
  product: "windows",
  when: [{ anyChannel: true }, { pack: ["windows", "microsoft-windows"] }, { module: ["windows", "sysmon"] }],
  fields: SYSTEM_FIELDS,
  namespaces: ["winlog.event_data", "winlog.user_data"],
};

/** Categories by Sysmon's event ids (documented by Sysinternals) and the ids of Security and PowerShell (by Microsoft). */
const CATEGORIES: readonly LogsourceRow[] = [
  {
    product: "windows",
    category: "process_creation",
    when: [
      { channel: [SYSMON], code: ["1"] },
      { channel: [SECURITY], code: ["4688"] },
    ],
    fields: mergeFields(PROCESS_FIELDS, NEW_PROCESS_FIELDS),
  },
  sysmon("file_change", ["2"], FILE_FIELDS),
  sysmon("network_connection", ["3"], NETWORK_FIELDS),
  sysmon("sysmon_status", ["4", "16"]),
  sysmon("process_termination", ["5"]),
  sysmon("driver_load", ["6"]),
  sysmon("image_load", ["7"]),
  sysmon("create_remote_thread", ["8"]),
  sysmon("raw_access_thread", ["9"]),
  sysmon("process_access", ["10"]),
  sysmon("file_event", ["11"], FILE_FIELDS),
  sysmon("registry_event", ["12", "13", "14"], REGISTRY_FIELDS),
  registry("registry_add", "12", ["createkey"]),
  registry("registry_delete", "12", ["deletekey", "deletevalue"]),
  registry("registry_set", "13"),
  registry("registry_rename", "14"),
  sysmon("create_stream_hash", ["15"]),
  sysmon("pipe_created", ["17", "18"]),
  sysmon("wmi_event", ["19", "20", "21"]),
  sysmon("dns_query", ["22"], { QueryName: ["winlog.event_data.QueryName", "dns.question.name"] }),
  sysmon("file_delete", ["23"], FILE_FIELDS),
  sysmon("clipboard_change", ["24"]),
  sysmon("process_tampering", ["25"]),
  sysmon("file_delete_detected", ["26"], FILE_FIELDS),
  sysmon("file_block_executable", ["27"], FILE_FIELDS),
  sysmon("file_block_shredding", ["28"], FILE_FIELDS),
  sysmon("file_executable_detected", ["29"], FILE_FIELDS),
  sysmon("sysmon_error", ["255"]),
  powershell("ps_module", "4103", POWERSHELL),
  powershell("ps_script", "4104", POWERSHELL),
  powershell("ps_classic_start", "400", ["windows powershell"]),
  powershell("ps_classic_provider_start", "600", ["windows powershell"]),
  powershell("ps_classic_script", "800", ["windows powershell"]),
];

const SERVICES: readonly LogsourceRow[] = [
  onChannel("sysmon", [SYSMON]),
  onChannel("security", [SECURITY]),
  onChannel("system", ["System"]),
  onChannel("application", ["Application"]),
  onChannel("powershell", POWERSHELL),
  onChannel("powershell-classic", ["Windows PowerShell"]),
  onChannel("ntlm", ["Microsoft-Windows-NTLM/Operational"]),
  onChannel("taskscheduler", ["Microsoft-Windows-TaskScheduler/Operational"]),
  onChannel("wmi", ["Microsoft-Windows-WMI-Activity/Operational"]),
  onChannel("dhcp", ["Microsoft-Windows-DHCP-Server/Operational"]),
  onChannel("dns-server", ["DNS Server"]),
  onChannel("dns-server-analytic", ["Microsoft-Windows-DNS-Server/Analytical"]),
  onChannel("dns-client", ["Microsoft-Windows-DNS Client Events/Operational"]),
  onChannel("driver-framework", ["Microsoft-Windows-DriverFrameworks-UserMode/Operational"]),
  onChannel("printservice-admin", ["Microsoft-Windows-PrintService/Admin"]),
  onChannel("printservice-operational", ["Microsoft-Windows-PrintService/Operational"]),
  onChannel("smbclient-security", ["Microsoft-Windows-SmbClient/Security"]),
  onChannel("smbclient-connectivity", ["Microsoft-Windows-SmbClient/Connectivity"]),
  onChannel("smbserver-connectivity", ["Microsoft-Windows-SMBServer/Connectivity"]),
  onChannel("terminalservices-localsessionmanager", [
    "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
  ]),
  onChannel("codeintegrity-operational", ["Microsoft-Windows-CodeIntegrity/Operational"]),
  onChannel("applocker", [
    "Microsoft-Windows-AppLocker/MSI and Script",
    "Microsoft-Windows-AppLocker/EXE and DLL",
    "Microsoft-Windows-AppLocker/Packaged app-Deployment",
    "Microsoft-Windows-AppLocker/Packaged app-Execution",
  ]),
  onChannel("msexchange-management", ["MSExchange Management"]),
  onChannel("windefend", ["Microsoft-Windows-Windows Defender/Operational"]),
  onChannel("firewall-as", ["Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"]),
  onChannel("bits-client", ["Microsoft-Windows-Bits-Client/Operational"]),
  onChannel("security-mitigations", [
    "Microsoft-Windows-Security-Mitigations/Kernel Mode",
    "Microsoft-Windows-Security-Mitigations/User Mode",
  ]),
  onChannel("diagnosis-scripted", ["Microsoft-Windows-Diagnosis-Scripted/Operational"]),
  onChannel("shell-core", ["Microsoft-Windows-Shell-Core/Operational"]),
  onChannel("openssh", ["OpenSSH/Operational"]),
  onChannel("ldap", ["Microsoft-Windows-LDAP-Client/Debug"]),
  onChannel("bitlocker", ["Microsoft-Windows-BitLocker/BitLocker Management"]),
  onChannel("vhdmp", ["Microsoft-Windows-VHDMP/Operational"]),
  onChannel("appxdeployment-server", ["Microsoft-Windows-AppXDeploymentServer/Operational"]),
  onChannel("lsa-server", ["Microsoft-Windows-LSA/Operational"]),
  onChannel("appxpackaging-om", ["Microsoft-Windows-AppxPackaging/Operational"]),
  onChannel("appmodel-runtime", ["Microsoft-Windows-AppModel-Runtime/Admin"]),
  onChannel("capi2", ["Microsoft-Windows-CAPI2/Operational"]),
  onChannel("certificateservicesclient-lifecycle-system", [
    "Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational",
  ]),
  onChannel("kernel-shimengine", [
    "Microsoft-Windows-Kernel-ShimEngine/Operational",
    "Microsoft-Windows-Kernel-ShimEngine/Diagnostic",
  ]),
  onChannel("application-experience", [
    "Microsoft-Windows-Application-Experience/Program-Telemetry",
    "Microsoft-Windows-Application-Experience/Program-Compatibility-Assistant",
  ]),
  onChannel("ntfs", ["Microsoft-Windows-Ntfs/Operational"]),
  onChannel("hyper-v-worker", ["Microsoft-Windows-Hyper-V-Worker"]),
  onChannel("kernel-event-tracing", ["Microsoft-Windows-Kernel-EventTracing"]),
  onChannel("sense", ["Microsoft-Windows-SENSE/Operational"]),
  onChannel("servicebus-client", [
    "Microsoft-ServiceBus-Client/Admin",
    "Microsoft-ServiceBus-Client/Operational",
  ]),
  onChannel("microsoft-servicebus-client", [
    "Microsoft-ServiceBus-Client/Admin",
    "Microsoft-ServiceBus-Client/Operational",
  ]),
  onChannel("iis-configuration", ["Microsoft-IIS-Configuration/Operational"]),
];

/** Defender reports what it found under ids of its own; the category's names are the antivirus trade's. */
const ANTIVIRUS: LogsourceRow = {
  category: "antivirus",
  when: [
    {
      channel: ["microsoft-windows-windows defender/operational"],
      code: "1006 1007 1008 1009 1010 1011 1012 1017 1018 1019 1115 1116".split(" "),
    },
    { category: ["malware"] },
  ],
  fields: {
    Signature: ["winlog.event_data.ThreatName", "ThreatName", "threat.indicator.name", "rule.name"],
    Filename: ["winlog.event_data.Path", "Path", "file.path"],
  },
};

export const WINDOWS_ROWS: readonly LogsourceRow[] = [...CATEGORIES, ...SERVICES, ANTIVIRUS];

function mergeFields(first: FieldTable, second: FieldTable): FieldTable {
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries(
    [...names].map((name) => [name, [...(first[name] ?? []), ...(second[name] ?? [])]]),
  );
}
