import type { FieldTable, LogsourceTable } from "./rows.ts";

/** A log entry of Google Cloud, as it is and inside the envelope of an export; `gcp.audit` is its payload in snake case. */
const AUDIT_FIELDS: FieldTable = {
  "gcp.audit.method_name": [
    "gcp.audit.method_name",
    "event.action",
    "protoPayload.methodName",
    "data.protoPayload.methodName",
  ],
  "data.protoPayload.methodName": ["gcp.audit.method_name", "event.action", "protoPayload.methodName"],
  "data.protoPayload.serviceName": ["gcp.audit.service_name", "service.name", "protoPayload.serviceName"],
  "data.protoPayload.authorizationInfo.permission": [
    "gcp.audit.authorization_info.permission",
    "protoPayload.authorizationInfo.permission",
  ],
  "data.protoPayload.authorizationInfo.granted": [
    "gcp.audit.authorization_info.granted",
    "protoPayload.authorizationInfo.granted",
  ],
  // The log's name and the resource stand beside the payload; rules that look inside it mean these.
  "data.protoPayload.logName": ["log.logger", "data.logName", "logName"],
  "data.protoPayload.resource.type": ["gcp.audit.resource.type", "data.resource.type", "resource.type"],
};

/** The admin reports of Google Workspace: each setting has a name of its own in what the report gives. */
const ADMIN_FIELDS: FieldTable = {
  eventName: ["event.action"],
  eventService: ["event.provider"],
  setting_name: ["google_workspace.admin.setting.name"],
  new_value: ["google_workspace.admin.new_value"],
};

const LOGIN_FIELDS: FieldTable = {
  "protoPayload.serviceName": ["gcp.audit.service_name", "event.provider"],
  "protoPayload.Servicename": ["gcp.audit.service_name", "event.provider", "protoPayload.serviceName"],
  "protoPayload.metadata.event.eventName": ["gcp.audit.metadata.event.eventName", "event.action"],
};

const CLOUD_PACKS = ["gcp", "google-cloud", "google-gcp"];
const WORKSPACE_PACKS = ["google-workspace", "google_workspace", "gsuite"];

/** The reports name an application `login`; the cloud's log calls the same service `login.googleapis.com`. */
const service = (name: string): Readonly<Record<string, readonly string[]>> => ({
  [`${name}.googleapis.com`]: [name],
});

export const GOOGLE: LogsourceTable = {
  products: [
    {
      product: "gcp",
      when: [
        { dataset: ["gcp", "google_workspace", "gsuite"] },
        { pack: [...CLOUD_PACKS, ...WORKSPACE_PACKS] },
        { cloud: ["gcp"] },
      ],
      sends: ["gcp", "google_workspace"],
      namespaces: ["gcp.audit", "google_workspace.admin", "google_workspace.login"],
    },
  ],
  rows: [
    {
      product: "gcp",
      service: "gcp.audit",
      when: [
        { dataset: ["gcp.audit"] },
        { pack: CLOUD_PACKS, dataset: ["audit"] },
        { dataset: ["google_workspace.login"], pack: ["unknown"] },
      ],
      sends: ["gcp.audit"],
      fields: AUDIT_FIELDS,
    },
    {
      product: "gcp",
      service: "google_workspace.admin",
      when: [{ dataset: ["google_workspace.admin", "gsuite.admin", "google-workspace.admin"] }],
      sends: ["google_workspace.admin"],
      fields: ADMIN_FIELDS,
      synonyms: { eventService: service("admin") },
    },
    {
      product: "gcp",
      service: "google_workspace.login",
      when: [{ dataset: ["google_workspace.login", "gsuite.login", "google-workspace.login"] }],
      sends: ["google_workspace.login"],
      fields: LOGIN_FIELDS,
      synonyms: {
        "protoPayload.serviceName": service("login"),
        "protoPayload.Servicename": service("login"),
      },
    },
  ],
};
