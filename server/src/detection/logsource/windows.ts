import type { FieldTable, LogsourceRow, LogsourceTable, ProductRow } from "./rows.ts";
import { SERVICES } from "./windows-channels.ts";

const SYSMON = "microsoft-windows-sysmon/operational";
const SECURITY = "security";
/** Reads and renames of files are only on this provider of ETW, which has no channel that is switched on by default. */
const KERNEL_FILE = "microsoft-windows-kernel-file";
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

const FILE_ACCESS_FIELDS: FieldTable = {
  FileName: ["winlog.event_data.FileName", "winlog.event_data.ObjectName", "FileName", "ObjectName"],
  Image: [
    "winlog.event_data.Image",
    "winlog.event_data.ProcessName",
    "process.executable",
    "Image",
    "ProcessName",
  ],
};

const FILE_RENAME_FIELDS: FieldTable = {
  SourceFilename: ["winlog.event_data.SourceFilename", "winlog.event_data.FileName"],
  TargetFilename: ["winlog.event_data.TargetFilename", "winlog.event_data.FilePath", "file.path"],
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

function powershell(category: string, code: string, channels: readonly string[]): LogsourceRow {
  return { product: "windows", category, when: [{ channel: channels, code: [code] }] };
}

const PRODUCT: ProductRow = {
  product: "windows",
  when: [
    { windowsChannel: true },
    { provider: [KERNEL_FILE] },
    { pack: ["windows", "microsoft-windows"], channel: [""], osType: ["", "windows"] },
    { module: ["windows", "sysmon"], channel: [""] },
  ],
  fields: SYSTEM_FIELDS,
  sends: ["winlog"],
  namespaces: ["winlog.event_data", "winlog.user_data"],
  isOpen: true,
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
  {
    product: "windows",
    category: "file_access",
    when: [
      { provider: [KERNEL_FILE], code: ["12"] },
      // The audit of an object that has an access list for it.
      { channel: [SECURITY], code: ["4663"] },
    ],
    fields: FILE_ACCESS_FIELDS,
  },
  {
    product: "windows",
    category: "file_rename",
    when: [{ provider: [KERNEL_FILE], code: ["19", "27", "29"] }],
    fields: FILE_RENAME_FIELDS,
  },
  powershell("ps_module", "4103", POWERSHELL),
  powershell("ps_script", "4104", POWERSHELL),
  powershell("ps_classic_start", "400", ["windows powershell"]),
  powershell("ps_classic_provider_start", "600", ["windows powershell"]),
  powershell("ps_classic_script", "800", ["windows powershell"]),
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

export const WINDOWS: LogsourceTable = { products: [PRODUCT], rows: [...CATEGORIES, ...SERVICES, ANTIVIRUS] };

function mergeFields(first: FieldTable, second: FieldTable): FieldTable {
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  return Object.fromEntries(
    [...names].map((name) => [name, [...(first[name] ?? []), ...(second[name] ?? [])]]),
  );
}
