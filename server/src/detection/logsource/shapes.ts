import type { EventFields, FieldValue } from "@tyto/domain";

/**
 * What vendors' own names give away when no pack has read the event: the dataset, as Elastic's integrations call it. Only
 * names that together occur nowhere else; empty when they say nothing.
 */
export function datasetOfShape(fields: EventFields): string {
  for (const [dataset, isOf] of SHAPES) {
    const found = isOf(fields);
    if (found !== false) return found === true ? dataset : found;
  }
  return "";
}

/** True: of the dataset named beside it. A text: the dataset. */
type Shape = (fields: EventFields) => boolean | string;

const OFFICE_SOURCES: ReadonlySet<string> = new Set([
  "azureactivedirectory",
  "exchange",
  "microsoftteams",
  "onedrive",
  "securitycompliancecenter",
  "sharepoint",
  "threatintelligence",
]);

/** Record types of the Linux audit daemon look like this; with one of its other fields beside it there is no doubt. */
const AUDIT_TYPE = /^[A-Z][A-Z0-9_]{2,31}$/;
const AUDIT_FIELDS = ["a0", "auid", "comm", "exe", "key", "nametype", "syscall", "SYSCALL", "unit"] as const;

const SHAPES: readonly (readonly [dataset: string, isOf: Shape])[] = [
  ["zeek", zeekLog],
  [
    "aws.cloudtrail",
    (fields) => has(fields, "eventName") && text(fields, "eventSource").endsWith(".amazonaws.com"),
  ],
  [
    "google_workspace.admin",
    (fields) => has(fields, "eventName") && text(fields, "eventService").endsWith(".googleapis.com"),
  ],
  [
    "o365.audit",
    (fields) =>
      (has(fields, "Operation") && (has(fields, "Workload") || has(fields, "RecordType"))) ||
      (has(fields, "eventName") && OFFICE_SOURCES.has(text(fields, "eventSource"))),
  ],
  [
    "okta.system",
    (fields) => has(fields, "eventType") && (has(fields, "displayMessage") || has(fields, "legacyEventType")),
  ],
  ["kubernetes.audit", kubernetesAudit],
  ["gcp.audit", googleAudit],
  ["azure", azureLog],
  ["auditd.log", auditRecord],
  ["bitbucket.audit", (fields) => has(fields, "auditType") || has(fields, "auditType.action")],
  [
    "github.audit",
    (fields) =>
      text(fields, "action").includes(".") &&
      has(fields, "actor") &&
      (has(fields, "org") || has(fields, "repo") || has(fields, "business")),
  ],
  [
    "cisco_duo.auth",
    (fields) => has(fields, "event_type") && has(fields, "txid") && has(fields, "access_device"),
  ],
  ["onelogin.events", (fields) => has(fields, "event_type_id") && has(fields, "account_id")],
  [
    "opencanary.log",
    (fields) => has(fields, "logtype") && (has(fields, "node_id") || has(fields, "logdata")),
  ],
  ["rpc_firewall.log", (fields) => text(fields, "EventLog") === "rpcfw"],
  [
    "fortinet_fortigate.log",
    (fields) => has(fields, "devid") && (has(fields, "logid") || has(fields, "cfgpath")),
  ],
  [
    "qualys_vmdr.asset_host_detection",
    (fields) => has(fields, "host.scan.vuln") || has(fields, "host.scan.vuln_name"),
  ],
];

/** Zeek's JSON names its log in `_path`. */
function zeekLog(fields: EventFields): string | false {
  const path = text(fields, "_path");
  return path === "" ? false : `zeek.${path}`;
}

function kubernetesAudit(fields: EventFields): boolean {
  return (
    text(fields, "apiVersion").startsWith("audit.k8s.io/") ||
    (has(fields, "verb") && (has(fields, "objectRef") || has(fields, "objectRef.resource")))
  );
}

/** A log entry of Google Cloud, alone or in the envelope of a Pub/Sub export; logins of Workspace come the same way. */
function googleAudit(fields: EventFields): string | false {
  const isEntry =
    has(fields, "gcp.audit.method_name") ||
    PAYLOADS.some((name) => has(fields, name)) ||
    hasWithin(fields, "data", "protoPayload");
  if (!isEntry) return false;
  const service =
    text(fields, "protoPayload.serviceName") || textWithin(fields, "protoPayload", "serviceName");
  return service === "login.googleapis.com" ? "google_workspace.login" : "gcp.audit";
}

const PAYLOADS = [
  "protoPayload",
  "protoPayload.methodName",
  "protoPayload.serviceName",
  "data.protoPayload.methodName",
] as const;

/** Azure Monitor's diagnostic records share a frame; the category says which log it is. */
function azureLog(fields: EventFields): string | false {
  if (has(fields, "riskEventType")) return "azure.identity_protection";
  const operation =
    has(fields, "operationName") || has(fields, "OperationName") || has(fields, "OperationNameValue");
  if (!operation) return false;
  const category = text(fields, "category") || text(fields, "Category");
  if (category.endsWith("signinlogs")) return "azure.signinlogs";
  if (category.endsWith("riskevents")) return "azure.identity_protection";
  if (category === "auditlogs" || has(fields, "loggedByService") || has(fields, "LoggedByService"))
    return "azure.auditlogs";
  const resource = text(fields, "resourceId") || text(fields, "ResourceId");
  const isActivity = resource.startsWith("/subscriptions/") || has(fields, "CategoryValue");
  return isActivity ? "azure.activitylogs" : false;
}

function auditRecord(fields: EventFields): boolean {
  const type = fields["type"];
  return typeof type === "string" && AUDIT_TYPE.test(type) && AUDIT_FIELDS.some((name) => has(fields, name));
}

function has(fields: EventFields, name: string): boolean {
  return fields[name] !== undefined;
}

function text(fields: EventFields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value.toLowerCase() : "";
}

function hasWithin(fields: EventFields, name: string, inner: string): boolean {
  return valueWithin(fields, name, inner) !== undefined;
}

function textWithin(fields: EventFields, name: string, inner: string): string {
  const value = valueWithin(fields, name, inner);
  return typeof value === "string" ? value.toLowerCase() : "";
}

function valueWithin(fields: EventFields, name: string, inner: string): FieldValue | undefined {
  const outer = fields[name];
  if (typeof outer !== "object" || outer === null || Array.isArray(outer)) return undefined;
  const map = outer as Readonly<Record<string, FieldValue>>;
  return Object.hasOwn(map, inner) ? map[inner] : undefined;
}
