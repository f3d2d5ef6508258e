import * as application from "./attributes/application.ts";
import * as device from "./attributes/device.ts";
import * as files from "./attributes/files.ts";
import * as findings from "./attributes/findings.ts";
import * as identity from "./attributes/identity.ts";
import * as network from "./attributes/network.ts";
import type { ClassName } from "./classes.ts";
import type { FieldReader } from "./field-reader.ts";
import type { OcsfValue } from "./values.ts";

/** What is known beside the fields. */
export interface EventContext {
  readonly eventId: string;
  /** The product that the pack is for; none for packs that read any product's. */
  readonly product: string | undefined;
}

type Build = (reader: FieldReader, context: EventContext) => OcsfValue | undefined;
type Attributes = Readonly<Record<string, Build>>;

/** What a class tells beyond what all classes do, and what it cannot do without. Attributes are made in this order. */
interface ClassAttributes {
  readonly attributes: Attributes;
  readonly required: readonly string[];
  readonly oneOf?: readonly string[];
}

const ENDS: Attributes = { src_endpoint: network.sourceEndpoint, dst_endpoint: network.destinationEndpoint };
const NETWORK: Attributes = {
  ...ENDS,
  connection_info: network.connection,
  traffic: network.traffic,
  tls: network.tls,
  app_name: (reader) => reader.text("network.application"),
  app_protocol_name: (reader) => reader.text("network.protocol"),
};
const HTTP: Attributes = { http_request: application.httpRequest, http_response: application.httpResponse };
const ASKED: Attributes = { src_endpoint: network.sourceEndpoint, ...HTTP };
const BOTH_ENDS = ["src_endpoint", "dst_endpoint"];
const onNetwork = (attributes: Attributes = {}, required: readonly string[] = []): ClassAttributes => ({
  attributes: { ...NETWORK, ...attributes },
  required,
  oneOf: BOTH_ENDS,
});
/** System classes say where and by whom. */
const onSystem = (attributes: Attributes): ClassAttributes => ({
  attributes,
  required: [...Object.keys(attributes), "device", "actor"],
});

export const ATTRIBUTES: Readonly<Record<ClassName, ClassAttributes>> = {
  base_event: { attributes: {}, required: [] },
  file_activity: onSystem({ file: files.file }),
  kernel_extension_activity: {
    attributes: { driver: files.driver },
    required: ["driver", "device", "actor"],
  },
  module_activity: onSystem({ module: files.module }),
  scheduled_job_activity: { attributes: { job: device.job }, required: ["job", "device"] },
  process_activity: onSystem({ process: files.startedProcess }),
  event_log_activity: {
    attributes: {
      ...ENDS,
      log_name: (reader) => reader.text("winlog.channel"),
      log_provider: (reader) => reader.peek("event.provider"),
    },
    required: [],
    oneOf: ["log_name", "log_provider"],
  },
  registry_key_activity: onSystem({ reg_key: device.registryKey }),
  registry_value_activity: onSystem({ reg_value: device.registryValue }),
  windows_service_activity: onSystem({ win_service: device.windowsService }),
  vulnerability_finding: {
    attributes: { vulnerabilities: findings.vulnerabilities, resources: application.resources },
    required: ["vulnerabilities"],
  },
  detection_finding: {
    attributes: {
      evidences: findings.evidences,
      vulnerabilities: findings.vulnerabilities,
      resources: application.resources,
    },
    required: [],
  },
  account_change: { attributes: { user: identity.subject, ...ASKED }, required: ["user"] },
  authentication: {
    attributes: {
      user: identity.subject,
      ...ENDS,
      service: application.service,
      ...HTTP,
      logon_type_id: identity.logonType,
      auth_protocol_id: identity.authProtocol,
    },
    required: ["user"],
    oneOf: ["service", "dst_endpoint"],
  },
  entity_management: { attributes: { entity: identity.entity, ...ASKED }, required: ["entity"] },
  user_access: {
    attributes: {
      user: identity.subject,
      privileges: identity.privileges,
      ...ASKED,
      resources: application.resources,
    },
    required: ["user", "privileges"],
  },
  group_management: {
    attributes: { group: identity.group, user: (reader) => identity.userAt(reader, "user.target"), ...ASKED },
    required: ["group"],
  },
  network_activity: onNetwork({ url: application.url }),
  http_activity: {
    attributes: { ...NETWORK, ...HTTP, file: files.file },
    required: [],
    oneOf: ["http_request", "http_response"],
  },
  dns_activity: onNetwork({
    src_endpoint: network.sourceOrHost,
    query: application.dnsQuery,
    answers: application.dnsAnswers,
    rcode_id: application.rcodeId,
    rcode: application.rcode,
  }),
  dhcp_activity: onNetwork(),
  rdp_activity: onNetwork({ user: identity.subject }),
  smb_activity: onNetwork({ file: files.file }),
  ssh_activity: onNetwork(),
  ftp_activity: onNetwork({ file: files.file }),
  email_activity: {
    attributes: {
      email: application.email,
      direction_id: (reader) => network.directionId(reader.text("email.direction", "network.direction")),
      ...ENDS,
    },
    required: ["email"],
  },
  network_file_activity: onNetwork({ file: files.file }, ["src_endpoint", "actor", "file"]),
  tunnel_activity: {
    attributes: { ...NETWORK, user: identity.subject },
    required: [],
    oneOf: ["connection_info", "src_endpoint", "traffic"],
  },
  inventory_info: { attributes: {}, required: ["device"] },
  device_config_state_change: { attributes: {}, required: ["device"] },
  osint_inventory_info: { attributes: { osint: findings.indicators }, required: ["osint"] },
  application_lifecycle: { attributes: { app: device.app }, required: ["app"] },
  api_activity: {
    attributes: { api: application.api, ...ENDS, ...HTTP, resources: application.resources },
    required: ["api", "src_endpoint", "actor"],
  },
  datastore_activity: {
    attributes: { database: application.database, ...ENDS, ...HTTP },
    required: ["database", "src_endpoint", "actor"],
  },
  file_hosting: { attributes: { file: files.file, ...ASKED }, required: ["file", "src_endpoint", "actor"] },
  application_error: { attributes: {}, required: [] },
};
