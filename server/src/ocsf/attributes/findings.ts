import type { FieldReader } from "../field-reader.ts";
import { having, known, oneOrNone } from "../values.ts";
import type { OcsfObject, OcsfValue } from "../values.ts";
import { dnsQuery, email, httpRequest, httpResponse, url } from "./application.ts";
import { file, process } from "./files.ts";
import { connection, destinationEndpoint, sourceEndpoint, tls } from "./network.ts";

/** A product's own alert. Its uid is the product's, else the event's: one record is one finding. */
export function findingInfo(reader: FieldReader, eventId: string): OcsfObject {
  const rule = reader.attempt((r) =>
    having(
      known({
        name: r.text("rule.name"),
        uid: r.text("rule.id"),
        version: r.text("rule.version"),
        category: r.text("rule.category"),
        desc: r.text("rule.description"),
      }),
      "name",
      "uid",
    ),
  );
  return {
    uid: reader.peek("event.id") ?? eventId,
    ...known({
      title: reader.peek("rule.name") ?? reader.text("message") ?? reader.peek("event.action"),
      desc: reader.peek("rule.description") ?? reader.peek("message"),
      analytic: rule === undefined ? undefined : { ...rule, type_id: 1, type: "Rule" },
      attacks: attacks(reader),
      src_url: reader.text("event.reference", "event.url", "rule.reference"),
      first_seen_time: reader.instant("threat.indicator.first_seen"),
      last_seen_time: reader.instant("threat.indicator.last_seen"),
    }),
  };
}

/** ATT&CK's tactics and techniques stand in lists side by side; a technique without its tactic is one all the same. */
export function attacks(reader: FieldReader): readonly OcsfObject[] | undefined {
  const at = (name: string): readonly string[] => reader.texts(`threat.${name}`);
  const tactics = { ids: at("tactic.id"), names: at("tactic.name") };
  const techniques = { ids: at("technique.id"), names: at("technique.name") };
  const subs = { ids: at("technique.subtechnique.id"), names: at("technique.subtechnique.name") };
  const count = Math.max(
    ...[tactics, techniques, subs].flatMap(({ ids, names }) => [ids.length, names.length]),
  );
  const found: OcsfObject[] = [];
  for (let i = 0; i < count; i++) {
    const pair = (list: typeof tactics): OcsfObject | undefined =>
      known({ uid: list.ids[i], name: list.names[i] });
    const attack = known({ tactic: pair(tactics), technique: pair(techniques), sub_technique: pair(subs) });
    if (attack !== undefined) found.push(attack);
  }
  return found.length === 0 ? undefined : found;
}

/** What the product saw: the ends, the file, the request, all in one piece of evidence. */
export function evidences(reader: FieldReader): readonly OcsfObject[] | undefined {
  const evidence = known({
    src_endpoint: sourceEndpoint(reader),
    dst_endpoint: destinationEndpoint(reader),
    connection_info: connection(reader),
    file: file(reader),
    process: process(reader),
    query: dnsQuery(reader),
    email: email(reader),
    ...webEvidence(reader),
    tls: tls(reader),
  });
  return evidence === undefined ? undefined : [evidence];
}

/** A URL without a request stands alone. */
function webEvidence(reader: FieldReader): Readonly<Record<string, OcsfValue | undefined>> {
  const isRequest = reader.has("http.request.method") || reader.has("user_agent.original");
  return isRequest
    ? { http_request: httpRequest(reader), http_response: httpResponse(reader) }
    : { url: url(reader), http_response: httpResponse(reader) };
}

export function vulnerabilities(reader: FieldReader): readonly OcsfObject[] | undefined {
  return reader.attempt((r) => {
    const uid = r.text("vulnerability.id");
    if (uid === undefined) return undefined;
    const vulnerability = known({
      ...(/^CVE-\d/i.test(uid) ? { cve: { uid } } : { advisory: { uid } }),
      severity: r.text("vulnerability.severity"),
      desc: r.text("vulnerability.description"),
      category: r.text("vulnerability.category"),
      vendor_name: r.text("vulnerability.scanner.vendor"),
      references: oneOrNone(r.text("vulnerability.reference")),
    });
    return vulnerability === undefined ? undefined : [vulnerability];
  });
}

/** The name of the malware; what sort it is, no field of ECS says. */
export function malware(reader: FieldReader): readonly OcsfObject[] | undefined {
  const name = reader.text("threat.software.name", "threat.indicator.name");
  return name === undefined ? undefined : [{ name, classification_ids: [0] }];
}

/** Where an indicator's value stands, and OCSF's number of its kind. */
const INDICATORS: readonly (readonly [name: string, typeId: number])[] = [
  ["ip", 1],
  ["domain", 2],
  ["url.domain", 2],
  ["file.hash.sha256", 4],
  ["file.hash.sha1", 4],
  ["file.hash.md5", 4],
  ["url.full", 5],
  ["url.original", 5],
  ["email.address", 9],
  ["file.name", 11],
];

export function indicators(reader: FieldReader): readonly OcsfObject[] | undefined {
  const found = INDICATORS.flatMap(([name, typeId]) => {
    const value = reader.text(`threat.indicator.${name}`);
    return value === undefined ? [] : [{ value, type_id: typeId }];
  });
  return found.length === 0 ? undefined : found;
}

/** The rule of a firewall, a filter or a proxy that decided. */
export function firewallRule(reader: FieldReader): OcsfObject | undefined {
  return reader.attempt((r) =>
    having(
      known({
        name: r.text("rule.name"),
        uid: r.text("rule.id", "rule.uuid"),
        category: r.text("rule.category"),
        desc: r.text("rule.description"),
        version: r.text("rule.version"),
      }),
      "name",
      "uid",
    ),
  );
}

export function policy(reader: FieldReader): OcsfObject | undefined {
  const name = reader.text("rule.ruleset");
  return name === undefined ? undefined : { name };
}
