import type { EventFields, FieldValue } from "@tyto/domain";
import { cloud } from "./attributes/application.ts";
import { actor, device } from "./attributes/device.ts";
import { attacks, findingInfo, firewallRule, malware, policy } from "./attributes/findings.ts";
import { actorUser } from "./attributes/identity.ts";
import { ATTRIBUTES } from "./attribute-map.ts";
import { activityOf, rowsFor } from "./choose-class.ts";
import type { ClassRow } from "./class-map.ts";
import { activityCaption, CATEGORY_NAMES, CLASSES } from "./classes.ts";
import { FieldReader } from "./field-reader.ts";
import { metadata, packProduct } from "./metadata.ts";
import type { ExportedEvent } from "./metadata.ts";
import { observablesOf } from "./observables.ts";
import { SEVERITY_NAMES, severityId } from "./severity.ts";
import { known } from "./values.ts";
import type { OcsfObject, OcsfValue } from "./values.ts";

const NANOS_PER_MILLISECOND = 1_000_000;
/** The Windows extension's classes are numbered from 200 times 1,000 on. */
const WINDOWS_CLASSES = 200_000;

/** An event in OCSF 1.8.0. What of it found no attribute is under `unmapped`, by its own name: nothing gets lost. */
export function toOcsf(event: ExportedEvent): OcsfObject {
  for (const row of rowsFor(event.fields)) {
    const made = attempt(event, row);
    if (made !== undefined) return made;
  }
  // The map's last row asks for nothing and its class requires nothing.
  return attempt(event, { when: {}, name: "base_event", activity: 0 }) ?? {};
}

/** The event as one class; `undefined` when it lacks what the class requires. */
function attempt(event: ExportedEvent, row: ClassRow): OcsfObject | undefined {
  const reader = new FieldReader(event.fields);
  const { attributes, required, oneOf } = ATTRIBUTES[row.name];
  const context = { eventId: event.id, product: packProduct(event.pack)?.product };
  const own: Record<string, OcsfValue> = {};
  for (const [name, build] of Object.entries(attributes)) {
    const value = build(reader, context);
    if (value !== undefined) own[name] = value;
  }
  const place = known({
    device: device(reader),
    actor: actor(reader, { user: actorUser(reader), isProcessClass: row.name === "process_activity" }),
    cloud: cloud(reader),
  });
  const all: OcsfObject = { ...own, ...place };
  if (required.some((name) => !(name in all))) return undefined;
  if (oneOf !== undefined && !oneOf.some((name) => name in all)) return undefined;
  return whole(event, { row, reader, all });
}

function whole(
  event: ExportedEvent,
  { row, reader, all }: { readonly row: ClassRow; readonly reader: FieldReader; readonly all: OcsfObject },
): OcsfObject {
  const isFinding = CLASSES[row.name].category === 2;
  const finding = isFinding ? { finding_info: findingInfo(reader, event.id) } : {};
  const control = securityControl(reader, { fields: event.fields, isFinding });
  const profiles = [
    ...("device" in all || "actor" in all ? ["host"] : []),
    ...("cloud" in all ? ["cloud"] : []),
    ...(control === undefined ? [] : ["security_control"]),
  ];
  const extension = CLASSES[row.name].uid > WINDOWS_CLASSES ? "win" : undefined;
  const severity = severityOf(reader);
  const body: OcsfObject = {
    ...classification(row, event.fields),
    ...severity,
    ...outcome(reader),
    time: Math.floor(event.timestamp / 1_000),
    ...times(reader),
    metadata: metadata(event, reader, { profiles, extension }),
    ...known({ message: reader.text("message") }),
    ...all,
    ...finding,
    ...control,
    raw_data: new TextDecoder().decode(event.raw),
  };
  const observables = observablesOf(body);
  return { ...body, ...known({ observables, unmapped: unmapped(reader, observables) }) };
}

function classification({ name, activity: rule }: ClassRow, fields: EventFields): OcsfObject {
  const { uid, category, caption } = CLASSES[name];
  const found = activityOf(rule, fields);
  const action = fields["event.action"];
  const isNamed = found === 99 && typeof action === "string" && action !== "";
  const activity = activityCaption(name, found);
  return {
    class_uid: uid,
    class_name: caption,
    category_uid: category,
    category_name: CATEGORY_NAMES[category] ?? "",
    activity_id: found,
    activity_name: isNamed ? action : activity,
    type_uid: uid * 100 + found,
    type_name: `${caption}: ${activity}`,
  };
}

function severityOf(reader: FieldReader): OcsfObject {
  const id = severityId(
    [
      reader.peek("vulnerability.severity"),
      reader.peek("log.level"),
      reader.peek("log.syslog.severity.name"),
    ],
    reader.whole("log.syslog.severity.code"),
  );
  return { severity_id: id, severity: SEVERITY_NAMES[id] ?? "" };
}

const STATUS: ReadonlyMap<string, readonly [id: number, caption: string]> = new Map([
  ["success", [1, "Success"]],
  ["failure", [2, "Failure"]],
]);

function outcome(reader: FieldReader): OcsfObject {
  const [id, caption] = STATUS.get(reader.text("event.outcome") ?? "") ?? [0, "Unknown"];
  return {
    status_id: id,
    status: caption,
    ...known({
      status_detail: reader.text("event.reason"),
      status_code: reader.text("error.code"),
    }),
  };
}

function times(reader: FieldReader): OcsfObject | undefined {
  return known({
    start_time: reader.instant("event.start"),
    end_time: reader.instant("event.end"),
    duration: reader.attempt((r) => {
      const nanos = r.whole("event.duration");
      return nanos === undefined || nanos < 0 ? undefined : Math.round(nanos / NANOS_PER_MILLISECOND);
    }),
  });
}

/** What a control decided, and by which rule. */
function securityControl(
  reader: FieldReader,
  { fields, isFinding }: { readonly fields: EventFields; readonly isFinding: boolean },
): OcsfObject | undefined {
  const isListed = (name: string, value: string): boolean => {
    const list = fields[name];
    return Array.isArray(list) && list.includes(value);
  };
  const isMalware = isListed("event.category", "malware");
  return known({
    ...decision(isListed("event.type", "allowed"), isListed("event.type", "denied")),
    is_alert: isFinding && fields["event.kind"] === "alert" ? true : undefined,
    firewall_rule: isFinding ? undefined : firewallRule(reader),
    policy: policy(reader),
    malware: isMalware ? malware(reader) : undefined,
    attacks: isFinding ? undefined : attacks(reader),
  });
}

function decision(isAllowed: boolean, isDenied: boolean): OcsfObject {
  if (isDenied) return { action_id: 2, action: "Denied", disposition_id: 2, disposition: "Blocked" };
  return isAllowed ? { action_id: 1, action: "Allowed", disposition_id: 1, disposition: "Allowed" } : {};
}

/** ECS's indexes of an event's own values; they are the observables. */
const INDEXES = ["related.ip", "related.user", "related.hosts", "related.hash"];
/** Told by the class, the activity and the metadata. */
const TOLD = ["event.kind", "event.category", "event.type", "event.original", "ecs.version"];

function unmapped(reader: FieldReader, observables: readonly OcsfObject[]): OcsfObject | undefined {
  const values = new Set(observables.map(({ value }) => value));
  for (const name of INDEXES) {
    const isCovered = reader.values(name).every((value) => values.has(value));
    if (isCovered) reader.take(name);
  }
  reader.take(...TOLD);
  const rest = Object.create(null) as Record<string, OcsfValue>;
  for (const [name, value] of Object.entries(reader.rest())) {
    const json = withoutNull(value);
    if (json !== undefined) rest[name] = json;
  }
  return known(rest);
}

function withoutNull(value: FieldValue): OcsfValue | undefined {
  if (value === null) return undefined;
  if (typeof value !== "object") return value;
  if (isList(value)) return value.flatMap((item) => withoutNull(item) ?? []);
  const kept = Object.create(null) as Record<string, OcsfValue>;
  for (const [name, inner] of Object.entries(value)) {
    const json = withoutNull(inner);
    if (json !== undefined) kept[name] = json;
  }
  return kept;
}

function isList(value: FieldValue): value is readonly FieldValue[] {
  return Array.isArray(value);
}
