import { describe, expect, it } from "vitest";
import { eventId, micros, sequence, sourceId } from "@tyto/domain";
import type { Event, EventFields, OriginId } from "@tyto/domain";
import type { Logsource } from "../sigma/rule.ts";
import { factsOf } from "./facts.ts";
import { resolveLogsource } from "./logsource-map.ts";

function event(fields: EventFields, pack = "unknown"): Event {
  return {
    id: eventId("00000000000000aa" as OriginId, 1),
    sequence: sequence(1),
    source: sourceId("00000000000000aa"),
    timestamp: micros(1),
    timeOrigin: "event",
    ingested: micros(1),
    pack,
    fields,
    raw: new Uint8Array(),
  };
}

const SYSMON_1 = event({ Channel: "Microsoft-Windows-Sysmon/Operational", EventID: 1 });
const SECURITY_4688 = event({ "winlog.channel": "Security", "event.code": "4688" }, "windows-security");
const SECURITY_4624 = event(
  { "winlog.channel": "Security", "event.code": "4624", "event.category": ["authentication"] },
  "windows-security",
);
const KEY_CREATED = event({
  Channel: "Microsoft-Windows-Sysmon/Operational",
  EventID: 12,
  EventType: "CreateKey",
});
const SSHD = event(
  { "log.syslog.appname": "sshd", "event.category": ["authentication"], "event.module": "linux-auth" },
  "linux-auth/sshd",
);
const NGINX = event({ "event.category": ["web"], "event.type": ["access"] }, "nginx-nginx/access");
const SQUID = event(
  { "event.category": ["web"], "event.type": ["access"], "observer.type": "proxy" },
  "squid-squid",
);
const DENIED = event({ "event.category": ["network"], "event.type": ["denied"] }, "cisco-asa");
const CLOUDTRAIL = event({ eventName: "StopLogging", eventSource: "cloudtrail.amazonaws.com" });
const DECLARED = event({ "tyto.logsource.product": "okta", "tyto.logsource.service": "okta" });
const OKTA = event({ "event.module": "okta", "event.dataset": "okta.system" }, "okta/system");
const POSTGRESQL = event({ "event.category": ["database"], "event.type": ["info"] }, "postgresql");
const MIMECAST = event({ "event.module": "mimecast", "event.dataset": "mimecast.siem_logs" }, "mimecast");
const TRACE = event({ "event.dataset": "microsoft_exchange_online_message_trace.log" });
const TYTO = event(
  { "event.module": "tyto", "event.dataset": "tyto.audit", "event.category": ["iam"] },
  "tyto",
);
const KEYCLOAK = event(
  { "event.module": "keycloak", "event.dataset": "keycloak.log" },
  "keycloak-keycloak/log",
);
const ALL = {
  SYSMON_1,
  SECURITY_4688,
  SECURITY_4624,
  KEY_CREATED,
  SSHD,
  NGINX,
  SQUID,
  DENIED,
  CLOUDTRAIL,
  DECLARED,
  OKTA,
  POSTGRESQL,
  MIMECAST,
  TRACE,
  TYTO,
  KEYCLOAK,
};

const ROWS: readonly (readonly [Logsource, readonly (keyof typeof ALL)[]])[] = [
  [{ product: "windows" }, ["SYSMON_1", "SECURITY_4688", "SECURITY_4624", "KEY_CREATED"]],
  [{ product: "windows", category: "process_creation" }, ["SYSMON_1", "SECURITY_4688"]],
  [{ category: "process_creation" }, ["SYSMON_1", "SECURITY_4688"]],
  [{ product: "windows", service: "sysmon" }, ["SYSMON_1", "KEY_CREATED"]],
  [{ product: "windows", service: "security" }, ["SECURITY_4688", "SECURITY_4624"]],
  [{ product: "windows", category: "registry_add" }, ["KEY_CREATED"]],
  [{ product: "windows", category: "registry_delete" }, []],
  [{ product: "windows", category: "registry_event" }, ["KEY_CREATED"]],
  [{ product: "linux" }, ["SSHD"]],
  [{ product: "linux", service: "sshd" }, ["SSHD"]],
  [{ product: "linux", service: "sudo" }, []],
  [{ product: "linux", category: "process_creation" }, []],
  [{ category: "webserver" }, ["NGINX"]],
  [{ service: "nginx" }, ["NGINX"]],
  [{ service: "apache" }, []],
  [{ category: "proxy" }, ["SQUID"]],
  [{ category: "firewall" }, ["DENIED"]],
  [{ category: "authentication" }, ["SECURITY_4624", "SSHD"]],
  [{ category: "database" }, ["POSTGRESQL"]],
  [{ category: "network" }, ["DENIED"]],
  [{ category: "email" }, ["MIMECAST", "TRACE"]],
  [{ product: "aws", service: "cloudtrail" }, ["CLOUDTRAIL"]],
  [{ product: "okta", service: "okta" }, ["DECLARED"]],
  [{ product: "okta" }, ["DECLARED", "OKTA"]],
  [{ product: "tyto", service: "audit" }, ["TYTO"]],
  [{ product: "keycloak" }, ["KEYCLOAK"]],
  [{ product: "unheard-of" }, []],
];

describe("the logsource gate", () => {
  it.each(ROWS)("admits to %j only its own events", (logsource, expected) => {
    const gate = resolveLogsource(logsource);
    const admitted = Object.entries(ALL).filter(([, one]) => gate.admits(factsOf(one)));
    expect(admitted.map(([name]) => name)).toEqual(expected);
  });

  it("says which parts it does not know", () => {
    expect(resolveLogsource({ product: "unheard-of", service: "x" }).unmapped).toEqual([
      "product unheard-of",
      "service x",
    ]);
    expect(resolveLogsource({ product: "windows", category: "process_creation" }).unmapped).toEqual([]);
  });

  it("looks for Sigma's names where our events have them, by exact name at the last", () => {
    const windows = resolveLogsource({ product: "windows", category: "process_creation" });
    expect(windows.candidates("Image")).toEqual([
      "winlog.event_data.Image",
      "winlog.event_data.NewProcessName",
      "process.executable",
      "Image",
      "NewProcessName",
      "winlog.user_data.Image",
    ]);
    expect(windows.candidates("EventID")[0]).toBe("event.code");
    expect(resolveLogsource({ category: "authentication" }).candidates("source.ip")[0]).toBe("source.ip");
  });
});
