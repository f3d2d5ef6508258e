import type { FieldValue } from "@tyto/domain";
import { textOf } from "../field-reader.ts";
import type { FieldReader } from "../field-reader.ts";
import { having, known, oneOrNone } from "../values.ts";
import type { OcsfObject } from "../values.ts";

export function url(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) =>
    having(
      known({
        url_string: r.text("url.full") ?? r.text("url.original"),
        path: r.text("url.path"),
        hostname: r.text("url.domain"),
        scheme: r.text("url.scheme"),
        port: r.port("url.port"),
        query_string: r.text("url.query"),
        subdomain: r.text("url.subdomain"),
      }),
      "url_string",
      "path",
    ),
  );
}

export function httpRequest(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) =>
    known({
      http_method: r.text("http.request.method"),
      url: url(r),
      user_agent: r.text("user_agent.original"),
      referrer: r.text("http.request.referrer"),
      version: r.text("http.version"),
      uid: r.text("http.request.id"),
      length: r.whole("http.request.bytes"),
      body_length: r.whole("http.request.body.bytes"),
    }),
  );
}

export function httpResponse(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) =>
    having(
      known({
        code: r.whole("http.response.status_code"),
        content_type: r.text("http.response.mime_type"),
        length: r.whole("http.response.bytes"),
        body_length: r.whole("http.response.body.bytes"),
      }),
      "code",
    ),
  );
}

const OPCODES: ReadonlyMap<string, number> = new Map([
  ["query", 0],
  ["iquery", 1],
  ["status", 2],
  ["notify", 4],
  ["update", 5],
]);

export function dnsQuery(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) => {
    const hostname = r.text("dns.question.name");
    if (hostname === undefined) return undefined;
    const opcode = r.text("dns.op_code");
    return known({
      hostname,
      type: r.text("dns.question.type"),
      class: r.text("dns.question.class"),
      packet_uid: r.whole("dns.id"),
      opcode,
      opcode_id: opcode === undefined ? undefined : (OPCODES.get(opcode.toLowerCase()) ?? 99),
    });
  });
}

/** Whole answers where the log has them, their data alone where not. */
export function dnsAnswers(reader: FieldReader): readonly OcsfObject[] | undefined {
  const whole = reader.objects("dns.answers").flatMap((answer) => oneOrNone(answerOf(answer)));
  if (whole.length > 0) return whole;
  for (const name of ["dns.answers.data", "dns.resolved_ip"]) {
    const data = reader.texts(name);
    if (data.length > 0) return data.map((rdata) => ({ rdata }));
  }
  return undefined;
}

function answerOf(answer: Readonly<Record<string, FieldValue>>): OcsfObject | undefined {
  const ttl = answer["ttl"];
  return having(
    known({
      rdata: textOf(answer["data"]),
      type: textOf(answer["type"]),
      class: textOf(answer["class"]),
      ttl: typeof ttl === "number" && Number.isSafeInteger(ttl) ? ttl : undefined,
    }),
    "rdata",
  );
}

/** IANA's names of DNS response codes, with OCSF's numbers. */
const RCODES: readonly string[] = [
  "NOERROR",
  "FORMERR",
  "SERVFAIL",
  "NXDOMAIN",
  "NOTIMP",
  "REFUSED",
  "YXDOMAIN",
  "YXRRSET",
  "NXRRSET",
  "NOTAUTH",
  "NOTZONE",
];

export function rcode(reader: FieldReader): string | undefined {
  return reader.text("dns.response_code");
}

export function rcodeId(reader: FieldReader): number | undefined {
  const code = reader.peek("dns.response_code");
  if (code === undefined) return undefined;
  const id = RCODES.indexOf(code.toUpperCase());
  return id < 0 ? 99 : id;
}

export function email(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) => {
    const froms = r.emails("email.from.address");
    const from = froms[0];
    return having(
      known({
        from,
        from_list: froms.length > 1 ? froms : undefined,
        to: r.emails("email.to.address"),
        cc: r.emails("email.cc.address"),
        reply_to_list: r.emails("email.reply_to.address"),
        sender: r.email("email.sender.address"),
        subject: r.text("email.subject"),
        message_uid: r.text("email.message_id"),
        uid: r.text("email.local_id"),
        files: r.attempt(attachments),
      }),
      "from",
      "to",
    );
  });
}

function attachments(reader: FieldReader): readonly OcsfObject[] | undefined {
  const files = reader.texts("email.attachments.file.name").map((name) => ({ name, type_id: 1 }));
  return files.length === 0 ? undefined : files;
}

export function api(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) => {
    const operation = r.text("event.action");
    if (operation === undefined) return undefined;
    return known({
      operation,
      service: named(r.text("cloud.service.name") ?? r.text("service.name") ?? r.text("event.provider")),
      request: identified(r.text("http.request.id")),
      response: known({ error: r.text("error.code"), error_message: r.text("error.message") }),
    });
  });
}

function named(name: string | undefined): OcsfObject | undefined {
  return name === undefined ? undefined : { name };
}

function identified(uid: string | undefined): OcsfObject | undefined {
  return uid === undefined ? undefined : { uid };
}

/** What people log on to: the service, else the program or the product that asked for the password. */
export function service(
  reader: FieldReader,
  { product }: { readonly product: string | undefined },
): OcsfObject | undefined {
  return named(
    reader.text("service.name") ??
      reader.peek("process.name") ??
      reader.peek("event.provider") ??
      reader.peek("observer.product") ??
      product,
  );
}

export function cloud(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) =>
    having(
      known({
        provider: r.text("cloud.provider"),
        region: r.text("cloud.region"),
        zone: r.text("cloud.availability_zone"),
        account: known({ uid: r.text("cloud.account.id"), name: r.text("cloud.account.name") }),
      }),
      "provider",
    ),
  );
}

export function resources(reader: FieldReader): readonly OcsfObject[] | undefined {
  const found = [
    { prefix: "orchestrator.resource", type: reader.text("orchestrator.resource.type") },
    { prefix: "cloud.instance", type: "instance" },
    { prefix: "entity", type: reader.text("entity.type") },
  ].flatMap(({ prefix, type }) => {
    const resource = reader.attempt((r) =>
      having(known({ name: r.text(`${prefix}.name`), uid: r.text(`${prefix}.id`), type }), "name", "uid"),
    );
    return oneOrNone(resource);
  });
  return found.length === 0 ? undefined : found;
}

/** ECS has no field for a database; vendors' own end alike. */
const DATABASE_NAMES = [".database", ".database_name", ".database.name", ".database.id", ".db"] as const;

export function database(reader: FieldReader): OcsfObject | undefined {
  const field = reader.nameEnding(...DATABASE_NAMES);
  const name = field === undefined ? undefined : reader.text(field);
  return name === undefined ? undefined : { name, type_id: 0, type: "Unknown" };
}
