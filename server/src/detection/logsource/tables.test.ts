/** The map both ways: an event in our names and one in the vendor's meet the same rule; a near product's event does not. */
import { describe, expect, it } from "vitest";
import { ECS_ROOTS, eventId, FIELDS, micros, sequence, sourceId } from "@tyto/domain";
import type { Event, EventFields, OriginId } from "@tyto/domain";
import { loadRuleSet } from "../load-rule-set.ts";
import { Subject } from "../match/subject.ts";
import { readSigmaEvent } from "../sigma-json/sigma-event.ts";
import type { Logsource } from "../sigma/rule.ts";
import { factsOf } from "./facts.ts";
import { resolveLogsource } from "./logsource-map.ts";
import { LOGSOURCE_TABLES } from "./tables.ts";

const ORIGIN = "00000000000000aa" as OriginId;

function ours(fields: EventFields): Event {
  const pack = typeof fields["pack"] === "string" ? fields["pack"] : "some-pack";
  return {
    id: eventId(ORIGIN, 1),
    sequence: sequence(1),
    source: sourceId("00000000000000aa"),
    timestamp: micros(1),
    timeOrigin: "event",
    ingested: micros(1),
    pack,
    fields: Object.fromEntries(Object.entries(fields).filter(([name]) => name !== "pack")),
    raw: new Uint8Array(),
  };
}

function sigmaNamed(value: object): Event {
  const text = JSON.stringify(value);
  const event = readSigmaEvent({ text, origin: ORIGIN, ordinal: 1, pack: "", now: micros(1) });
  if (event === undefined) throw new Error(`no event: ${text}`);
  return event;
}

function isMatch(logsource: Logsource, selection: object | readonly string[], event: Event): boolean {
  const text = JSON.stringify({
    title: "t",
    id: "11111111-1111-4111-8111-111111111111",
    logsource,
    detection: { sel: selection, condition: "sel" },
  });
  const [rule] = loadRuleSet([{ path: "r.yml", text }]).eventRules;
  if (rule === undefined) throw new Error(`no rule: ${text}`);
  return rule.logsource.admits(factsOf(event)) && rule.matcher.test(new Subject(event));
}

interface Row {
  readonly of: Logsource;
  readonly rule: object | readonly string[];
  /** Under `pack` the pack that read it. */
  readonly ours: EventFields;
  readonly sigma: object;
  /** What makes our event a near product's. */
  readonly near: EventFields;
}

const win = (category: string): Logsource => ({ product: "windows", category });
const of = (product: string, service: string): Logsource => ({ product, service });
const app = (product: string): Logsource => ({ product, category: "application" });
const SYSMON = "Microsoft-Windows-Sysmon/Operational";
const LINUX_SYSMON = "Linux-Sysmon/Operational";
const NEAR_DATASET = { "event.dataset": "other.log" };
const KERNEL_FILE = "Microsoft-Windows-Kernel-File";

const ENDPOINTS: readonly Row[] = [
  {
    of: win("process_creation"),
    rule: { "Image|endswith": "\\a.exe" },
    ours: {
      "winlog.channel": "Security",
      "event.code": "4688",
      "winlog.event_data.NewProcessName": "C:\\a.exe",
    },
    sigma: { Channel: "Security", EventID: 4688, NewProcessName: "C:\\a.exe" },
    near: { "winlog.channel": LINUX_SYSMON },
  },
  {
    of: win("registry_set"),
    rule: { "TargetObject|contains": "\\Run\\", Details: "x" },
    ours: {
      "winlog.channel": SYSMON,
      "event.code": "13",
      "registry.path": "HKLM\\Run\\x",
      "winlog.event_data.Details": "x",
    },
    sigma: { Channel: SYSMON, EventID: 13, TargetObject: "HKLM\\Run\\x", Details: "x" },
    near: { "event.code": "12" },
  },
  {
    of: win("network_connection"),
    rule: { Initiated: "true", DestinationPort: 4444 },
    ours: {
      "winlog.channel": SYSMON,
      "event.code": "3",
      "winlog.event_data.Initiated": true,
      "destination.port": 4444,
    },
    sigma: { Channel: SYSMON, EventID: 3, Initiated: "true", DestinationPort: "4444" },
    near: { "winlog.channel": LINUX_SYSMON },
  },
  {
    of: of("windows", "security"),
    rule: { EventID: 4624, LogonType: 10 },
    ours: { "winlog.channel": "Security", "event.code": "4624", "winlog.event_data.LogonType": "10" },
    sigma: { Channel: "Security", EventID: "4624", LogonType: 10 },
    near: { "winlog.channel": "System" },
  },
  {
    of: win("file_access"),
    rule: { "FileName|endswith": "Login Data", "Image|endswith": "\\a.exe" },
    ours: {
      "winlog.channel": "Security",
      "event.code": "4663",
      "winlog.event_data.ObjectName": "C:\\Login Data",
      "winlog.event_data.ProcessName": "C:\\a.exe",
    },
    sigma: { Provider_Name: KERNEL_FILE, EventID: 12, FileName: "C:\\Login Data", Image: "C:\\a.exe" },
    near: { "event.code": "4656" },
  },
  {
    of: win("file_rename"),
    rule: { "TargetFilename|endswith": ".locked" },
    ours: { "winlog.provider_name": KERNEL_FILE, "event.code": "27", "file.path": "C:\\a.locked" },
    sigma: { Provider_Name: KERNEL_FILE, EventID: 27, TargetFilename: "C:\\a.locked" },
    near: { "event.code": "12" },
  },
  {
    of: { category: "antivirus" },
    rule: { "Signature|startswith": "HackTool" },
    ours: { "event.category": ["malware"], "rule.name": "HackTool.X" },
    sigma: {
      Channel: "Microsoft-Windows-Windows Defender/Operational",
      EventID: 1116,
      ThreatName: "HackTool.X",
    },
    near: { "event.category": ["network"] },
  },
  {
    of: { product: "linux", category: "process_creation" },
    rule: { "Image|endswith": "/curl", LogonId: 0 },
    ours: {
      "host.os.type": "linux",
      "event.category": ["process"],
      "event.type": ["start"],
      "process.executable": "/usr/bin/curl",
      "winlog.event_data.LogonId": "0",
    },
    sigma: {
      logsource: { product: "linux", category: "process_creation" },
      Image: "/usr/bin/curl",
      LogonId: 0,
    },
    near: { "host.os.type": "macos" },
  },
  {
    of: { product: "linux", category: "network_connection" },
    rule: { Initiated: "true", "DestinationHostname|endswith": ".example" },
    ours: {
      "host.os.type": "linux",
      "event.category": ["network"],
      "network.direction": "egress",
      "destination.domain": "a.example",
    },
    sigma: {
      logsource: { product: "linux", category: "network_connection" },
      Initiated: true,
      DestinationHostname: "a.example",
    },
    near: { "network.direction": "ingress" },
  },
  {
    of: { product: "linux", category: "file_event" },
    rule: { "TargetFilename|startswith": "/etc/cron.d/" },
    ours: { "host.os.type": "linux", "event.category": ["file"], "file.path": "/etc/cron.d/x" },
    sigma: { logsource: { product: "linux", category: "file_event" }, TargetFilename: "/etc/cron.d/x" },
    near: { "event.category": ["process"] },
  },
  {
    of: { product: "macos", category: "process_creation" },
    rule: { "CommandLine|contains": "osascript" },
    ours: {
      "host.os.type": "macos",
      "event.category": ["process"],
      "event.type": ["start"],
      "process.command_line": "osascript -e x",
    },
    sigma: { logsource: { product: "macos", category: "process_creation" }, CommandLine: "osascript -e x" },
    near: { "host.os.type": "linux" },
  },
  {
    of: { product: "macos", category: "file_event" },
    rule: { "TargetFilename|endswith": ".plist" },
    ours: { "host.os.type": "macos", "event.category": ["file"], "file.path": "/Library/x.plist" },
    sigma: { logsource: { product: "macos", category: "file_event" }, TargetFilename: "/Library/x.plist" },
    near: { "host.os.type": "linux" },
  },
  {
    of: of("linux", "auditd"),
    rule: { type: "EXECVE", a0: "cat", a1: "/etc/shadow" },
    ours: {
      "event.dataset": "auditd.log",
      "auditd.log.record_type": "EXECVE",
      "auditd.log.a0": "cat",
      "auditd.log.a1": "/etc/shadow",
    },
    sigma: { type: "EXECVE", a0: "cat", a1: "/etc/shadow" },
    near: NEAR_DATASET,
  },
  {
    of: of("linux", "auditd"),
    rule: { type: "SYSCALL", SYSCALL: "personality", exe: "/bin/x", euid: 33 },
    ours: {
      "event.module": "auditd_manager",
      "auditd.message_type": "syscall",
      "auditd.data.syscall": "personality",
      "process.executable": "/bin/x",
      "user.effective.id": "33",
    },
    sigma: { type: "SYSCALL", SYSCALL: "personality", exe: "/bin/x", euid: "33" },
    near: { "event.module": "osquery" },
  },
  {
    of: of("linux", "sysmon"),
    rule: { "Image|endswith": "/curl" },
    ours: { "winlog.channel": LINUX_SYSMON, "event.code": "1", "winlog.event_data.Image": "/usr/bin/curl" },
    sigma: { Channel: LINUX_SYSMON, EventID: 1, Image: "/usr/bin/curl" },
    near: { "winlog.channel": SYSMON },
  },
  {
    of: of("linux", "sudo"),
    rule: { "USER|startswith": "#-" },
    ours: { "log.syslog.appname": "sudo", "user.effective.name": "#-1" },
    sigma: { logsource: { product: "linux", service: "sudo" }, USER: "#-1" },
    near: { "log.syslog.appname": "su" },
  },
  ...(
    [
      ["sshd", "sshd"],
      ["cron", "crond"],
      ["vsftpd", "vsftpd"],
      ["clamav", "clamd"],
      ["guacamole", "guacd"],
      ["auth", "pkexec"],
      ["syslog", "named"],
    ] as const
  ).map(([service, program]): Row => ({
    of: of("linux", service),
    rule: ["telling words"],
    ours: { "log.syslog.appname": program, message: "some telling words" },
    sigma: { logsource: { product: "linux", service }, message: "some telling words" },
    near: { "log.syslog.appname": "nginx" },
  })),
];

const NETWORKS: readonly Row[] = [
  {
    of: { category: "webserver" },
    rule: { "cs-uri-query|contains": "jndi", "sc-status": 200 },
    ours: {
      "event.category": ["web"],
      "event.type": ["access"],
      "url.query": "jndi",
      "http.response.status_code": 200,
    },
    sigma: { logsource: { category: "webserver" }, "cs-uri-query": "jndi", "sc-status": "200" },
    near: { "observer.type": "proxy" },
  },
  {
    of: { category: "proxy" },
    rule: { "c-useragent": "X", "cs-host|endswith": ".example" },
    ours: { "observer.type": "proxy", "user_agent.original": "X", "url.domain": "a.example" },
    sigma: { logsource: { category: "proxy" }, "c-useragent": "X", "cs-host": "a.example" },
    near: { "observer.type": "firewall" },
  },
  {
    of: { category: "firewall" },
    rule: { action: "accept", dst_port: 23 },
    ours: {
      "event.category": ["network"],
      "event.type": ["allowed"],
      "event.action": "allow",
      "destination.port": 23,
    },
    sigma: { logsource: { category: "firewall" }, action: "accept", dst_port: "23" },
    near: { "event.action": "deny" },
  },
  {
    of: { category: "dns" },
    rule: { "query|endswith": ".example", record_type: "TXT" },
    ours: { "dns.question.name": "a.example", "dns.question.type": "TXT" },
    sigma: { logsource: { category: "dns" }, query: "a.example", record_type: "TXT" },
    near: { "dns.question.type": "A" },
  },
  {
    of: { service: "netflow" },
    rule: { "destination.port": 23 },
    ours: { "event.dataset": "netflow.log", "destination.port": 23 },
    sigma: { logsource: { service: "netflow" }, "destination.port": 23 },
    near: NEAR_DATASET,
  },
  {
    of: { category: "database" },
    rule: ["drop table"],
    ours: { "event.category": ["database"], "mysql.query": "drop table x" },
    sigma: { logsource: { category: "database" }, query: "drop table x" },
    near: { "event.category": ["web"] },
  },
  {
    of: { category: "configuration" },
    rule: { "event.action": "seen" },
    ours: { "event.category": ["configuration"], "event.action": "seen" },
    sigma: { logsource: { category: "configuration" }, "event.action": "seen" },
    near: { "event.category": ["web"] },
  },
  {
    of: { category: "file" },
    rule: { "event.action": "seen" },
    ours: { "event.category": ["file"], "event.action": "seen" },
    sigma: { logsource: { category: "file" }, "event.action": "seen" },
    near: { "event.category": ["process"] },
  },
  {
    of: { category: "iam" },
    rule: { "event.action": "seen" },
    ours: { "event.category": ["iam"], "event.action": "seen" },
    sigma: { logsource: { category: "iam" }, "event.action": "seen" },
    near: { "event.category": ["authentication"] },
  },
  {
    of: { category: "intrusion_detection" },
    rule: { "event.action": "seen" },
    ours: { "event.category": ["intrusion_detection"], "event.action": "seen" },
    sigma: { logsource: { category: "intrusion_detection" }, "event.action": "seen" },
    near: { "event.category": ["network"] },
  },
  {
    of: { category: "network" },
    rule: { "event.action": "seen" },
    ours: { "event.category": ["network"], "event.action": "seen" },
    sigma: { logsource: { category: "network" }, "event.action": "seen" },
    near: { "event.category": ["web"] },
  },
  {
    of: { category: "email" },
    rule: { "event.action": "seen" },
    ours: { "event.category": ["email"], "event.action": "seen" },
    sigma: { logsource: { category: "email" }, "event.action": "seen" },
    near: { "event.category": ["web"] },
  },
  {
    of: { category: "any" },
    rule: { "event.action": "seen" },
    ours: { "event.category": ["web"], "event.action": "seen" },
    sigma: { logsource: { category: "any" }, "event.action": "seen" },
    near: { "event.action": "unseen" },
  },
  {
    of: { product: "tyto", service: "audit" },
    rule: { "event.action": "role-changed" },
    ours: { "event.module": "tyto", "event.dataset": "tyto.audit", "event.action": "role-changed" },
    sigma: { logsource: { product: "tyto", service: "audit" }, "event.action": "role-changed" },
    near: { "event.module": "tyto", "event.dataset": "tyto.log" },
  },
  {
    of: { product: "tyto", service: "health" },
    rule: { "event.action": "alarm-raised" },
    ours: { "event.module": "tyto", "event.dataset": "tyto.health", "event.action": "alarm-raised" },
    sigma: { logsource: { product: "tyto", service: "health" }, "event.action": "alarm-raised" },
    near: { "event.module": "tyto", "event.dataset": "tyto.audit" },
  },
  {
    of: { product: "tyto", service: "canary" },
    rule: { "event.action": "canary" },
    ours: { "event.module": "tyto", "event.dataset": "tyto.canary", "event.action": "canary" },
    sigma: { logsource: { product: "tyto", service: "canary" }, "event.action": "canary" },
    near: { "event.module": "tyto", "event.dataset": "tyto.audit" },
  },
  {
    of: { product: "tyto", service: "log" },
    rule: { "event.action": "logged" },
    ours: { "event.module": "tyto", "event.dataset": "tyto.log", "event.action": "logged" },
    sigma: { logsource: { product: "tyto", service: "log" }, "event.action": "logged" },
    near: { "event.module": "tyto", "event.dataset": "tyto.audit" },
  },
  {
    of: { category: "authentication" },
    rule: { "event.outcome": "failure" },
    ours: { "event.category": ["authentication"], "event.outcome": "failure" },
    sigma: { logsource: { category: "authentication" }, "event.outcome": "failure" },
    near: { "event.category": ["iam"] },
  },
  ...(["nginx", "apache"] as const).map((service): Row => ({
    of: { service },
    rule: ["exit signal"],
    ours: { pack: `${service}-x/error`, message: "exit signal 11" },
    sigma: { logsource: { service }, message: "exit signal 11" },
    near: { pack: "caddy/error" },
  })),
  {
    of: of("zeek", "dns"),
    rule: { query: "a.example", "id.resp_p": 137, rejected: "true", qtype_name: "NS" },
    ours: {
      "event.dataset": "zeek.dns",
      "zeek.dns.query": "a.example",
      "destination.port": 137,
      "zeek.dns.rejected": true,
      "dns.question.type": "NS",
    },
    sigma: { _path: "dns", query: "a.example", "id.resp_p": 137, rejected: true, qtype_name: "NS" },
    near: { "event.dataset": "zeek.http" },
  },
  {
    of: of("zeek", "http"),
    rule: { method: "POST", "c-uri|contains": "webdav", status_code: 200, request_body_len: 0 },
    ours: {
      "event.dataset": "zeek.http",
      "http.request.method": "POST",
      "url.original": "/webdav",
      "http.response.status_code": 200,
      "http.request.body.bytes": 0,
    },
    sigma: { _path: "http", method: "POST", uri: "/webdav", status_code: 200, request_body_len: 0 },
    near: { "event.dataset": "zeek.dns" },
  },
  {
    of: of("zeek", "dce_rpc"),
    rule: { endpoint: "svcctl", operation: "CreateServiceW" },
    ours: {
      "event.dataset": "zeek.dce_rpc",
      "zeek.dce_rpc.endpoint": "svcctl",
      "event.action": "CreateServiceW",
    },
    sigma: { _path: "dce_rpc", endpoint: "svcctl", operation: "CreateServiceW" },
    near: { "event.dataset": "zeek.smb_cmd" },
  },
  {
    of: of("zeek", "kerberos"),
    rule: { request_type: "TGS", cipher: "rc4-hmac" },
    ours: { "event.dataset": "zeek.kerberos", "event.action": "TGS", "zeek.kerberos.cipher": "rc4-hmac" },
    sigma: { _path: "kerberos", request_type: "TGS", cipher: "rc4-hmac" },
    near: { "event.dataset": "zeek.ntlm" },
  },
  {
    of: of("zeek", "rdp"),
    rule: { "id.orig_h|cidr": "10.0.0.0/8" },
    ours: { "event.dataset": "zeek.rdp", "source.ip": "10.1.2.3" },
    sigma: { _path: "rdp", "id.orig_h": "10.1.2.3" },
    near: { "event.dataset": "zeek.rfb" },
  },
  {
    of: of("zeek", "smb_files"),
    rule: { "path|endswith": "IPC$", name: "atsvc" },
    ours: { "event.dataset": "zeek.smb_files", "zeek.smb_files.path": "\\\\h\\IPC$", "file.name": "atsvc" },
    sigma: { _path: "smb_files", path: "\\\\h\\IPC$", name: "atsvc" },
    near: { "event.dataset": "zeek.smb_mapping" },
  },
  {
    of: of("zeek", "x509"),
    rule: { "certificate.serial": "8BB00EE" },
    ours: { "event.dataset": "zeek.x509", "file.x509.serial_number": "8BB00EE" },
    sigma: { _path: "x509", certificate: { serial: "8BB00EE" } },
    near: { "event.dataset": "zeek.ssl" },
  },
  ...(
    [
      ["cisco", "aaa", "cisco-ios/main"],
      ["cisco", "bgp", "cisco-ios/main"],
      ["cisco", "ldp", "cisco-ios/main"],
      ["cisco", "syslog", "cisco-ios/main"],
      ["juniper", "bgp", "juniper-junos/main"],
      ["huawei", "bgp", "huawei-vrp/main"],
      ["fortios", "sslvpnd", "fortinet-fortigate/main"],
      ["paloalto", "globalprotect", "panw-panos/main"],
    ] as const
  ).map(([product, service, pack]): Row => ({
    of: of(product, service),
    rule: ["telling words"],
    ours: { pack, message: "some telling words" },
    sigma: { logsource: { product, service }, message: "some telling words" },
    near: { pack: "cisco-asa/main" },
  })),
  {
    of: { product: "paloalto", category: "file_event", service: "globalprotect" },
    rule: { "TargetFilename|contains": "device_telemetry" },
    ours: { pack: "panw-panos/main", "event.category": ["file"], "file.path": "/opt/device_telemetry/x" },
    sigma: {
      logsource: { product: "paloalto", category: "file_event", service: "globalprotect" },
      TargetFilename: "/opt/device_telemetry/x",
    },
    near: { "event.category": ["network"] },
  },
  {
    of: { product: "paloalto", category: "appliance", service: "globalprotect" },
    rule: ["failed to unmarshal session"],
    ours: { pack: "panw-panos/main", message: "failed to unmarshal session(../x)" },
    sigma: {
      logsource: { product: "paloalto", category: "appliance", service: "globalprotect" },
      message: "failed to unmarshal session(../x)",
    },
    near: { pack: "paloma/main" },
  },
  {
    of: of("fortigate", "event"),
    rule: { action: "Add", cfgpath: "system.admin" },
    ours: {
      "event.dataset": "fortinet_fortigate.log",
      "fortinet.firewall.action": "Add",
      "fortinet.firewall.cfgpath": "system.admin",
    },
    sigma: { devid: "FG1", logid: "0100044547", action: "Add", cfgpath: "system.admin" },
    near: { "event.dataset": "fortinet_fortimail.log" },
  },
];

const CLOUDS: readonly Row[] = [
  {
    of: of("aws", "cloudtrail"),
    rule: { eventName: "PutBucketPolicy", "requestParameters|contains": "Principal" },
    ours: {
      "event.dataset": "aws.cloudtrail",
      "event.action": "PutBucketPolicy",
      "aws.cloudtrail.flattened.request_parameters.policy.Principal": "*",
    },
    sigma: {
      eventName: "PutBucketPolicy",
      eventSource: "s3.amazonaws.com",
      requestParameters: { policy: { Principal: "*" } },
    },
    near: { "event.dataset": "aws.vpcflow" },
  },
  {
    of: of("azure", "activitylogs"),
    rule: { operationName: "Microsoft.Compute/snapshots/write", ResourceId: "/subscriptions/1" },
    ours: {
      "event.dataset": "azure.activitylogs",
      "event.action": "MICROSOFT.COMPUTE/SNAPSHOTS/WRITE",
      "azure.resource.id": "/SUBSCRIPTIONS/1",
    },
    sigma: { operationName: "MICROSOFT.COMPUTE/SNAPSHOTS/WRITE", resourceId: "/subscriptions/1" },
    near: { "event.dataset": "azure.platformlogs" },
  },
  {
    of: of("azure", "auditlogs"),
    rule: {
      Category: "RoleManagement",
      OperationName: "Add member to role",
      "TargetResources|contains": "62e90394",
    },
    ours: {
      "event.dataset": "azure.auditlogs",
      "azure.auditlogs.category": "AuditLogs",
      "azure.auditlogs.properties.category": "RoleManagement",
      "event.action": "Add member to role",
      "azure.auditlogs.properties.target_resources.0.id": "62e90394",
    },
    sigma: {
      category: "AuditLogs",
      operationName: "Add member to role",
      properties: { category: "RoleManagement", targetResources: [{ id: "62e90394" }] },
    },
    near: { "event.dataset": "azure.signinlogs" },
  },
  {
    of: of("azure", "signinlogs"),
    rule: { ResultType: 50053, Status: "failure", AuthenticationRequirement: "singleFactorAuthentication" },
    ours: {
      "event.dataset": "azure.signinlogs",
      "azure.signinlogs.result_type": "50053",
      "event.outcome": "failure",
      "azure.signinlogs.properties.authentication_requirement": "singleFactorAuthentication",
    },
    sigma: {
      category: "SignInLogs",
      operationName: "Sign-in activity",
      resultType: "50053",
      Status: "Failure",
      properties: { authenticationRequirement: "singleFactorAuthentication" },
    },
    near: { "event.dataset": "azure.auditlogs" },
  },
  {
    of: of("azure", "signinlogs"),
    rule: { "properties.message": "Device Code" },
    ours: {
      "event.dataset": "azure.signinlogs",
      "azure.signinlogs.properties.authentication_protocol": "deviceCode",
    },
    sigma: { category: "SignInLogs", operationName: "x", properties: { message: "Device Code" } },
    near: { "azure.signinlogs.properties.authentication_protocol": "none" },
  },
  ...(["riskdetection", "pim"] as const).map((service): Row => ({
    of: of("azure", service),
    rule: { riskEventType: "anonymizedIPAddress" },
    ours: {
      "event.dataset": "azure.identity_protection",
      "azure.identityprotection.properties.risk_event_type": "anonymizedIPAddress",
    },
    sigma: { riskEventType: "anonymizedIPAddress" },
    near: { "event.dataset": "azure.signinlogs" },
  })),
  {
    of: of("m365", "audit"),
    rule: { Operation: "New-InboxRule", "Parameters|contains": "ForwardTo" },
    ours: {
      "event.dataset": "o365.audit",
      "event.action": "New-InboxRule",
      "o365.audit.Parameters.ForwardTo": "a@b.example",
    },
    sigma: {
      Operation: "New-InboxRule",
      Workload: "Exchange",
      Parameters: [{ Name: "ForwardTo", Value: "a@b.example" }],
    },
    near: { "event.dataset": "azure.auditlogs" },
  },
  ...(
    [
      ["exchange", "Exchange", "event.action"],
      ["threat_management", "SecurityComplianceCenter", "o365.audit.Name"],
      ["threat_detection", "SecurityComplianceCenter", "o365.audit.Name"],
    ] as const
  ).map(([service, source, field]): Row => ({
    of: of("m365", service),
    rule: { eventSource: source, eventName: "Unusual things", status: "success" },
    ours: {
      "event.dataset": "o365.audit",
      "event.provider": source,
      [field]: "Unusual things",
      "event.outcome": "success",
    },
    sigma: { eventSource: source, eventName: "Unusual things", status: "success" },
    near: { "event.provider": "SharePoint" },
  })),
  {
    of: of("gcp", "gcp.audit"),
    rule: { "gcp.audit.method_name|endswith": ".serviceAccounts.create" },
    ours: { "event.dataset": "gcp.audit", "event.action": "google.iam.admin.v1.serviceAccounts.create" },
    sigma: { protoPayload: { methodName: "google.iam.admin.v1.serviceAccounts.create" } },
    near: { "event.dataset": "gcp.dns" },
  },
  {
    of: of("gcp", "gcp.audit"),
    rule: {
      "data.protoPayload.serviceName": "accesscontextmanager.googleapis.com",
      "data.protoPayload.authorizationInfo.granted": "true",
    },
    ours: {
      "event.dataset": "gcp.audit",
      "service.name": "accesscontextmanager.googleapis.com",
      "gcp.audit.authorization_info": [{ granted: true }],
    },
    sigma: {
      data: {
        protoPayload: {
          serviceName: "accesscontextmanager.googleapis.com",
          authorizationInfo: [{ granted: true }],
        },
      },
    },
    near: { "event.dataset": "aws.cloudtrail" },
  },
  {
    of: of("gcp", "google_workspace.admin"),
    rule: { eventService: "admin.googleapis.com", eventName: "DELETE_ROLE" },
    ours: {
      "event.dataset": "google_workspace.admin",
      "event.provider": "admin",
      "event.action": "DELETE_ROLE",
    },
    sigma: { eventService: "admin.googleapis.com", eventName: "DELETE_ROLE" },
    near: { "event.dataset": "google_workspace.drive" },
  },
  {
    of: of("gcp", "google_workspace.login"),
    rule: {
      "protoPayload.serviceName": "login.googleapis.com",
      "protoPayload.metadata.event.eventName": "suspicious_login",
    },
    ours: {
      "event.dataset": "google_workspace.login",
      "event.provider": "login",
      "event.action": "suspicious_login",
    },
    sigma: {
      protoPayload: {
        serviceName: "login.googleapis.com",
        metadata: { event: [{ eventName: "suspicious_login" }] },
      },
    },
    near: { "event.dataset": "google_workspace.saml" },
  },
  {
    of: of("okta", "okta"),
    rule: { eventType: "user.session.start", "debugContext.debugData.behaviors|contains": "POSITIVE" },
    ours: {
      "event.dataset": "okta.system",
      "event.action": "user.session.start",
      "okta.debug_context.debug_data.flattened.behaviors.New IP": "POSITIVE",
    },
    sigma: {
      eventType: "user.session.start",
      displayMessage: "User login to Okta",
      debugContext: { debugData: { behaviors: "{New IP=POSITIVE}" } },
    },
    near: { "event.dataset": "auth0.logs" },
  },
  {
    of: of("onelogin", "onelogin.events"),
    rule: { event_type_id: [3, 532] },
    ours: { "event.dataset": "onelogin.events", "onelogin.events.event_type_id": 532 },
    sigma: { event_type_id: 532, account_id: 7 },
    near: { "event.dataset": "okta.system" },
  },
  {
    of: of("cisco", "duo"),
    rule: { event_type: "authentication", reason: "bypass_user" },
    ours: {
      "event.dataset": "cisco_duo.auth",
      "cisco_duo.auth.event_type": "authentication",
      "event.reason": "bypass_user",
    },
    sigma: { event_type: "authentication", reason: "bypass_user", txid: "1", access_device: {} },
    near: { "event.dataset": "cisco_ise.log" },
  },
  {
    of: of("github", "audit"),
    rule: { action: "org.update_default_repository_permission" },
    ours: { "event.dataset": "github.audit", "event.action": "org.update_default_repository_permission" },
    sigma: { action: "org.update_default_repository_permission", actor: "a", org: "o" },
    near: { "event.dataset": "gitlab.audit" },
  },
  {
    of: of("bitbucket", "audit"),
    rule: { "auditType.category": "Data pipeline", "auditType.action": "Full data export triggered" },
    ours: {
      "event.dataset": "atlassian_bitbucket.audit",
      "bitbucket.audit.type.category": "Data pipeline",
      "bitbucket.audit.type.action": "Full data export triggered",
    },
    sigma: { auditType: { category: "Data pipeline", action: "Full data export triggered" } },
    near: { "event.dataset": "atlassian_jira.audit" },
  },
  {
    of: { product: "kubernetes", category: "application", service: "audit" },
    rule: { verb: "create", "objectRef.resource": "pods", hostPath: "*" },
    ours: {
      "event.dataset": "kubernetes.audit_logs",
      "kubernetes.audit.verb": "create",
      "kubernetes.audit.objectRef.resource": "pods",
      "kubernetes.audit.requestObject.spec.volumes": [{ hostPath: { path: "/" } }],
    },
    sigma: {
      apiVersion: "audit.k8s.io/v1",
      verb: "create",
      objectRef: { resource: "pods" },
      requestObject: { spec: { volumes: [{ hostPath: { path: "/" } }] } },
    },
    near: { "event.dataset": "kubernetes.container_logs" },
  },
  {
    of: of("kubernetes", "audit"),
    rule: { "responseStatus.code": 403, userAgent: "x" },
    ours: {
      "event.dataset": "kubernetes.audit_logs",
      "kubernetes.audit.responseStatus.code": 403,
      "user_agent.original": "x",
    },
    sigma: { apiVersion: "audit.k8s.io/v1", responseStatus: { code: 403 }, userAgent: "x" },
    near: NEAR_DATASET,
  },
];

const PROGRAMS: readonly Row[] = [
  ...(
    [
      ["django", "django"],
      ["jvm", "tomcat"],
      ["nodejs", "nodejs"],
      ["python", "python"],
      ["ruby_on_rails", "rails"],
      ["spring", "spring_boot"],
      ["sql", "postgresql"],
      ["velocity", "velocity"],
    ] as const
  ).map(([product, module]): Row => ({
    of: app(product),
    rule: ["TellingException"],
    ours: { "event.module": module, message: "a TellingException" },
    sigma: { logsource: { product, category: "application" }, message: "a TellingException" },
    near: { "event.module": "kibana" },
  })),
  {
    of: app("opencanary"),
    rule: { logtype: 4002 },
    ours: { "event.dataset": "opencanary.log", "opencanary.logtype": 4002 },
    sigma: { logtype: 4002, node_id: "canary-1" },
    near: NEAR_DATASET,
  },
  {
    of: app("rpc_firewall"),
    rule: { EventLog: "RPCFW", EventID: 3, OpNum: [0, 1] },
    ours: { "winlog.channel": "RPCFW", "event.code": "3", "rpc_firewall.OpNum": "1" },
    sigma: { EventLog: "RPCFW", EventID: 3, OpNum: 1 },
    near: { "winlog.channel": "Security" },
  },
  {
    of: { product: "qualys" },
    rule: { "host.scan.vuln": 10693 },
    ours: { "event.dataset": "qualys_vmdr.asset_host_detection", "vulnerability.id": "10693" },
    sigma: { "host.scan.vuln": 10693 },
    near: { "event.dataset": "tenable_io.vulnerability" },
  },
];

const ALL: readonly Row[] = [...ENDPOINTS, ...NETWORKS, ...CLOUDS, ...PROGRAMS];

describe("rules of each logsource", () => {
  it.each(ALL.map((row) => [`${JSON.stringify(row.of)} ${JSON.stringify(row.rule)}`, row] as const))(
    "%s match our event and the vendor's, and no near product's",
    (_, { of: logsource, rule, ours: fields, sigma, near }) => {
      expect(isMatch(logsource, rule, ours(fields))).toBe(true);
      expect(isMatch(logsource, rule, sigmaNamed(sigma))).toBe(true);
      expect(isMatch(logsource, rule, ours({ ...fields, ...near }))).toBe(false);
    },
  );

  it("take no vendor's event for another's", () => {
    const shapes = ALL.filter(({ sigma }) => !("logsource" in sigma));
    const crossed = shapes.flatMap(({ of: own, sigma }) => {
      const facts = factsOf(sigmaNamed(sigma));
      return LOGSOURCE_TABLES.flatMap(({ products }) => products)
        .filter(({ product }) => product !== own.product)
        .filter(({ product }) => resolveLogsource({ product }).admits(facts))
        .map(({ product }) => `${own.product ?? own.category ?? ""} as ${product}`);
    });
    // Defender is both, and FortiOS is what runs on a FortiGate.
    expect([...new Set(crossed)]).toEqual(["antivirus as windows", "fortigate as fortios"]);
  });

  it("have every category and service of the map tried here", () => {
    const tried = new Set(
      ALL.flatMap(({ of: { product, category, service } }) => [
        `${product ?? ""} category ${category ?? ""}`,
        `${product ?? ""} service ${service ?? ""}`,
      ]),
    );
    const untried = LOGSOURCE_TABLES.flatMap(({ rows }) => rows)
      .filter(({ product }) => product !== "windows")
      .map(({ product, category, service }) =>
        category === undefined
          ? `${product ?? ""} service ${service ?? ""}`
          : `${product ?? ""} category ${category}`,
      )
      .filter((name) => !tried.has(name));
    expect(untried).toEqual([
      // Same code as what is tried; no rule of SigmaHQ asks for them.
      "macos category network_connection",
      "zeek service conn",
      "zeek service files",
      "zeek service smb_mapping",
      "zeek service ssl",
    ]);
  });
});

describe("the names on the right", () => {
  it("are ECS's own where they begin like ECS", () => {
    const names = LOGSOURCE_TABLES.flatMap(({ products, rows }) =>
      [...products, ...rows].flatMap(({ fields }) => Object.values(fields ?? {}).flat()),
    );
    const invented = names.filter(
      (name) => ECS_ROOTS.has(name.split(".")[0] ?? "") && name.includes(".") && !FIELDS.has(name),
    );
    expect([...new Set(invented)]).toEqual([]);
  });
});
