import {
  eventId,
  micros,
  originId,
  parseRfc3339,
  sequence,
  sourceId,
  type Event,
  type EventFields,
} from "@tyto/domain";

/** What "now" is for every case. */
export const NOW = micros(parseRfc3339("2026-03-10T12:00:00Z") ?? 0);

const ORIGIN = originId("00000000000000a1");

interface Sample {
  readonly at: string;
  readonly raw: string;
  readonly fields: EventFields;
}

const SSH = {
  "event.category": ["authentication"],
  "event.type": ["start"],
  "process.name": "sshd",
  "host.name": "web-01",
};

/** Twelve small events; the ordinal, from 1, names them in the cases. */
const SAMPLES: readonly Sample[] = [
  {
    at: "11:00:00",
    raw: "Mar 10 11:00:00 web-01 sshd[811]: Failed password for root from 203.0.113.77 port 50112 ssh2",
    fields: {
      ...SSH,
      "event.action": "ssh_login",
      "event.outcome": "failure",
      "user.name": "root",
      "source.ip": "203.0.113.77",
      "source.port": 50112,
      message: "Failed password for root from 203.0.113.77 port 50112 ssh2",
    },
  },
  {
    at: "11:00:05",
    raw: "Mar 10 11:00:05 web-01 sshd[811]: Failed password for invalid user Admin from 203.0.113.77 port 50113 ssh2",
    fields: {
      ...SSH,
      "event.action": "ssh_login",
      "event.outcome": "failure",
      "user.name": "Admin",
      "source.ip": "203.0.113.77",
      "source.port": 50113,
      message: "Failed password for invalid user Admin from 203.0.113.77 port 50113 ssh2",
    },
  },
  {
    at: "11:00:10",
    raw: "Mar 10 11:00:10 web-01 sshd[811]: Accepted publickey for deploy from 2001:db8::17 port 40022 ssh2",
    fields: {
      ...SSH,
      "event.action": "ssh_login",
      "event.outcome": "success",
      "user.name": "deploy",
      "source.ip": "2001:db8::17",
      "source.port": 40022,
      message: "Accepted publickey for deploy from 2001:db8::17 port 40022 ssh2",
    },
  },
  {
    at: "11:05:00.250",
    raw: '%ASA-4-106023: Deny tcp src outside:198.51.100.9/4431 dst inside:192.0.2.10/22 by access-group "OUT_IN"',
    fields: {
      "event.category": ["network"],
      "event.type": ["connection", "denied"],
      "event.action": "deny",
      "source.ip": "198.51.100.9",
      "source.port": 4431,
      "destination.ip": "192.0.2.10",
      "destination.port": 22,
      "network.transport": "tcp",
      "observer.vendor": "Cisco",
      "cisco.asa.message_id": "106023",
      "cisco.asa.severity": 4,
    },
  },
  {
    at: "11:05:01",
    raw: "%ASA-6-302013: Built inbound TCP connection 771 for outside:198.51.100.9/4432 to inside:192.0.2.10/443",
    fields: {
      "event.category": ["network"],
      "event.type": ["connection", "allowed"],
      "event.action": "connection-started",
      "source.ip": "198.51.100.9",
      "source.port": 4432,
      "destination.ip": "192.0.2.10",
      "destination.port": 443,
      "network.transport": "tcp",
      "observer.vendor": "Cisco",
      "cisco.asa.message_id": "302013",
      "cisco.asa.severity": 6,
    },
  },
  {
    at: "11:10:00",
    raw: '203.0.113.20 - - [10/Mar/2026:11:10:00 +0000] "GET /shop/%27%20OR%201=1-- HTTP/1.1" 404 153',
    fields: {
      "event.category": ["web"],
      "event.type": ["access"],
      "event.outcome": "failure",
      "source.ip": "203.0.113.20",
      "http.request.method": "GET",
      "http.response.status_code": 404,
      "http.response.body.bytes": 153,
      "url.path": "/shop/' OR 1=1--",
      "user_agent.original": "curl/8.5",
    },
  },
  {
    at: "11:10:02",
    raw: '203.0.113.20 - - [10/Mar/2026:11:10:02 +0000] "POST /login HTTP/1.1" 200 12000000000',
    fields: {
      "event.category": ["web"],
      "event.type": ["access"],
      "event.outcome": "success",
      "source.ip": "203.0.113.20",
      "http.request.method": "POST",
      "http.response.status_code": 200,
      "http.response.body.bytes": 12000000000,
      "url.path": "/login",
    },
  },
  {
    at: "11:20:00",
    raw: '{"EventID":4688,"NewProcessName":"C:\\\\Windows\\\\System32\\\\whoami.exe"}',
    fields: {
      "event.category": ["process"],
      "event.type": ["start"],
      "event.code": "4688",
      "host.name": "PC-7",
      "process.name": "whoami.exe",
      "process.executable": "C:\\Windows\\System32\\whoami.exe",
      "process.command_line": "whoami /all",
      "process.pid": 4711,
      "user.name": "EXAMPLE\\erin",
      "related.user": ["erin", "Erin Example"],
      "related.ip": ["192.0.2.77", "2001:db8::7"],
      "winlog.event_data": { TargetUserName: "erin", Nested: { Level: 3 } },
      "process.thread.id": 99,
    },
  },
  { at: "11:30:00", raw: "no pack understands this: naïve CAFÉ  it's {p0:String} 100% \\ok", fields: {} },
  {
    at: "11:30:01",
    raw: "fail-over finished; 10.0.0.50 took over from 10.0.0.5.",
    fields: { message: "fail-over finished" },
  },
  {
    at: "09:00:00",
    raw: "yesterday's news",
    fields: {
      message: "old",
      "event.action": "deny",
      "destination.ip": "192.0.2.10",
      "destination.port": 22,
    },
  },
  {
    at: "11:59:59.123456",
    raw: "last one",
    fields: { message: "last", "event.severity": 0, "event.duration": 1500000000, "service.name": "ledger" },
  },
];

export const EVENTS: readonly Event[] = SAMPLES.map((sample, index) => ({
  id: eventId(ORIGIN, index + 1),
  sequence: sequence(index + 1),
  source: sourceId(index < 3 ? "00000000000000b1" : "00000000000000b2"),
  timestamp: micros(parseRfc3339(`2026-03-10T${sample.at}Z`) ?? 0),
  timeOrigin: "event",
  ingested: micros((parseRfc3339(`2026-03-10T${sample.at}Z`) ?? 0) + 2_000_000),
  pack: Object.keys(sample.fields).length === 0 ? "unknown" : "sample/log",
  fields: sample.fields,
  raw: Buffer.from(sample.raw),
}));
