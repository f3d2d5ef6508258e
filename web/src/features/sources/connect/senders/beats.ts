import type { Block, SenderWay, Variant } from "../way.ts";

const elasticsearchOutput = (file: string): Block => ({
  place: file,
  text: ({ url, token, isTls }) => [
    "output.elasticsearch:",
    `  hosts: ["${url}"]`,
    `  api_key: "tyto:${token}"`,
    ...(isTls ? [`  ssl.certificate_authorities: ["/etc/ssl/ca.pem"]`] : []),
    "setup.ilm.enabled: false",
    "setup.template.enabled: false",
  ],
});

const logstashOutput = (file: string): Block => ({
  place: file,
  text: ({ host, port, isTls }) => [
    "output.logstash:",
    `  hosts: ["${host}:${port}"]`,
    ...(isTls ? [`  ssl.certificate_authorities: ["/etc/ssl/ca.pem"]`] : []),
  ],
});

/** Both outputs of a Beat, in its file, in front of what starts it again. */
const outputs = (file: string, inputs: Block, restart: Block): readonly [Variant, Variant] => [
  {
    key: "http",
    label: "HTTP",
    listener: "http",
    inputs: ["elasticsearch"],
    isTokenNeeded: true,
    note: "As Elasticsearch, with a token. Replaces the output that stands in the file; modules and ingest pipelines are not needed.",
    blocks: [inputs, elasticsearchOutput(file), restart],
  },
  {
    key: "lumberjack",
    label: "Lumberjack",
    listener: "lumberjack",
    inputs: ["lumberjack"],
    isTokenNeeded: false,
    note: "As Logstash: a connection that stays open, each window acknowledged when it is on disk here. Takes no token.",
    blocks: [inputs, logstashOutput(file), restart],
  },
];

export const filebeat: SenderWay = {
  kind: "sender",
  key: "filebeat",
  title: "Filebeat and other Beats",
  about: "Elastic's shippers: Filebeat, Auditbeat, Packetbeat, Elastic Agent.",
  words: "elastic elasticsearch agent auditbeat packetbeat lumberjack files",
  group: "shippers",
  checks: [
    "Ask the Beat itself: filebeat test output",
    "A Beat has one output: remove the others from its file",
    "A Beat reads only what its inputs name",
  ],
  variants: outputs(
    "/etc/filebeat/filebeat.yml",
    {
      place: "/etc/filebeat/filebeat.yml",
      text: () => [
        "filebeat.inputs:",
        "  - type: filestream",
        "    id: system",
        "    paths: [/var/log/*.log]",
      ],
    },
    { place: "Then", text: () => ["sudo systemctl restart filebeat"] },
  ),
};

export const winlogbeat: SenderWay = {
  kind: "sender",
  key: "winlogbeat",
  title: "Winlogbeat",
  about: "Windows event logs: Security, Sysmon, PowerShell.",
  words: "windows event log evtx security sysmon powershell elastic microsoft active directory",
  group: "shippers",
  checks: [
    "Ask it itself: .\\winlogbeat.exe test output",
    "Sysmon's log is there only where Sysmon is installed",
    "Security events need an audit policy: auditpol /get /category:*",
  ],
  variants: outputs(
    "C:\\Program Files\\Winlogbeat\\winlogbeat.yml",
    {
      place: "C:\\Program Files\\Winlogbeat\\winlogbeat.yml",
      text: () => [
        "winlogbeat.event_logs:",
        "  - name: Security",
        "  - name: System",
        "  - name: Microsoft-Windows-Sysmon/Operational",
        "  - name: Microsoft-Windows-PowerShell/Operational",
      ],
    },
    { place: "Then, in PowerShell", text: () => ["Restart-Service winlogbeat"] },
  ),
};
