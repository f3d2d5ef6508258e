import type { FieldTable, LogsourceRow, LogsourceTable, SynonymTable } from "./rows.ts";
import type { When } from "./when.ts";

/** Sysmon's names for what an endpoint did: Sysmon for Linux has them, everything else writes ECS. */
const PROCESS: FieldTable = {
  Image: ["process.executable", "winlog.event_data.Image"],
  CommandLine: ["process.command_line", "winlog.event_data.CommandLine"],
  ParentImage: ["process.parent.executable", "winlog.event_data.ParentImage"],
  ParentCommandLine: ["process.parent.command_line", "winlog.event_data.ParentCommandLine"],
  User: ["user.name", "winlog.event_data.User"],
  ProcessId: ["process.pid", "winlog.event_data.ProcessId"],
  ParentProcessId: ["process.parent.pid", "winlog.event_data.ParentProcessId"],
  CurrentDirectory: ["process.working_directory", "winlog.event_data.CurrentDirectory"],
  OriginalFileName: ["process.pe.original_file_name", "winlog.event_data.OriginalFileName"],
  Hashes: ["winlog.event_data.Hashes"],
  LogonId: ["winlog.event_data.LogonId"],
};
const FILE: FieldTable = {
  TargetFilename: ["file.path", "winlog.event_data.TargetFilename"],
  Image: ["process.executable", "winlog.event_data.Image"],
  User: ["user.name", "winlog.event_data.User"],
};
const NETWORK: FieldTable = {
  DestinationIp: ["destination.ip"],
  DestinationPort: ["destination.port"],
  DestinationHostname: ["destination.domain", "destination.address"],
  SourceIp: ["source.ip"],
  SourcePort: ["source.port"],
  Protocol: ["network.transport"],
  Image: ["process.executable", "winlog.event_data.Image"],
  User: ["user.name", "winlog.event_data.User"],
  Initiated: ["winlog.event_data.Initiated", "network.direction"],
};
/** Whether the host itself opened the connection, as ECS says it. */
const DIRECTION: SynonymTable = {
  Initiated: { true: ["egress", "outbound"], false: ["ingress", "inbound"] },
};

const rows: readonly LogsourceRow[] = ["linux", "macos"].flatMap((product): LogsourceRow[] => [
  {
    product,
    category: "process_creation",
    when: [{ category: ["process"], type: ["start"] }],
    fields: PROCESS,
  },
  { product, category: "file_event", when: [{ category: ["file"] }], fields: FILE },
  {
    product,
    category: "network_connection",
    when: [{ category: ["network"] }],
    fields: NETWORK,
    synonyms: DIRECTION,
  },
]);

/** Programs that run on Linux and write the lines that rules for Linux look at, whoever has read the line. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  sshd: ["sshd", "sshd-session", "sshd-auth"],
  sudo: ["sudo", "sudo-rs", "sudoedit"],
  cron: ["cron", "crond", "crontab", "anacron"],
  vsftpd: ["vsftpd"],
  clamav: ["clamd", "clamav", "freshclam", "clamscan"],
  guacamole: ["guacd", "guacamole"],
};
const SYSLOG = ["systemd", "named", "kernel", "rsyslogd", "pkexec", "polkitd"];

const services: readonly LogsourceRow[] = Object.entries(PROGRAMS).map(([service, program]) => ({
  product: "linux",
  service,
  when: [{ program }],
  ...(service === "sudo" ? { fields: { USER: ["user.effective.name"] } } : {}),
}));

const SYSMON: When = { channel: ["linux-sysmon/operational"] };

export const ENDPOINT: LogsourceTable = {
  products: [
    {
      product: "linux",
      when: [
        { osType: ["linux"] },
        SYSMON,
        { pack: ["linux", "auditd"] },
        { module: ["linux", "auditd", "auditd_manager"] },
        // Elastic's module of this name reads Windows, too.
        { module: ["system"], channel: [""] },
        { dataset: ["auditd"] },
        { program: [...Object.values(PROGRAMS).flat(), ...SYSLOG] },
      ],
    },
    {
      product: "macos",
      when: [
        { osType: ["macos"] },
        { pack: ["macos", "apple-macos"] },
        { module: ["santa", "jamf_protect"] },
      ],
    },
  ],
  rows: [
    ...rows,
    ...services,
    {
      product: "linux",
      service: "auth",
      when: [
        { pack: ["linux-auth"] },
        { dataset: ["auth"] },
        { program: ["pkexec", "su", "login", "polkitd"] },
      ],
    },
    {
      product: "linux",
      service: "syslog",
      when: [{ pack: ["linux"] }, { dataset: ["syslog"] }, { program: SYSLOG }],
    },
    { product: "linux", service: "sysmon", when: [SYSMON], sends: ["winlog"], fields: PROCESS },
  ],
};
