import type { ClassName } from "./classes.ts";

/** What a row asks of an event; all that is given must hold. Words are compared without case. */
export interface Condition {
  readonly kind?: string;
  readonly category?: string;
  /** One type, or several with `+` between them: the event has them all. */
  readonly type?: string;
  /** Parts of `event.action`, all of which it holds. */
  readonly action?: readonly string[];
  readonly protocol?: readonly string[];
  /** A field that the event has. */
  readonly field?: string;
}

/** The number of an activity, or the field whose values say it. */
export type ActivityRule =
  | number
  | { readonly field: string; readonly values: Readonly<Record<string, number>>; readonly otherwise: number };

export interface ClassRow {
  readonly when: Condition;
  readonly name: ClassName;
  readonly activity: ActivityRule;
}

const row = (name: ClassName, activity: ActivityRule, when: Condition = {}): ClassRow => ({
  when,
  name,
  activity,
});

const HTTP_METHOD: ActivityRule = {
  field: "http.request.method",
  values: { connect: 1, delete: 2, get: 3, head: 4, options: 5, post: 6, put: 7, trace: 8, patch: 9 },
  otherwise: 99,
};
const DNS_TYPE: ActivityRule = {
  field: "dns.type",
  values: { query: 1, question: 1, request: 1, answer: 2, response: 2, reply: 2 },
  otherwise: 6,
};
const OTHER = 99;

/**
 * Which class an event becomes: the first row that it meets and whose class it can fill. An event that lacks what a class
 * requires goes on to the next row, in the end to Base Event: nothing is made up for the schema's sake.
 */
// prettier-ignore
export const CLASS_MAP: readonly ClassRow[] = [
  row("application_error", 2, { kind: "pipeline_error" }),

  // What a product itself calls an alert is its finding.
  row("vulnerability_finding", 1, { category: "vulnerability" }),
  row("detection_finding", 1, { category: "vulnerability" }),
  row("detection_finding", 1, { kind: "alert" }),
  row("osint_inventory_info", 2, { kind: "enrichment", category: "threat" }),
  row("inventory_info", 2, { kind: "asset" }),

  // Windows' own nouns, which ECS has no category for.
  row("event_log_activity", 1, { action: ["log-cleared"] }),
  row("scheduled_job_activity", 1, { action: ["scheduled-task-created"] }),
  row("scheduled_job_activity", 2, { action: ["scheduled-task-updated"] }),
  row("scheduled_job_activity", 3, { action: ["scheduled-task-deleted"] }),
  row("scheduled_job_activity", 4, { action: ["scheduled-task-enabled"] }),
  row("scheduled_job_activity", 5, { action: ["scheduled-task-disabled"] }),
  row("scheduled_job_activity", 2, { action: ["crontab"] }),
  row("windows_service_activity", 1, { action: ["service-installed"] }),
  row("windows_service_activity", 2, { action: ["service-start-type-changed"] }),
  row("registry_value_activity", 4, { category: "registry", type: "deletion" }),
  row("registry_value_activity", 2, { category: "registry", type: "creation" }),
  row("registry_value_activity", 2, { category: "registry", type: "change" }),
  row("registry_value_activity", 1, { category: "registry", type: "access" }),
  row("registry_key_activity", 4, { category: "registry", type: "deletion" }),
  row("registry_key_activity", 1, { category: "registry", type: "creation" }),
  row("registry_key_activity", 3, { category: "registry", type: "change" }),
  row("registry_key_activity", 2, { category: "registry", type: "access" }),
  row("kernel_extension_activity", 1, { category: "driver", type: "start" }),
  row("kernel_extension_activity", 2, { category: "driver", type: "end" }),
  row("kernel_extension_activity", OTHER, { category: "driver" }),
  row("module_activity", 1, { category: "library" }),

  // Identity: who logs on, and who changes whom.
  row("authentication", 3, { category: "authentication", action: ["kerberos", "authentication", "ticket"] }),
  row("authentication", 5, { category: "authentication", action: ["kerberos", "ticket", "renew"] }),
  row("authentication", 4, { category: "authentication", action: ["kerberos", "service", "ticket"] }),
  row("authentication", 6, { category: "authentication", action: ["preauth"] }),
  row("authentication", 2, { category: "authentication", type: "end" }),
  row("authentication", 1, { category: "authentication", type: "start" }),
  row("user_access", 2, { category: "iam", type: "user", action: ["revoke"] }),
  row("user_access", 1, { category: "iam", type: "user", action: ["role"] }),
  row("user_access", 1, { category: "iam", action: ["assign", "role"] }),
  row("group_management", 4, { category: "iam", action: ["remove"], field: "group.name" }),
  row("group_management", 3, { category: "iam", type: "group", action: ["member"] }),
  row("group_management", 3, { category: "iam", action: ["added", "group"], type: "change" }),
  row("group_management", 3, { category: "iam", action: ["user_membership"] }),
  row("group_management", 6, { category: "iam", type: "group", action: ["create"] }),
  row("group_management", 6, { category: "iam", type: "group", action: ["added-group"] }),
  row("group_management", 5, { category: "iam", type: "group", action: ["delete"] }),
  row("group_management", 6, { category: "iam", type: "creation", field: "group.name" }),
  row("group_management", 5, { category: "iam", type: "deletion", field: "group.name" }),
  row("group_management", OTHER, { category: "iam", type: "group" }),
  row("account_change", 4, { category: "iam", action: ["reset", "password"] }),
  row("account_change", 3, { category: "iam", action: ["change", "password"] }),
  row("account_change", 3, { category: "iam", action: ["update", "password"] }),
  row("account_change", 12, { category: "iam", action: ["unlock"] }),
  row("account_change", 9, { category: "iam", action: ["locked"] }),
  row("account_change", 2, { category: "iam", type: "user", action: ["enabled"] }),
  row("account_change", 5, { category: "iam", type: "user", action: ["disabled"] }),
  row("account_change", 11, { category: "iam", action: ["mfa", "reset"] }),
  row("account_change", 11, { category: "iam", action: ["2sv_disable"] }),
  row("account_change", 10, { category: "iam", action: ["2sv_enroll"] }),
  row("account_change", 7, { category: "iam", type: "user", action: ["attach", "policy"] }),
  row("account_change", 8, { category: "iam", type: "user", action: ["detach", "policy"] }),
  row("account_change", 6, { category: "iam", type: "user", action: ["deleted"] }),
  row("account_change", 1, { category: "iam", type: "user", action: ["create", "user"] }),
  row("account_change", 1, { category: "iam", type: "user+creation" }),
  row("account_change", 6, { category: "iam", type: "user+deletion" }),
  row("account_change", OTHER, { category: "iam", type: "user" }),
  row("account_change", OTHER, { category: "iam", field: "user.target.name" }),

  // Calls to a cloud's or a product's interface; the narrower nouns above come first.
  row("api_activity", 1, { category: "api", type: "creation" }),
  row("api_activity", 4, { category: "api", type: "deletion" }),
  row("api_activity", 3, { category: "api", type: "change" }),
  row("api_activity", 2, { category: "api", type: "access" }),
  row("api_activity", OTHER, { category: "api" }),
  row("api_activity", 1, { category: "iam", type: "creation", field: "cloud.provider" }),
  row("api_activity", 4, { category: "iam", type: "deletion", field: "cloud.provider" }),
  row("api_activity", 3, { category: "iam", type: "change", field: "cloud.provider" }),
  row("api_activity", 1, { category: "configuration", type: "creation", field: "cloud.provider" }),
  row("api_activity", 4, { category: "configuration", type: "deletion", field: "cloud.provider" }),
  row("api_activity", 3, { category: "configuration", type: "change", field: "cloud.provider" }),
  row("entity_management", 1, { category: "iam", type: "creation" }),
  row("entity_management", 4, { category: "iam", type: "deletion" }),
  row("entity_management", 3, { category: "iam", type: "change" }),
  row("entity_management", OTHER, { category: "iam" }),

  // Sessions of people who are already known, and tunnels.
  row("tunnel_activity", 1, { category: "session", type: "start", protocol: ["openvpn", "ipsec", "wireguard"] }),
  row("tunnel_activity", 2, { category: "session", type: "end", protocol: ["openvpn", "ipsec", "wireguard"] }),
  row("tunnel_activity", 1, { category: "session", action: ["vpn-connect"] }),
  row("tunnel_activity", 2, { category: "session", action: ["vpn-disconnect"] }),
  row("tunnel_activity", 1, { category: "session", action: ["tunnel-up"] }),
  row("tunnel_activity", 2, { category: "session", action: ["tunnel-down"] }),
  row("tunnel_activity", 3, { action: ["rekey"], protocol: ["openvpn", "ipsec", "wireguard"] }),
  row("tunnel_activity", OTHER, { category: "network", protocol: ["openvpn", "ipsec", "wireguard"] }),
  row("datastore_activity", 3, { category: "database", type: "start" }),
  row("authentication", 1, { category: "session", type: "start" }),
  row("authentication", 2, { category: "session", type: "end" }),
  // ECS's `start` is not on every log-on; what products call it says the same.
  row("authentication", 2, { category: "authentication", action: ["logout"] }),
  row("authentication", 2, { category: "authentication", action: ["logged-out"] }),
  row("authentication", 1, { category: "authentication", action: ["login"] }),
  row("authentication", 1, { category: "authentication", action: ["logon"] }),
  row("authentication", 1, { category: "authentication", action: ["logged-on"] }),
  row("authentication", 1, { category: "authentication", action: ["logged-in"] }),
  row("authentication", 1, { category: "authentication", action: ["sign-in"] }),
  row("authentication", OTHER, { category: "authentication" }),

  // Data: stores, mail, files.
  row("datastore_activity", 7, { category: "database", action: ["drop"] }),
  row("datastore_activity", 6, { category: "database", action: ["create"] }),
  row("datastore_activity", 1, { category: "database", action: ["select"] }),
  row("datastore_activity", 4, { category: "database", action: ["query"] }),
  row("datastore_activity", 4, { category: "database", action: ["statement"] }),
  row("datastore_activity", 2, { category: "database", type: "change" }),
  row("datastore_activity", 1, { category: "database", type: "access" }),
  row("datastore_activity", OTHER, { category: "database" }),
  row("application_lifecycle", 3, { category: "database", action: ["started"] }),
  row("application_lifecycle", 4, { category: "database", action: ["stopped"] }),
  row("email_activity", 1, { category: "email", action: ["delivered"] }),
  row("email_activity", 1, { category: "email", action: ["send"] }),
  row("email_activity", 2, { category: "email", action: ["receive"] }),
  row("email_activity", 5, { category: "email", action: ["relay"] }),
  row("email_activity", 3, { category: "email", action: ["spam"] }),
  row("email_activity", 3, { category: "email", action: ["virus"] }),
  row("email_activity", OTHER, { category: "email" }),
  row("file_activity", 1, { category: "file", type: "creation" }),
  row("file_activity", 4, { category: "file", type: "deletion" }),
  row("file_activity", 5, { category: "file", type: "change", action: ["rename"] }),
  row("file_activity", 3, { category: "file", type: "change" }),
  row("file_activity", 2, { category: "file", type: "access" }),
  row("file_hosting", 1, { category: "file", action: ["upload"] }),
  row("file_hosting", 2, { category: "file", action: ["download"] }),
  row("file_hosting", 12, { category: "file", action: ["share"] }),
  row("file_hosting", 9, { category: "file", action: ["preview"] }),
  row("file_hosting", 5, { category: "file", action: ["rename"] }),
  row("file_hosting", 14, { category: "file", type: "access" }),
  row("network_file_activity", 4, { category: "file", type: "deletion" }),
  row("network_file_activity", 3, { category: "file", type: "change" }),
  row("network_file_activity", 1, { category: "file", type: "creation" }),
  row("network_file_activity", 14, { category: "file", type: "access" }),

  // Programs.
  row("process_activity", 4, { category: "process", action: ["createremotethread"] }),
  row("process_activity", 2, { category: "process", type: "end" }),
  row("process_activity", 1, { category: "process", type: "start" }),
  row("process_activity", 3, { category: "process", type: "access" }),
  row("process_activity", OTHER, { category: "process" }),
  row("application_lifecycle", 1, { category: "package", type: "installation" }),
  row("application_lifecycle", 2, { category: "package", type: "deletion" }),
  row("application_lifecycle", 8, { category: "package", type: "change" }),
  row("application_lifecycle", 1, { category: "package", action: ["pull"] }),
  row("application_lifecycle", 4, { category: "process", action: ["stop"], field: "service.name" }),
  row("application_lifecycle", 3, { category: "process", action: ["start"], field: "service.name" }),

  // Requests, then protocols, then connections.
  row("http_activity", HTTP_METHOD, { category: "web", field: "http.request.method" }),
  row("dns_activity", DNS_TYPE, { category: "network", field: "dns.type" }),
  row("dns_activity", 6, { category: "network", field: "dns.response_code" }),
  row("dns_activity", 6, { category: "network", field: "dns.answers" }),
  row("dns_activity", 6, { category: "network", field: "dns.answers.data" }),
  row("dns_activity", 1, { category: "network", field: "dns.question.name" }),
  row("dns_activity", 0, { category: "network", protocol: ["dns"], type: "protocol" }),
  row("http_activity", HTTP_METHOD, { category: "network", field: "http.request.method" }),
  row("dhcp_activity", 1, { protocol: ["dhcp", "dhcpv6"], action: ["discover"] }),
  row("dhcp_activity", 2, { protocol: ["dhcp", "dhcpv6"], action: ["offer"] }),
  row("dhcp_activity", 3, { protocol: ["dhcp", "dhcpv6"], action: ["request"] }),
  row("dhcp_activity", 4, { protocol: ["dhcp", "dhcpv6"], action: ["decline"] }),
  row("dhcp_activity", 6, { protocol: ["dhcp", "dhcpv6"], action: ["nak"] }),
  row("dhcp_activity", 5, { protocol: ["dhcp", "dhcpv6"], action: ["ack"] }),
  row("dhcp_activity", 7, { protocol: ["dhcp", "dhcpv6"], action: ["release"] }),
  row("dhcp_activity", 8, { protocol: ["dhcp", "dhcpv6"], action: ["inform"] }),
  row("dhcp_activity", 9, { protocol: ["dhcp", "dhcpv6"], action: ["expire"] }),
  row("dhcp_activity", OTHER, { protocol: ["dhcp", "dhcpv6"] }),
  row("rdp_activity", 7, { protocol: ["rdp"], type: "end" }),
  row("rdp_activity", 3, { protocol: ["rdp"], type: "start" }),
  row("rdp_activity", 6, { protocol: ["rdp"] }),
  row("smb_activity", 3, { protocol: ["smb"], type: "creation" }),
  row("smb_activity", 2, { protocol: ["smb"], type: "access" }),
  row("smb_activity", OTHER, { protocol: ["smb"] }),
  row("ssh_activity", 5, { protocol: ["ssh"], type: "denied" }),
  row("ssh_activity", 2, { protocol: ["ssh"], type: "end" }),
  row("ssh_activity", 1, { protocol: ["ssh"], type: "start" }),
  row("ssh_activity", 6, { protocol: ["ssh"] }),
  row("ftp_activity", 2, { protocol: ["ftp"], action: ["retr"] }),
  row("ftp_activity", 1, { protocol: ["ftp"], action: ["stor"] }),
  row("ftp_activity", 4, { protocol: ["ftp"], action: ["dele"] }),
  row("ftp_activity", 6, { protocol: ["ftp"], action: ["list"] }),
  row("ftp_activity", OTHER, { protocol: ["ftp"] }),
  row("network_activity", 5, { category: "network", type: "denied" }),
  row("network_activity", 2, { category: "network", type: "end" }),
  row("network_activity", 1, { category: "network", type: "start" }),
  row("network_activity", 6, { category: "network" }),
  row("http_activity", HTTP_METHOD, { category: "web", field: "http.response.status_code" }),
  row("http_activity", HTTP_METHOD, { category: "web", field: "url.original" }),

  row("application_lifecycle", 2, { category: "web", action: ["undeployed"] }),
  row("application_lifecycle", 1, { category: "web", action: ["deployed"] }),

  // Settings: of a product's interface, of a device.
  row("api_activity", 1, { category: "web", type: "creation" }),
  row("api_activity", OTHER, { category: "web" }),
  row("device_config_state_change", 1, { category: "configuration" }),
  row("api_activity", 1, { category: "configuration", type: "creation" }),
  row("api_activity", 4, { category: "configuration", type: "deletion" }),
  row("api_activity", 3, { category: "configuration", type: "change" }),
  row("api_activity", OTHER, { category: "configuration" }),
  row("api_activity", 3, { category: "iam", type: "change" }),
  row("api_activity", 1, { category: "iam", type: "creation" }),
  row("api_activity", 4, { category: "iam", type: "deletion" }),
  row("entity_management", 3, { category: "configuration", type: "change" }),

  // Any other call that says who did what from where.
  row("api_activity", 1, { type: "creation" }),
  row("api_activity", 4, { type: "deletion" }),
  row("api_activity", 3, { type: "change" }),
  row("api_activity", 2, { type: "access" }),
  row("api_activity", OTHER, { field: "cloud.provider" }),

  // What detects things, but did not call this an alert.
  row("detection_finding", 1, { category: "intrusion_detection" }),
  row("detection_finding", 1, { category: "malware" }),
  row("detection_finding", 1, { category: "threat" }),
  row("application_error", 1, { type: "error" }),
  row("base_event", OTHER),
];
