import type { EventFields } from "@tyto/domain";
import { foldCase } from "../match/fold.ts";
import { lookUp } from "../match/look-up.ts";
import { plainTextsOf } from "../match/subject.ts";

/** A condition on the fields of an event that no pack has read, as data: for closures here and for SQL. */
export type ShapeTest =
  /** It has this very field, with whatever value. */
  | { readonly kind: "has"; readonly name: string }
  /** Something stands there, be it nested. */
  | { readonly kind: "reaches"; readonly name: string }
  /** One of the texts there, be it nested, is this one. Case-folded. */
  | { readonly kind: "holds"; readonly name: string; readonly text: string }
  /** The first of these very fields that is not null, as lower-case text, and what it is or how it begins, ends or goes on. */
  | {
      readonly kind: "text";
      readonly names: readonly string[];
      readonly how: TextShape;
      readonly of: readonly string[];
    }
  /** This very field is a text that fits. The expression is anchored, and case counts. */
  | { readonly kind: "fits"; readonly name: string; readonly expression: string }
  | { readonly kind: "all" | "any"; readonly of: readonly ShapeTest[] }
  | { readonly kind: "none"; readonly of: ShapeTest };

export type TextShape = "is" | "begins" | "ends" | "contains";

/** The dataset is the text given, with the field's text after it where one is named. */
export interface Shape {
  readonly dataset: string;
  readonly suffix?: string;
  readonly test: ShapeTest;
}

const has = (name: string): ShapeTest => ({ kind: "has", name });
const reaches = (name: string): ShapeTest => ({ kind: "reaches", name });
const all = (...of: readonly ShapeTest[]): ShapeTest => ({ kind: "all", of });
const any = (...of: readonly ShapeTest[]): ShapeTest => ({ kind: "any", of });
const none = (of: ShapeTest): ShapeTest => ({ kind: "none", of });
const hasAny = (...names: readonly string[]): ShapeTest => any(...names.map(has));
const text = (names: string | readonly string[], how: TextShape, ...of: readonly string[]): ShapeTest => ({
  kind: "text",
  names: typeof names === "string" ? [names] : names,
  how,
  of,
});

const OFFICE_SOURCES = [
  "azureactivedirectory",
  "exchange",
  "microsoftteams",
  "onedrive",
  "securitycompliancecenter",
  "sharepoint",
  "threatintelligence",
] as const;

/** Record types of the Linux audit daemon look like this; with one of its other fields beside it there is no doubt. */
const AUDIT_TYPE = "^[A-Z][A-Z0-9_]{2,31}$";

/** A log entry of Google Cloud, alone or in the envelope of a Pub/Sub export; logins of Workspace come the same way. */
const GOOGLE_ENTRY = any(
  has("gcp.audit.method_name"),
  reaches("protoPayload"),
  reaches("protoPayload.methodName"),
  reaches("protoPayload.serviceName"),
  reaches("data.protoPayload"),
  reaches("data.protoPayload.methodName"),
);

const AZURE_OPERATION = hasAny("operationName", "OperationName", "OperationNameValue");
const AZURE_CATEGORY = ["category", "Category"] as const;

/**
 * What only one vendor's events have: names that together occur nowhere else. The first that fits says the dataset, as Elastic's
 * integrations call it.
 */
export const SHAPES: readonly Shape[] = [
  // Zeek's JSON names its log in `_path`.
  { dataset: "zeek.", suffix: "_path", test: none(text("_path", "is", "")) },
  { dataset: "aws.cloudtrail", test: all(has("eventName"), text("eventSource", "ends", ".amazonaws.com")) },
  {
    dataset: "google_workspace.admin",
    test: all(has("eventName"), text("eventService", "ends", ".googleapis.com")),
  },
  {
    dataset: "o365.audit",
    test: any(
      all(has("Operation"), hasAny("Workload", "RecordType")),
      all(has("eventName"), text("eventSource", "is", ...OFFICE_SOURCES)),
    ),
  },
  { dataset: "okta.system", test: all(has("eventType"), hasAny("displayMessage", "legacyEventType")) },
  {
    dataset: "kubernetes.audit",
    test: any(
      text("apiVersion", "begins", "audit.k8s.io/"),
      all(has("verb"), hasAny("objectRef", "objectRef.resource")),
    ),
  },
  {
    dataset: "google_workspace.login",
    test: all(GOOGLE_ENTRY, {
      kind: "holds",
      name: "protoPayload.serviceName",
      text: "login.googleapis.com",
    }),
  },
  { dataset: "gcp.audit", test: GOOGLE_ENTRY },
  // Azure Monitor's diagnostic records share a frame; the category says which log it is.
  { dataset: "azure.identity_protection", test: has("riskEventType") },
  { dataset: "azure.signinlogs", test: all(AZURE_OPERATION, text(AZURE_CATEGORY, "ends", "signinlogs")) },
  {
    dataset: "azure.identity_protection",
    test: all(AZURE_OPERATION, text(AZURE_CATEGORY, "ends", "riskevents")),
  },
  {
    dataset: "azure.auditlogs",
    test: all(
      AZURE_OPERATION,
      any(text(AZURE_CATEGORY, "is", "auditlogs"), hasAny("loggedByService", "LoggedByService")),
    ),
  },
  {
    dataset: "azure.activitylogs",
    test: all(
      AZURE_OPERATION,
      any(text(["resourceId", "ResourceId"], "begins", "/subscriptions/"), has("CategoryValue")),
    ),
  },
  {
    dataset: "auditd.log",
    test: all(
      { kind: "fits", name: "type", expression: AUDIT_TYPE },
      hasAny("a0", "auid", "comm", "exe", "key", "nametype", "syscall", "SYSCALL", "unit"),
    ),
  },
  { dataset: "bitbucket.audit", test: hasAny("auditType", "auditType.action") },
  {
    dataset: "github.audit",
    test: all(text("action", "contains", "."), has("actor"), hasAny("org", "repo", "business")),
  },
  { dataset: "cisco_duo.auth", test: all(has("event_type"), has("txid"), has("access_device")) },
  { dataset: "onelogin.events", test: all(has("event_type_id"), has("account_id")) },
  { dataset: "opencanary.log", test: all(has("logtype"), hasAny("node_id", "logdata")) },
  { dataset: "rpc_firewall.log", test: text("EventLog", "is", "rpcfw") },
  { dataset: "fortinet_fortigate.log", test: all(has("devid"), hasAny("logid", "cfgpath")) },
  { dataset: "qualys_vmdr.asset_host_detection", test: hasAny("host.scan.vuln", "host.scan.vuln_name") },
];

type Fits = (fields: EventFields) => boolean;

const HOW: Readonly<Record<TextShape, (text: string, other: string) => boolean>> = {
  is: (own, other) => own === other,
  begins: (own, other) => own.startsWith(other),
  ends: (own, other) => own.endsWith(other),
  contains: (own, other) => own.includes(other),
};

const COMPILED = SHAPES.map((shape) => ({ ...shape, fits: compiled(shape.test) }));

/** What vendors' own names give away when no pack has read the event; empty when they say nothing. */
export function datasetOfShape(fields: EventFields): string {
  const shape = COMPILED.find(({ fits }) => fits(fields));
  if (shape === undefined) return "";
  return shape.suffix === undefined ? shape.dataset : shape.dataset + firstText(fields, [shape.suffix]);
}

function compiled(test: ShapeTest): Fits {
  switch (test.kind) {
    case "has":
      return (fields) => fields[test.name] !== undefined;
    case "reaches":
      return (fields) => lookUp(fields, test.name) !== undefined;
    case "holds":
      return (fields) =>
        plainTextsOf(lookUp(fields, test.name) ?? null).some((one) => foldCase(one) === test.text);
    case "text": {
      const is = HOW[test.how];
      return (fields) => {
        const own = firstText(fields, test.names);
        return test.of.some((one) => is(own, one));
      };
    }
    case "fits": {
      const expression = new RegExp(test.expression);
      return (fields) => {
        const value = fields[test.name];
        return typeof value === "string" && expression.test(value);
      };
    }
    case "all":
    case "any": {
      const tests = test.of.map(compiled);
      return test.kind === "all"
        ? (fields) => tests.every((one) => one(fields))
        : (fields) => tests.some((one) => one(fields));
    }
    case "none": {
      const inner = compiled(test.of);
      return (fields) => !inner(fields);
    }
  }
}

/** As `facts.ts` reads a fact. */
function firstText(fields: EventFields, names: readonly string[]): string {
  for (const name of names) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    return typeof value === "string" || typeof value === "number" ? String(value).toLowerCase() : "";
  }
  return "";
}
