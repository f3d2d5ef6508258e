import type { FieldTable, LogsourceRow, ProductRow } from "./rows.ts";
import type { When } from "./when.ts";

/** Sysmon's names for what an endpoint did, as ECS has them. */
const PROCESS: FieldTable = {
  Image: ["process.executable"],
  CommandLine: ["process.command_line"],
  ParentImage: ["process.parent.executable"],
  ParentCommandLine: ["process.parent.command_line"],
  User: ["user.name"],
  ProcessId: ["process.pid"],
  CurrentDirectory: ["process.working_directory"],
  OriginalFileName: ["process.pe.original_file_name"],
};
const FILE: FieldTable = { TargetFilename: ["file.path"], Image: ["process.executable"] };
const NETWORK: FieldTable = {
  DestinationIp: ["destination.ip"],
  DestinationPort: ["destination.port"],
  DestinationHostname: ["destination.domain", "destination.address"],
  SourceIp: ["source.ip"],
  SourcePort: ["source.port"],
  Image: ["process.executable"],
};

/** Names of a web log in W3C's extended format, which Sigma uses for web servers and proxies. */
const WEB: FieldTable = {
  "cs-method": ["http.request.method"],
  "cs-uri": ["url.original", "url.full"],
  "c-uri": ["url.original", "url.full"],
  "cs-uri-stem": ["url.path"],
  "c-uri-stem": ["url.path"],
  "cs-uri-query": ["url.query"],
  "c-uri-query": ["url.query"],
  "c-uri-extension": ["url.extension"],
  "sc-status": ["http.response.status_code"],
  "cs-user-agent": ["user_agent.original"],
  "c-useragent": ["user_agent.original"],
  "cs-referer": ["http.request.referrer"],
  "cs-referrer": ["http.request.referrer"],
  "cs-username": ["user.name"],
  "cs-host": ["url.domain", "destination.domain"],
  "cs-content-type": ["http.request.mime_type"],
  "c-ip": ["source.ip", "client.ip"],
  src_ip: ["source.ip"],
  dst_ip: ["destination.ip"],
};
const CONNECTION: FieldTable = {
  src_ip: ["source.ip"],
  src_port: ["source.port"],
  dst_ip: ["destination.ip"],
  dst_port: ["destination.port"],
  action: ["event.action"],
};
const DNS: FieldTable = {
  query: ["dns.question.name"],
  record_type: ["dns.question.type"],
  answer: ["dns.answers.data", "dns.resolved_ip"],
};

const CLOUDTRAIL: FieldTable = {
  eventName: ["event.action"],
  eventSource: ["event.provider"],
  eventType: ["aws.cloudtrail.event_type"],
  eventCategory: ["aws.cloudtrail.event_category"],
  errorCode: ["aws.cloudtrail.error_code", "error.code"],
  errorMessage: ["aws.cloudtrail.error_message", "error.message"],
  userAgent: ["user_agent.original"],
  sourceIPAddress: ["source.address", "source.ip"],
  src_ip: ["source.ip"],
  src_country: ["source.geo.country_iso_code"],
  awsRegion: ["cloud.region"],
  recipientAccountId: ["aws.cloudtrail.recipient_account_id"],
  "userIdentity.type": ["aws.cloudtrail.user_identity.type"],
  "userIdentity.arn": ["aws.cloudtrail.user_identity.arn"],
  "userIdentity.userName": ["user.name"],
  "userIdentity.principalId": ["user.id"],
  "userIdentity.accessKeyId": ["aws.cloudtrail.user_identity.access_key_id"],
  "userIdentity.sessionContext.sessionIssuer.type": [
    "aws.cloudtrail.user_identity.session_context.session_issuer.type",
  ],
  "requestParameters.userName": ["user.target.name"],
  requestParameters: ["aws.cloudtrail.request_parameters"],
  responseElements: ["aws.cloudtrail.response_elements"],
  additionalEventData: ["aws.cloudtrail.additional_eventdata"],
};

const CLOUDTRAIL_PREFIXES: FieldTable = {
  "requestParameters.": [
    "aws.cloudtrail.flattened.request_parameters.",
    "aws.cloudtrail.request_parameters.",
  ],
  "responseElements.": ["aws.cloudtrail.flattened.response_elements.", "aws.cloudtrail.response_elements."],
  "additionalEventData.": [
    "aws.cloudtrail.flattened.additional_eventdata.",
    "aws.cloudtrail.additional_eventdata.",
  ],
  "userIdentity.": ["aws.cloudtrail.user_identity."],
};

export const PRODUCTS: readonly ProductRow[] = [
  {
    product: "linux",
    when: [{ osType: ["linux"] }, { pack: ["linux", "auditd"] }, { module: ["linux", "system", "auditd"] }],
  },
  { product: "macos", when: [{ osType: ["macos"] }, { pack: ["macos"] }] },
  {
    product: "aws",
    when: [{ cloud: ["aws"] }, { pack: ["aws"] }, { shape: "cloudtrail" }],
    namespaces: ["aws.cloudtrail", "aws.cloudtrail.flattened"],
  },
];

const OPENED: When = { category: ["process"], type: ["start"] };
const WEB_SERVER: readonly When[] = [
  { pack: ["nginx", "apache", "iis", "core-web"] },
  { module: ["nginx", "apache", "iis"] },
  { dataset: ["nginx.access", "apache.access", "iis.access"] },
];

const MAIL: readonly When[] = [
  { module: ["cisco_secure_email_gateway", "fortinet_fortimail", "mimecast", "proofpoint_tap"] },
  { dataset: ["microsoft_exchange_online_message_trace", "o365.audit"] },
];

const ENDPOINT_ROWS: readonly LogsourceRow[] = ["linux", "macos"].flatMap((product): LogsourceRow[] => [
  { product, category: "process_creation", when: [OPENED], fields: PROCESS },
  { product, category: "file_event", when: [{ category: ["file"] }], fields: FILE },
  { product, category: "network_connection", when: [{ category: ["network"] }], fields: NETWORK },
]);

export const PLATFORM_ROWS: readonly LogsourceRow[] = [
  ...ENDPOINT_ROWS,
  { product: "linux", service: "auth", when: [{ pack: ["linux-auth"] }, { dataset: ["auth"] }] },
  { product: "linux", service: "syslog", when: [{ pack: ["linux"] }, { dataset: ["syslog"] }] },
  { product: "linux", service: "sshd", when: [{ program: ["sshd", "sshd-session"] }] },
  { product: "linux", service: "sudo", when: [{ program: ["sudo"] }] },
  { product: "linux", service: "cron", when: [{ program: ["cron", "crond"] }] },
  { product: "linux", service: "vsftpd", when: [{ program: ["vsftpd"] }] },
  { product: "linux", service: "clamav", when: [{ program: ["clamd", "clamav", "freshclam", "clamscan"] }] },
  { product: "linux", service: "guacamole", when: [{ program: ["guacd", "guacamole"] }] },
  {
    product: "linux",
    service: "auditd",
    when: [{ pack: ["auditd", "linux-auditd"] }, { module: ["auditd"] }],
  },
  {
    product: "aws",
    service: "cloudtrail",
    when: [{ shape: "cloudtrail" }, { dataset: ["aws.cloudtrail"] }, { pack: ["aws-cloudtrail"] }],
    fields: CLOUDTRAIL,
    prefixes: CLOUDTRAIL_PREFIXES,
  },
  {
    category: "webserver",
    when: [...WEB_SERVER, { category: ["web"], type: ["access"], observer: [""] }],
    fields: WEB,
  },
  { service: "nginx", when: [{ pack: ["nginx"] }, { module: ["nginx"] }], fields: WEB },
  { service: "apache", when: [{ pack: ["apache"] }, { module: ["apache"] }], fields: WEB },
  {
    category: "proxy",
    when: [{ observer: ["proxy"] }, { pack: ["squid"] }, { module: ["squid", "zscaler"] }],
    fields: WEB,
  },
  {
    category: "firewall",
    when: [
      { category: ["network"], type: ["allowed", "denied"] },
      { category: ["network"], observer: ["firewall"] },
    ],
    fields: CONNECTION,
  },
  { category: "dns", when: [{ dnsQuestion: true }], fields: DNS },
  { service: "netflow", when: [{ dataset: ["netflow"] }, { pack: ["netflow"] }] },
  /** Ours: any sign-in of any product, in ECS names. */
  { category: "authentication", when: [{ category: ["authentication"] }] },
  /** Ours: the rest of ECS's categories that Sigma has no logsource for. */
  ...["configuration", "database", "file", "iam", "intrusion_detection", "network"].map((category) => ({
    category,
    when: [{ category: [category] }],
  })),
  /** Ours: mail gateways and mailboxes. Most of them write no category. */
  { category: "email", when: [{ category: ["email"] }, ...MAIL] },
];
