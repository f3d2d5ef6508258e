import { eventId, micros, originId, sequence, sourceId } from "@tyto/domain";
import type { Event, FieldValue } from "@tyto/domain";

/** Events of 60 sources in twelve shapes, half of them live, half of them spread over 35 days. Invented, seeded. */

const DAY = 86_400_000_000;
const NEWEST = 1_795_000_000_000_000;
const SOURCES = 60;
const ORIGIN = originId("00000000000000a1");

type Random = () => number;

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Draw {
  readonly int: (below: number) => number;
  readonly hex: (digits: number) => string;
  readonly ip: () => string;
  readonly user: () => string;
  readonly host: () => string;
}

function drawFrom(random: Random): Draw {
  const int = (below: number): number => Math.floor(random() * below);
  const hex = (digits: number): string => Array.from({ length: digits }, () => int(16).toString(16)).join("");
  return {
    int,
    hex,
    ip: () => (int(4) === 0 ? `203.0.113.${int(256)}` : `10.${int(4)}.${int(256)}.${int(256)}`),
    user: () => `user${int(400)}`,
    host: () => `host-${int(120)}`,
  };
}

type Shape = (d: Draw) => { readonly raw: string; readonly fields: Record<string, FieldValue> };

const common = (d: Draw, extra: Record<string, FieldValue>): Record<string, FieldValue> => ({
  "event.kind": "event",
  "related.ip": [extra["source.ip"] ?? d.ip()],
  "host.name": d.host(),
  "observer.vendor": "Example",
  ...extra,
});

const sshd: Shape = (d) => {
  const [ip, user, pid, port] = [d.ip(), d.user(), d.int(60_000), d.int(60_000)];
  const message = `Failed password for ${user} from ${ip} port ${port} ssh2`;
  return {
    raw: `<38>Nov 20 21:31:21 ${d.host()} sshd[${pid}]: ${message}`,
    fields: common(d, {
      message,
      "event.category": ["authentication"],
      "event.type": ["start"],
      "event.action": "ssh_login",
      "event.outcome": "failure",
      "source.ip": ip,
      "source.port": port,
      "user.name": user,
      "related.user": [user],
      "process.name": "sshd",
      "process.pid": pid,
      "log.syslog.priority": 38,
      "log.syslog.facility.code": 4,
      "log.syslog.severity.code": 6,
      "sshd.method": "password",
    }),
  };
};

const web: Shape = (d) => {
  const [ip, path, bytes] = [d.ip(), `/shop/item/${d.int(5_000)}`, d.int(90_000)];
  const agent = `Mozilla/5.0 (X11; Linux x86_64) Example/${d.int(40)}.0`;
  const status = [200, 200, 304, 404, 500][d.int(5)] ?? 200;
  return {
    raw: `${ip} - - [20/Nov/2026:21:31:21 +0000] "GET ${path} HTTP/1.1" ${status} ${bytes} "https://shop.example.com/" "${agent}"`,
    fields: common(d, {
      "event.category": ["web"],
      "event.type": ["access"],
      "event.outcome": status < 400 ? "success" : "failure",
      "source.ip": ip,
      "source.address": ip,
      "http.request.method": "GET",
      "http.response.status_code": status,
      "http.response.body.bytes": bytes,
      "http.version": "1.1",
      "http.request.referrer": "https://shop.example.com/",
      "url.original": path,
      "url.path": path,
      "user_agent.original": agent,
      "user_agent.name": "Example",
      "user_agent.version": `${d.int(40)}.0`,
      "nginx.access.remote_ip_list": [ip],
    }),
  };
};

const firewall: Shape = (d) => {
  const [from, to, sport, dport] = [d.ip(), d.ip(), d.int(65_536), [22, 53, 80, 443, 3389][d.int(5)] ?? 443];
  const message = `Deny tcp src outside:${from}/${sport} dst inside:${to}/${dport} by access-group "outside_in"`;
  return {
    raw: `<164>Nov 20 2026 21:31:21 fw-1 : %ASA-4-106023: ${message} [0x${d.hex(8)}, 0x0]`,
    fields: common(d, {
      message,
      "event.category": ["network"],
      "event.type": ["denied"],
      "event.action": "deny",
      "event.outcome": "failure",
      "event.code": "106023",
      "event.severity": 4,
      "source.ip": from,
      "source.port": sport,
      "source.address": from,
      "destination.ip": to,
      "destination.port": dport,
      "destination.address": to,
      "network.transport": "tcp",
      "network.iana_number": "6",
      "observer.product": "asa",
      "observer.ingress.interface.name": "outside",
      "observer.egress.interface.name": "inside",
      "rule.name": "outside_in",
      "related.ip": [from, to],
      "cisco.asa.message_id": "106023",
      "cisco.asa.rule_name": "outside_in",
      "cisco.asa.source_interface": "outside",
      "cisco.asa.destination_interface": "inside",
    }),
  };
};

const logon: Shape = (d) => {
  const [user, ip, logonId] = [d.user(), d.ip(), `0x${d.hex(7)}`];
  const data: Record<string, string> = {
    SubjectUserSid: "S-1-0-0",
    SubjectUserName: "-",
    SubjectLogonId: "0x0",
    TargetUserSid: `S-1-5-21-${d.int(1e9)}-${d.int(1e9)}`,
    TargetUserName: user,
    TargetDomainName: "EXAMPLE",
    TargetLogonId: logonId,
    LogonType: "3",
    LogonProcessName: "NtLmSsp",
    AuthenticationPackageName: "NTLM",
    WorkstationName: d.host(),
    LogonGuid: `{${d.hex(8)}-${d.hex(4)}-${d.hex(4)}-${d.hex(4)}-${d.hex(12)}}`,
    IpAddress: ip,
    IpPort: String(d.int(65_536)),
    ElevatedToken: "%%1842",
  };
  const flat = Object.entries(data).map(([key, value]) => [`winlog.event_data.${key}`, value] as const);
  return {
    raw: JSON.stringify({
      winlog: { event_id: 4624, channel: "Security", event_data: data },
      host: { name: "dc-1" },
    }),
    fields: common(d, {
      "event.category": ["authentication"],
      "event.type": ["start"],
      "event.action": "logged-in",
      "event.outcome": "success",
      "event.code": "4624",
      "event.provider": "Microsoft-Windows-Security-Auditing",
      "source.ip": ip,
      "user.name": user,
      "user.domain": "EXAMPLE",
      "related.user": [user],
      "winlog.channel": "Security",
      "winlog.event_id": 4624,
      "winlog.record_id": d.int(1e9),
      ...Object.fromEntries(flat),
    }),
  };
};

const process: Shape = (d) => {
  const [user, pid, parent] = [d.user(), d.int(20_000), d.int(20_000)];
  const command = `powershell.exe -NoProfile -File C:\\jobs\\task${d.int(3_000)}.ps1 -Run ${d.hex(6)}`;
  const guid = `{${d.hex(8)}-${d.hex(4)}-${d.hex(4)}-${d.hex(4)}-${d.hex(12)}}`;
  const sha256 = d.hex(64);
  return {
    raw: JSON.stringify({
      EventID: 1,
      Image: "powershell.exe",
      CommandLine: command,
      ProcessGuid: guid,
      User: user,
      Hashes: `SHA256=${sha256}`,
    }),
    fields: common(d, {
      "event.category": ["process"],
      "event.type": ["start"],
      "event.code": "1",
      "event.provider": "Microsoft-Windows-Sysmon",
      "user.name": user,
      "process.pid": pid,
      "process.entity_id": guid,
      "process.name": "powershell.exe",
      "process.executable": "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
      "process.command_line": command,
      "process.args": command.split(" "),
      "process.hash.sha256": sha256,
      "process.parent.name": "svchost.exe",
      "process.parent.pid": parent,
      "process.parent.executable": "C:\\Windows\\System32\\svchost.exe",
      "related.hash": [sha256],
      "winlog.event_data.IntegrityLevel": "Medium",
      "winlog.event_data.TerminalSessionId": "1",
      "winlog.event_data.RuleName": "-",
      "winlog.event_data.LogonGuid": guid,
    }),
  };
};

const cloud: Shape = (d) => {
  const [user, ip, id] = [d.user(), d.ip(), d.hex(32)];
  const request = {
    bucketName: `bucket-${d.int(50)}`,
    Host: "s3.example.com",
    key: `reports/${d.hex(10)}.csv`,
  };
  return {
    raw: JSON.stringify({
      eventVersion: "1.08",
      eventName: "GetObject",
      sourceIPAddress: ip,
      userIdentity: { userName: user, type: "IAMUser" },
      requestParameters: request,
      eventID: id,
    }),
    fields: common(d, {
      "event.category": ["file"],
      "event.type": ["access"],
      "event.action": "GetObject",
      "event.outcome": "success",
      "event.provider": "s3.example.com",
      "event.id": id,
      "source.ip": ip,
      "source.address": ip,
      "user.name": user,
      "cloud.provider": "aws",
      "cloud.account.id": "123456789012",
      "cloud.region": "eu-central-1",
      "user_agent.original": "aws-cli/2.0",
      "aws.cloudtrail.event_version": "1.08",
      "aws.cloudtrail.request_parameters": request,
      "aws.cloudtrail.user_identity.type": "IAMUser",
      "aws.cloudtrail.read_only": true,
      "aws.cloudtrail.additional.bytes_out": d.int(1e6),
    }),
  };
};

const SHAPES: readonly Shape[] = [sshd, web, firewall, logon, process, cloud];

/** @param firstSequence of the batch; ids and sequences run on from it. */
export function trialBatch(random: Random, firstSequence: number, count: number): readonly Event[] {
  const draw = drawFrom(random);
  return Array.from({ length: count }, (_, index) => {
    const source = draw.int(SOURCES);
    const place = firstSequence + index;
    const shape = SHAPES[source % SHAPES.length] ?? sshd;
    const isLive = source % 2 === 0;
    const timestamp = isLive ? NEWEST + place * 50 - draw.int(60_000_000) : NEWEST - draw.int(35 * DAY);
    const { raw, fields } = shape(draw);
    return {
      id: eventId(ORIGIN, place),
      sequence: sequence(place),
      source: sourceId(source.toString(16).padStart(16, "0")),
      timestamp: micros(timestamp),
      timeOrigin: "event",
      ingested: micros(NEWEST + place * 50),
      pack: `shape/${source % SHAPES.length}`,
      fields,
      raw: Buffer.from(raw),
    };
  });
}
