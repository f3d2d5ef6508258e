import type { FieldTable, LogsourceRow, LogsourceTable } from "./rows.ts";

/**
 * Zeek's logs. Zeek's own names stand under `zeek.<log>` as Elastic's integration has them; the ends of a connection are
 * ECS in every log.
 */
const CONNECTION: FieldTable = {
  "id.orig_h": ["source.ip", "source.address"],
  "id.orig_p": ["source.port"],
  "id.resp_h": ["destination.ip", "destination.address"],
  "id.resp_p": ["destination.port"],
  uid: ["zeek.session_id"],
  proto: ["network.transport"],
};

/** Logs by Zeek's name: where a field's name or place differs from `zeek.<log>.<name>`, best first. */
const LOGS: Readonly<Record<string, FieldTable>> = {
  conn: { service: ["network.protocol"], conn_state: ["zeek.connection.state"] },
  dce_rpc: {
    endpoint: ["zeek.dce_rpc.endpoint"],
    operation: ["zeek.dce_rpc.operation", "event.action"],
    named_pipe: ["zeek.dce_rpc.named_pipe"],
  },
  dns: {
    query: ["zeek.dns.query", "dns.question.name"],
    answers: ["zeek.dns.answers", "dns.answers.data"],
    qtype_name: ["zeek.dns.qtype_name", "dns.question.type"],
    rejected: ["zeek.dns.rejected"],
    Z: ["zeek.dns.Z"],
  },
  files: {
    mime_type: ["file.mime_type", "zeek.files.mime_type"],
    filename: ["zeek.files.filename", "file.name"],
  },
  http: {
    method: ["http.request.method"],
    host: ["url.domain", "destination.domain"],
    uri: ["url.original", "url.path"],
    "c-uri": ["url.original", "uri"],
    user_agent: ["user_agent.original"],
    "c-useragent": ["user_agent.original", "user_agent"],
    status_code: ["http.response.status_code"],
    request_body_len: ["http.request.body.bytes"],
    response_body_len: ["http.response.body.bytes"],
    resp_mime_types: ["zeek.http.resp_mime_types"],
    client_header_names: ["zeek.http.client_header_names"],
    username: ["user.name", "url.username"],
  },
  kerberos: {
    request_type: ["zeek.kerberos.request_type", "event.action"],
    cipher: ["zeek.kerberos.cipher"],
    service: ["zeek.kerberos.service"],
    client: ["zeek.kerberos.client"],
  },
  rdp: { result: ["zeek.rdp.result"], security_protocol: ["zeek.rdp.security_protocol"] },
  smb_files: {
    name: ["zeek.smb_files.name", "file.name"],
    path: ["zeek.smb_files.path"],
    action: ["zeek.smb_files.action", "event.action"],
  },
  smb_mapping: { path: ["zeek.smb_mapping.path"], share_type: ["zeek.smb_mapping.share_type"] },
  ssl: { server_name: ["zeek.ssl.server.name", "tls.client.server_name"], ja3: ["tls.client.ja3"] },
  x509: {
    "certificate.serial": ["zeek.x509.certificate.serial", "file.x509.serial_number"],
    "certificate.subject": ["file.x509.subject.common_name"],
    "certificate.issuer": ["file.x509.issuer.common_name"],
  },
};

/** Elastic's dataset, where it is not Zeek's name of the log. */
const DATASETS: Readonly<Record<string, readonly string[]>> = { conn: ["zeek.conn", "zeek.connection"] };

const rows: readonly LogsourceRow[] = Object.entries(LOGS).map(([log, fields]) => ({
  product: "zeek",
  service: log,
  when: [{ dataset: DATASETS[log] ?? [`zeek.${log}`, `zeek-zeek.${log}`] }],
  sends: [`zeek.${log}`],
  fields: { ...CONNECTION, ...fields },
}));

export const ZEEK: LogsourceTable = {
  products: [
    {
      product: "zeek",
      when: [{ dataset: ["zeek"] }, { pack: ["zeek"] }, { module: ["zeek"] }],
      sends: ["zeek"],
    },
  ],
  rows,
};
