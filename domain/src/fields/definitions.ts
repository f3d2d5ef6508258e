import type { FieldType } from "./catalogue.ts";

/** Names of one type in one field set, separated by spaces. `[]` behind a name: ECS normalises it to a list. */
export type FieldGroup = Readonly<Partial<Record<FieldType, string>>>;

const hash: FieldGroup = { keyword: "md5 sha1 sha256 sha384 sha512 ssdeep tlsh cdhash" };

const pe: FieldGroup = {
  keyword:
    "architecture company description file_version go_import_hash imphash import_hash import_names_entropy original_file_name pehash product",
  boolean: "go_stripped",
};

const codeSignature: FieldGroup = {
  keyword: "digest_algorithm flags signing_id status subject_name team_id thumbprint_sha256",
  boolean: "exists trusted valid",
  date: "timestamp",
};

const geo: FieldGroup = {
  keyword:
    "city_name continent_code continent_name country_iso_code country_name name postal_code region_iso_code region_name timezone",
  geo_point: "location",
};

const autonomousSystem: FieldGroup = { long: "number", keyword: "organization.name" };

const os: FieldGroup = { keyword: "family full kernel name platform type version" };

const group: FieldGroup = { keyword: "domain id name" };

const user: FieldGroup = {
  keyword: "domain email full_name hash id name roles[] group.domain group.id group.name",
};

const risk: FieldGroup = {
  keyword: "calculated_level static_level",
  float: "calculated_score calculated_score_norm static_score static_score_norm",
};

const vlan: FieldGroup = { keyword: "id name" };
const networkInterface: FieldGroup = { keyword: "alias id name vlan.id vlan.name" };

const endpoint: FieldGroup = {
  keyword: "address domain mac registered_domain subdomain top_level_domain",
  ip: "ip nat.ip",
  long: "bytes nat.port packets port",
};

const x509: FieldGroup = {
  keyword:
    "alternative_names[] issuer.common_name[] issuer.country[] issuer.distinguished_name issuer.locality[] issuer.organization[] issuer.organizational_unit[] issuer.state_or_province[] public_key_algorithm public_key_curve serial_number signature_algorithm subject.common_name[] subject.country[] subject.distinguished_name subject.locality[] subject.organization[] subject.organizational_unit[] subject.state_or_province[] version_number",
  long: "public_key_exponent public_key_size",
  date: "not_after not_before",
};

const url: FieldGroup = {
  keyword:
    "domain extension fragment full original password path query registered_domain scheme subdomain top_level_domain username",
  long: "port",
};

const file: FieldGroup = {
  keyword:
    "attributes[] device directory drive_letter extension fork_name gid group inode mime_type mode name origin_referrer_url origin_url owner path target_path type uid",
  date: "accessed created ctime mtime",
  long: "size",
};

const registry: FieldGroup = {
  keyword: "data.bytes data.strings[] data.type hive key path value",
};

const process: FieldGroup = {
  keyword:
    "args[] command_line entity_id executable name title working_directory env_vars[] hash.md5 thread.name user.id user.name group.id group.name real_user.id real_user.name real_group.id real_group.name saved_user.id saved_user.name supplemental_groups.id[] supplemental_groups.name[] tty.char_device.major vpid",
  long: "args_count exit_code pid pgid thread.id uptime",
  boolean: "interactive same_as_process",
  date: "start end",
};

/** Field sets by where they stand. A set that ECS reuses elsewhere is written once, above. */
export const FIELD_SETS: readonly (readonly [prefix: string, group: FieldGroup])[] = [
  ["", { keyword: "tags[]", text: "message", object: "labels" }],
  ["agent", { keyword: "build.original ephemeral_id id name type version" }],
  ["client", endpoint],
  ["client.as", autonomousSystem],
  ["client.geo", geo],
  ["client.user", user],
  [
    "cloud",
    {
      keyword:
        "account.id account.name availability_zone instance.id instance.name machine.type project.id project.name provider region service.name target.account.id target.region origin.account.id origin.region",
    },
  ],
  [
    "container",
    {
      keyword: "id image.hash.all[] image.name image.tag[] name runtime security_context.privileged",
      float: "cpu.usage memory.usage",
      long: "disk.read.bytes disk.write.bytes network.egress.bytes network.ingress.bytes",
      object: "labels",
    },
  ],
  ["data_stream", { keyword: "dataset namespace type" }],
  ["destination", endpoint],
  ["destination.as", autonomousSystem],
  ["destination.geo", geo],
  ["destination.user", user],
  ["device", { keyword: "id manufacturer model.identifier model.name serial_number" }],
  ["dll", { keyword: "name path" }],
  ["dll.hash", hash],
  ["dll.pe", pe],
  ["dll.code_signature", codeSignature],
  [
    "dns",
    {
      keyword:
        "answers.class answers.data[] answers.name[] answers.type[] header_flags[] id op_code question.class question.name question.registered_domain question.subdomain question.top_level_domain question.type response_code type",
      long: "answers.ttl",
      ip: "resolved_ip[]",
      object: "answers[]",
    },
  ],
  ["ecs", { keyword: "version" }],
  [
    "email",
    {
      keyword:
        "bcc.address[] cc.address[] content_type direction from.address[] local_id message_id reply_to.address[] sender.address subject to.address[] x_mailer attachments.file.name[] attachments.file.extension[] attachments.file.mime_type[] attachments.file.hash.md5 attachments.file.hash.sha1 attachments.file.hash.sha256",
      long: "attachments.file.size",
      date: "delivery_timestamp origination_timestamp",
      object: "attachments[]",
    },
  ],
  ["error", { keyword: "code id stack_trace type", text: "message" }],
  [
    "event",
    {
      keyword:
        "action agent_id_status category[] code dataset hash id kind module original outcome provider reason reference timezone type[] url",
      long: "duration sequence severity",
      float: "risk_score risk_score_norm",
      date: "created end ingested start",
    },
  ],
  ["faas", { keyword: "execution id name trigger.request_id trigger.type version", boolean: "coldstart" }],
  ["file", file],
  ["file.hash", hash],
  ["file.pe", pe],
  ["file.code_signature", codeSignature],
  ["file.x509", x509],
  ["group", group],
  [
    "host",
    {
      keyword: "architecture boot.id domain hostname id mac[] name pid_ns_ino type",
      ip: "ip[]",
      long: "disk.read.bytes disk.write.bytes network.egress.bytes network.egress.packets network.ingress.bytes network.ingress.packets uptime",
      float: "cpu.usage",
    },
  ],
  ["host.geo", geo],
  ["host.os", os],
  ["host.risk", risk],
  [
    "http",
    {
      keyword:
        "request.body.content request.id request.method request.mime_type request.referrer response.body.content response.mime_type version",
      long: "request.body.bytes request.bytes response.body.bytes response.bytes response.status_code",
    },
  ],
  [
    "log",
    {
      keyword:
        "file.path level logger origin.file.name origin.function syslog.appname syslog.facility.name syslog.hostname syslog.msgid syslog.procid syslog.severity.name syslog.version",
      long: "origin.file.line syslog.facility.code syslog.priority syslog.severity.code",
      object: "syslog.structured_data",
    },
  ],
  [
    "network",
    {
      keyword: "application community_id direction iana_number name protocol transport type inner.vlan.id",
      long: "bytes packets",
      ip: "forwarded_ip",
    },
  ],
  ["network.vlan", vlan],
  [
    "observer",
    {
      keyword: "egress.zone hostname ingress.zone mac[] name product serial_number type vendor version",
      ip: "ip[]",
    },
  ],
  ["observer.egress.interface", networkInterface],
  ["observer.ingress.interface", networkInterface],
  ["observer.egress.vlan", vlan],
  ["observer.ingress.vlan", vlan],
  ["observer.geo", geo],
  ["observer.os", os],
  [
    "orchestrator",
    {
      keyword:
        "api_version cluster.id cluster.name cluster.url cluster.version namespace organization resource.annotation[] resource.id resource.ip[] resource.label[] resource.name resource.parent.type resource.type type",
    },
  ],
  ["organization", { keyword: "id name" }],
  [
    "package",
    {
      keyword:
        "architecture build_version checksum description install_scope license name path reference type version",
      long: "size",
      date: "installed",
    },
  ],
  ["process", process],
  ["process.hash", hash],
  ["process.pe", pe],
  ["process.code_signature", codeSignature],
  ["process.parent", process],
  ["process.parent.hash", hash],
  ["process.parent.pe", pe],
  ["process.parent.code_signature", codeSignature],
  ["process.group_leader", process],
  ["process.entry_leader", process],
  ["process.session_leader", process],
  ["registry", registry],
  ["related", { keyword: "hash[] hosts[] user[]", ip: "ip[]" }],
  ["rule", { keyword: "author[] category description id license name reference ruleset uuid version" }],
  ["server", endpoint],
  ["server.as", autonomousSystem],
  ["server.geo", geo],
  ["server.user", user],
  [
    "service",
    {
      keyword:
        "address environment ephemeral_id id name node.name node.role node.roles[] state type version target.address target.name target.type",
    },
  ],
  ["source", endpoint],
  ["source.as", autonomousSystem],
  ["source.geo", geo],
  ["source.user", user],
  ["span", { keyword: "id" }],
  ["trace", { keyword: "id" }],
  ["transaction", { keyword: "id" }],
  [
    "threat",
    {
      keyword:
        "feed.dashboard_id feed.description feed.name feed.reference framework group.alias[] group.id group.name group.reference software.alias[] software.id software.name software.platforms[] software.reference software.type tactic.id[] tactic.name[] tactic.reference[] technique.id[] technique.name[] technique.reference[] technique.subtechnique.id[] technique.subtechnique.name[] technique.subtechnique.reference[]",
      object: "enrichments[]",
    },
  ],
  [
    "threat.indicator",
    {
      keyword:
        "confidence description email.address id[] marking.tlp marking.tlp_version name provider reference type",
      long: "port scanner_stats sightings",
      ip: "ip",
      date: "first_seen last_seen modified_at",
    },
  ],
  ["threat.indicator.as", autonomousSystem],
  ["threat.indicator.geo", geo],
  ["threat.indicator.file", file],
  ["threat.indicator.file.hash", hash],
  ["threat.indicator.file.pe", pe],
  ["threat.indicator.url", url],
  ["threat.indicator.registry", registry],
  ["threat.indicator.x509", x509],
  [
    "tls",
    {
      keyword:
        "cipher client.certificate client.certificate_chain[] client.hash.md5 client.hash.sha1 client.hash.sha256 client.issuer client.ja3 client.server_name client.subject client.supported_ciphers[] curve next_protocol server.certificate server.certificate_chain[] server.hash.md5 server.hash.sha1 server.hash.sha256 server.issuer server.ja3s server.subject version version_protocol",
      boolean: "established resumed",
      date: "client.not_after client.not_before server.not_after server.not_before",
    },
  ],
  ["tls.client.x509", x509],
  ["tls.server.x509", x509],
  ["url", url],
  ["user", user],
  ["user.risk", risk],
  ["user.changes", user],
  ["user.effective", user],
  ["user.target", user],
  ["user_agent", { keyword: "device.name name original version" }],
  ["user_agent.os", os],
  [
    "volume",
    {
      keyword:
        "bus_type default_access device_name device_type dos_name file_system_type mount_name nt_name product_id product_name serial_number vendor_id vendor_name",
      boolean: "removable writable",
      long: "size",
    },
  ],
  [
    "vulnerability",
    {
      keyword:
        "category[] classification description enumeration id reference report_id scanner.vendor score.version severity",
      float: "score.base score.environmental score.temporal",
    },
  ],
  // Ours, beside ECS. `occurrences`: how many occurrences a line stands for, when not one.
  ["tyto", { long: "occurrences", keyword: "shape format time switched_off unconverted[]" }],
  // Aliases that the mission's firewall line asks for; `QUERY_ALIASES` makes them work for every source.
  ["", { keyword: "action src_ip dst_ip port" }],
];
