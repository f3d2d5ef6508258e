import { micros } from "@tyto/domain";
import type { EventFields, EventId } from "@tyto/domain";
import { describe, expect, it } from "vitest";
import { CLASS_MAP, CLASSES, toOcsf } from "./index.ts";
import type { ClassDefinition, OcsfObject } from "./index.ts";
import { ocsfComplaints, SCHEMA } from "./testing/validator.ts";

const EVENT = {
  id: "00000000000000aa-7" as EventId,
  timestamp: micros(1_772_186_400_123_456),
  timeOrigin: "event",
  ingested: micros(1_772_186_405_000_000),
  pack: "acme-gate/log",
  raw: new TextEncoder().encode("a line"),
} as const;

function ocsf(fields: EventFields): OcsfObject {
  const event = toOcsf({ ...EVENT, fields });
  expect(ocsfComplaints(event)).toEqual([]);
  return event;
}

const HOST = { "host.name": "web-1", "host.os.type": "linux" };
const MARA = { "user.name": "mara", "user.id": "1001" };
const ENDS = {
  "source.ip": "192.0.2.5",
  "source.port": 51000,
  "destination.ip": "198.51.100.7",
  "destination.port": 22,
};
const of = (category: string, type: string, action?: string): EventFields => ({
  "event.kind": "event",
  "event.category": [category],
  "event.type": [type],
  ...(action === undefined ? {} : { "event.action": action }),
});

const PER_CLASS: readonly (readonly [typeUid: number, fields: EventFields, has: object])[] = [
  [99, { "event.kind": "metric" }, { class_name: "Base Event" }],
  [
    300201,
    {
      ...of("authentication", "start", "login"),
      ...MARA,
      ...ENDS,
      "service.name": "sshd",
      "event.outcome": "failure",
    },
    {
      user: { name: "mara", uid: "1001" },
      service: { name: "sshd" },
      dst_endpoint: { ip: "198.51.100.7", port: 22 },
      status_id: 2,
    },
  ],
  [300201, { ...of("authentication", "info", "ssh_login"), ...MARA }, { activity_name: "Logon" }],
  [300202, { ...of("session", "end"), ...MARA }, { activity_name: "Logoff", service: { name: "gate" } }],
  [
    300101,
    {
      ...of("iam", "creation", "create"),
      "event.type": ["user", "creation"],
      ...MARA,
      "user.target.name": "ben",
    },
    { user: { name: "ben" }, actor: { user: { name: "mara" } } },
  ],
  [
    300103,
    { ...of("iam", "user", "changed-password"), "user.target.name": "ben" },
    { user: { name: "ben" } },
  ],
  [
    300501,
    { ...of("iam", "user", "assign role"), ...MARA, "user.roles": ["admin"] },
    { privileges: ["admin"] },
  ],
  [
    300603,
    {
      ...of("iam", "group", "added-member-to-group"),
      "group.name": "wheel",
      "user.target.name": "ben",
      ...MARA,
    },
    { group: { name: "wheel" }, user: { name: "ben" } },
  ],
  [300404, { ...of("iam", "deletion"), "service.name": "vault" }, { entity: { type_id: 99, name: "vault" } }],
  [
    400105,
    {
      ...of("network", "denied", "deny"),
      ...ENDS,
      "network.transport": "tcp",
      "network.iana_number": "6",
      "network.direction": "inbound",
      "source.bytes": 60,
      "rule.name": "block ssh",
    },
    {
      connection_info: { protocol_name: "tcp", protocol_num: 6, direction_id: 1 },
      traffic: { bytes_out: 60 },
      action_id: 2,
      disposition_id: 2,
      firewall_rule: { name: "block ssh" },
    },
  ],
  [
    400203,
    {
      ...of("web", "access"),
      "http.request.method": "GET",
      "http.response.status_code": 404,
      "url.original": "/a?b=1",
      "url.path": "/a",
      "user_agent.original": "curl/8",
      "source.ip": "192.0.2.5",
    },
    {
      http_request: { http_method: "GET", url: { url_string: "/a?b=1", path: "/a" }, user_agent: "curl/8" },
      http_response: { code: 404 },
    },
  ],
  [
    400302,
    {
      ...of("network", "protocol"),
      "dns.type": "answer",
      "dns.question.name": "example.com",
      "dns.response_code": "NXDOMAIN",
      "dns.answers": [{ data: "192.0.2.1", type: "A", ttl: 60 }],
      "source.ip": "192.0.2.5",
    },
    {
      query: { hostname: "example.com" },
      rcode_id: 3,
      answers: [{ rdata: "192.0.2.1", type: "A", ttl: 60 }],
    },
  ],
  [
    400301,
    {
      ...of("network", "connection"),
      "dns.question.name": "example.com",
      "event.provider": "Microsoft-Windows-Sysmon",
      "host.name": "pc-1",
    },
    { src_endpoint: { hostname: "pc-1" } },
  ],
  [
    400405,
    { ...of("network", "protocol", "DHCPACK"), "network.protocol": "dhcp", "client.ip": "192.0.2.9" },
    {},
  ],
  [400503, { ...of("network", "start"), "network.protocol": "rdp", ...ENDS }, {}],
  [
    400602,
    { ...of("network", "access"), "network.protocol": "smb", ...ENDS, "file.path": "\\\\fs\\a.txt" },
    { file: { name: "a.txt" } },
  ],
  [400705, { ...of("network", "denied"), "network.protocol": "ssh", ...ENDS }, {}],
  [400802, { ...of("network", "info", "ftp-retrieved"), "network.protocol": "ftp", ...ENDS }, {}],
  [
    400901,
    {
      ...of("email", "info", "mail-delivered"),
      "email.from.address": ["a@example.com"],
      "email.to.address": ["b@example.org", "c@example.org"],
      "email.subject": "hi",
      "email.direction": "outbound",
    },
    {
      email: { from: "a@example.com", to: ["b@example.org", "c@example.org"], subject: "hi" },
      direction_id: 2,
    },
  ],
  [
    401002,
    { ...of("file", "access", "download"), ...ENDS, ...MARA, "file.name": "a.txt" },
    { class_name: "File Hosting Activity", class_uid: 6006 },
  ],
  [
    401401,
    { ...of("session", "start"), "network.protocol": "openvpn", "source.ip": "192.0.2.5", ...MARA },
    { user: { name: "mara" } },
  ],
  [
    100701,
    {
      ...of("process", "start"),
      ...HOST,
      ...MARA,
      "process.pid": 4,
      "process.name": "sh",
      "process.executable": "/bin/sh",
      "process.command_line": "sh -c id",
      "process.hash.sha256": "ab",
      "process.parent.pid": 1,
    },
    {
      process: { pid: 4, name: "sh", path: "/bin/sh", cmd_line: "sh -c id", parent_process: { pid: 1 } },
      device: { hostname: "web-1", os: { name: "Linux", type_id: 200 } },
      actor: { user: { name: "mara" } },
    },
  ],
  [
    100701,
    { ...of("process", "start"), ...HOST, ...MARA, "process.command_line": "id" },
    { process: { uid: EVENT.id } },
  ],
  [
    100104,
    {
      ...of("file", "deletion"),
      ...HOST,
      ...MARA,
      "file.path": "/tmp/x.sh",
      "file.hash.md5": "d41d8cd98f00b204e9800998ecf8427e",
    },
    { file: { name: "x.sh", path: "/tmp/x.sh", hashes: [{ algorithm_id: 1, algorithm: "MD5" }] } },
  ],
  [
    20100202,
    {
      ...of("registry", "change"),
      ...HOST,
      ...MARA,
      "registry.path": "HKLM\\Run",
      "registry.value": "Up",
      "registry.data.strings": ["a.exe"],
    },
    {
      reg_value: { path: "HKLM\\Run", name: "Up", reg_string_data: "a.exe" },
      metadata: { extensions: [{ name: "win" }] },
    },
  ],
  [
    20100104,
    { ...of("registry", "deletion"), ...HOST, ...MARA, "registry.path": "HKLM\\Run" },
    { reg_key: { path: "HKLM\\Run" } },
  ],
  [
    20100401,
    {
      ...of("configuration", "change", "service-installed"),
      ...HOST,
      ...MARA,
      "service.name": "upd",
      "winlog.event_data.StartType": "demand start",
    },
    { win_service: { name: "upd", service_start_type_id: 4 } },
  ],
  [
    100201,
    { ...of("driver", "start"), ...HOST, ...MARA, "file.path": "C:\\d.sys" },
    { driver: { file: { name: "d.sys" } } },
  ],
  [
    100501,
    { ...of("library", "start"), ...HOST, "process.pid": 4, "dll.path": "C:\\a.dll" },
    { module: { load_type_id: 1, file: { name: "a.dll" } } },
  ],
  [
    100601,
    {
      ...of("configuration", "creation", "scheduled-task-created"),
      ...HOST,
      "winlog.event_data.TaskName": "\\Nightly",
    },
    { job: { name: "\\Nightly" } },
  ],
  [
    100801,
    { ...of("iam", "admin", "audit-log-cleared"), ...HOST, ...MARA, "event.provider": "Eventlog" },
    { log_provider: "Eventlog" },
  ],
  [501901, { ...of("configuration", "change"), ...HOST }, { device: { name: "web-1" } }],
  [500102, { "event.kind": "asset", "event.category": ["host"], ...HOST }, {}],
  [
    502102,
    { "event.kind": "enrichment", "event.category": ["threat"], "threat.indicator.ip": "203.0.113.9" },
    { osint: [{ value: "203.0.113.9", type_id: 1 }] },
  ],
  [
    600501,
    { ...of("database", "access"), ...MARA, ...ENDS, "postgresql.log.database": "shop" },
    { database: { name: "shop" }, actor: { user: { name: "mara" } } },
  ],
  [
    600304,
    {
      ...of("configuration", "deletion", "DeleteTrail"),
      ...MARA,
      "source.ip": "192.0.2.5",
      "cloud.provider": "aws",
      "cloud.account.id": "1",
      "cloud.service.name": "cloudtrail",
    },
    {
      api: { operation: "DeleteTrail", service: { name: "cloudtrail" } },
      cloud: { provider: "aws", account: { uid: "1" } },
    },
  ],
  [
    600201,
    { ...of("package", "installation"), "package.name": "curl", "package.version": "8" },
    { app: { name: "curl", version: "8" } },
  ],
  [600802, { "event.kind": "pipeline_error", "error.message": "too deep" }, { raw_data: "a line" }],
  [600801, { "event.type": ["error"], message: "out of memory" }, { message: "out of memory" }],
  [
    200401,
    {
      "event.kind": "alert",
      "event.category": ["malware"],
      "rule.name": "Eicar",
      "rule.id": "9",
      "threat.software.name": "Eicar",
      "threat.technique.id": ["T1204"],
      "file.name": "e.com",
      ...ENDS,
    },
    {
      finding_info: {
        uid: EVENT.id,
        title: "Eicar",
        analytic: { uid: "9", type_id: 1 },
        attacks: [{ technique: { uid: "T1204" } }],
      },
      evidences: [{ file: { name: "e.com" }, src_endpoint: { ip: "192.0.2.5" } }],
      malware: [{ name: "Eicar" }],
      is_alert: true,
    },
  ],
  [
    200201,
    {
      "event.kind": "alert",
      "event.category": ["vulnerability"],
      "event.id": "f-1",
      "vulnerability.id": "CVE-2025-0001",
      "vulnerability.severity": "HIGH",
    },
    { vulnerabilities: [{ cve: { uid: "CVE-2025-0001" } }], severity_id: 4, finding_info: { uid: "f-1" } },
  ],
];

describe("an event becomes the class that it can fill", () => {
  it.each(PER_CLASS)("type_uid %i", (typeUid, fields, has) => {
    const event = ocsf(fields);
    expect(event).toMatchObject(has);
    if (!("class_uid" in has)) expect(event["type_uid"]).toBe(typeUid);
  });

  it("goes on to the next row when it lacks what a class requires, in the end to Base Event", () => {
    expect(ocsf(of("authentication", "start", "login"))).toMatchObject({
      class_uid: 0,
      activity_name: "login",
    });
    expect(
      ocsf({ ...of("authentication", "start"), "event.category": ["authentication", "network"], ...ENDS }),
    ).toMatchObject({
      class_uid: 4001,
    });
  });
});

describe("every event", () => {
  it("says when, what, which product, and which record", () => {
    expect(
      ocsf({
        ...ENDS,
        ...of("network", "connection"),
        "event.id": "x1",
        "event.code": "106",
        "log.level": "warning",
      }),
    ).toMatchObject({
      time: 1_772_186_400_123,
      severity_id: 3,
      status_id: 0,
      raw_data: "a line",
      metadata: {
        version: "1.8.0",
        uid: EVENT.id,
        original_event_uid: "x1",
        event_code: "106",
        original_time: "2026-02-27T10:00:00.123456Z",
        processed_time: 1_772_186_405_000,
        log_source: "acme-gate/log",
        product: { name: "gate", vendor_name: "acme" },
      },
    });
  });

  it("names the product that the event names, and no product of a pack that reads any", () => {
    expect(ocsf({ "observer.vendor": "Cisco", "observer.product": "ASA" })).toMatchObject({
      metadata: { product: { name: "ASA", vendor_name: "Cisco" } },
    });
    expect(toOcsf({ ...EVENT, pack: "generic-csv/main", fields: {} })).toMatchObject({
      metadata: { product: { name: "Unknown" } },
    });
  });

  it("gives no time of its own when it has none", () => {
    const { metadata } = toOcsf({ ...EVENT, timeOrigin: "received", fields: {} });
    expect(metadata).not.toHaveProperty("original_time");
  });

  it("keeps what has no attribute, by its own name, and nothing twice", () => {
    const event = ocsf({
      ...of("network", "connection", "permit"),
      "source.ip": "192.0.2.5",
      "source.address": "192.0.2.5",
      "client.ip": "192.0.2.5",
      "server.ip": "not an address",
      "source.port": 70_000,
      "related.ip": ["192.0.2.5"],
      "related.user": ["nobody"],
      "acme.gate.nested": { a: null, b: [1, null] },
      "tyto.empty": null,
    });
    expect(event["unmapped"]).toEqual({
      "event.action": "permit",
      "source.port": 70_000,
      "server.ip": "not an address",
      "related.user": ["nobody"],
      "acme.gate.nested": { b: [1] },
    });
  });

  it("keeps a field of any name", () => {
    const fields = JSON.parse('{"__proto__": "x"}') as EventFields;
    expect(JSON.stringify(toOcsf({ ...EVENT, fields })["unmapped"])).toBe('{"__proto__":"x"}');
  });

  it("points at what can be looked for", () => {
    expect(ocsf({ ...of("network", "connection"), ...ENDS })["observables"]).toEqual([
      { name: "src_endpoint.ip", type_id: 2, type: "IP Address", value: "192.0.2.5" },
      { name: "dst_endpoint.ip", type_id: 2, type: "IP Address", value: "198.51.100.7" },
    ]);
  });

  it("is one event of some class, whatever stands in its fields", () => {
    const odd: readonly EventFields[string][] = [
      "",
      "x",
      -1,
      1.5,
      true,
      null,
      [],
      [null],
      [["a"]],
      {},
      { a: {} },
      "9".repeat(400),
    ];
    const names = [
      "event.category",
      "event.type",
      "event.action",
      "event.kind",
      "source.ip",
      "process.pid",
      "user.name",
      "user.email",
      "dns.answers",
      "email.from.address",
      "event.duration",
      "event.start",
      "__proto__",
    ];
    for (const value of odd)
      for (const name of names) ocsf({ ...of("network", "connection"), ...ENDS, [name]: value });
  });
});

describe("the tables", () => {
  it("number and name the classes and activities as the schema does", () => {
    for (const definition of Object.values<ClassDefinition>(CLASSES)) {
      const entity = Object.values(SCHEMA.classes).find(({ uid }) => uid === definition.uid);
      const numbers =
        entity?.attributes["activity_id"] ?? SCHEMA.classes["base_event"]?.attributes["activity_id"];
      expect(entity?.category).toBe(definition.category);
      expect([0, ...Object.keys(definition.activities).map(Number), 99].join(",")).toBe(
        numbers?.split("#")[1],
      );
    }
  });

  it("ask only for activities that the class has", () => {
    for (const { name, activity } of CLASS_MAP) {
      const definition: ClassDefinition = CLASSES[name];
      const numbers =
        typeof activity === "number" ? [activity] : [...Object.values(activity.values), activity.otherwise];
      for (const number of numbers)
        expect([0, 99, ...Object.keys(definition.activities).map(Number)]).toContain(number);
    }
  });

  it("end with a row for everything", () => {
    expect(CLASS_MAP.at(-1)).toMatchObject({ when: {}, name: "base_event" });
  });
});

describe("the validator", () => {
  it.each([
    ["a missing attribute", { metadata: undefined }, "metadata: required"],
    ["another type_uid", { type_uid: 1 }, "type_uid: not class and activity"],
    ["an activity that the class does not know", { activity_id: 77, type_uid: 400_177 }, "activity_id"],
    ["an attribute of no class", { colour: "red" }, "colour: unknown attribute"],
    ["a wrong address", { src_endpoint: { ip: "nowhere" } }, "src_endpoint.ip"],
    ["an empty object", { src_endpoint: { port: 1 } }, "src_endpoint.: has none of"],
    ["an attribute of an unnamed profile", { cloud: { provider: "aws" } }, "cloud: of a profile"],
  ])("finds %s", (_what, change, complaint) => {
    const event = { ...ocsf({ ...of("network", "connection"), ...ENDS }), ...change };
    expect(ocsfComplaints(event).join("\n")).toContain(complaint);
  });
});
