import type { Entity, EntityType, Event, EventFields, FieldValue } from "@tyto/domain";
import { foldCase } from "../match/fold.ts";
import { canonicalIp } from "../match/ip-address.ts";
import { fieldPath, lookUp, lookUpPath } from "../match/look-up.ts";
import type { FieldPath } from "../match/look-up.ts";

const MAX_ENTITIES = 20;
const MAX_VALUE_CHARACTERS = 512;

interface EntityRow {
  readonly type: EntityType;
  /** ECS fields, all of them. */
  readonly fields: readonly string[];
  /** Sigma's names, tried in order when no ECS field holds any. */
  readonly otherwise: readonly string[];
}

const ENTITY_ROWS: readonly EntityRow[] = [
  {
    type: "user",
    fields: [
      "user.name",
      "user.target.name",
      "user.effective.name",
      "source.user.name",
      "destination.user.name",
    ],
    otherwise: ["TargetUserName", "SubjectUserName", "User", "userIdentity.userName", "cs-username"],
  },
  {
    type: "ip",
    fields: ["source.ip", "destination.ip", "client.ip"],
    otherwise: ["IpAddress", "SourceIp", "DestinationIp", "sourceIPAddress", "src_ip", "dst_ip", "c-ip"],
  },
  { type: "host", fields: ["host.name"], otherwise: ["host.hostname", "Computer", "ComputerName"] },
  { type: "process", fields: ["process.executable"], otherwise: ["process.name", "Image", "NewProcessName"] },
  { type: "file", fields: ["file.path"], otherwise: ["TargetFilename"] },
  {
    type: "hash",
    fields: ["file.hash.sha256", "process.hash.sha256"],
    otherwise: ["file.hash.sha1", "file.hash.md5"],
  },
  {
    type: "domain",
    fields: ["dns.question.name", "destination.domain"],
    otherwise: ["QueryName", "DestinationHostname"],
  },
  { type: "url", fields: ["url.full"], otherwise: ["url.original", "c-uri"] },
  { type: "service", fields: ["service.name"], otherwise: ["ServiceName"] },
];

/** Names that stand for nobody and nothing. */
const NOTHING: ReadonlySet<string> = new Set(["", "-", "n/a", "(null)", "unknown", "none"]);

const TYPE_OF_FIELD: ReadonlyMap<string, EntityType> = new Map(
  ENTITY_ROWS.flatMap((row) => [...row.fields, ...row.otherwise].map((field) => [field, row.type] as const)),
);

/** What kind of thing a field names; `undefined` for fields that name none. */
export function entityTypeOf(field: string): EntityType | undefined {
  return TYPE_OF_FIELD.get(field);
}

/** As entities are compared: names lower-cased, addresses canonical. `undefined` for what names nothing. */
export function entityValue(type: EntityType | undefined, text: string): string | undefined {
  const trimmed = text.trim();
  if (NOTHING.has(trimmed.toLowerCase())) return undefined;
  if (type === "ip") return canonicalIp(trimmed);
  const value = type === "user" || type === "host" || type === "domain" ? foldCase(trimmed) : trimmed;
  return value.slice(0, MAX_VALUE_CHARACTERS);
}

/** Who and what an event names, in a fixed order of kinds, at most 20. */
export function entitiesOf(event: Event): readonly Entity[] {
  const found = new Map<string, Entity>();
  for (const row of ENTITY_ROWS) {
    const before = found.size;
    // ECS fields are flat in our events: no path to walk on this hot way.
    for (const field of row.fields) addValues(found, row.type, event.fields[field]);
    if (found.size > before) continue;
    for (const field of row.otherwise) {
      addValues(found, row.type, vendorValue(event.fields, field));
      if (found.size > before) break;
    }
  }
  return [...found.values()].slice(0, MAX_ENTITIES);
}

/** What a single event's finding is about: its people, machines and the address that acted; all it names when there are none. */
export function subjectsOf(event: Event, entities: readonly Entity[]): readonly Entity[] {
  const source = entityValue("ip", textOf(event.fields["source.ip"]));
  const main = entities.filter(
    ({ type, value }) => type === "user" || type === "host" || (type === "ip" && (source ?? value) === value),
  );
  return main.length > 0 ? main : entities;
}

/** The values of a field that a sentence names, by ECS name, or by what Sigma-named events have instead. */
export function namesIn(event: Event, field: string): readonly string[] {
  const own = event.fields[field] ?? (ECS_FIELDS.has(field) ? undefined : lookUp(event.fields, field));
  const type = entityTypeOf(field);
  if (own !== undefined && own !== null) return textsOf(own).flatMap((text) => entityValue(type, text) ?? []);
  for (const other of OTHERWISE.get(field) ?? []) {
    const value = vendorValue(event.fields, other);
    const texts = value === undefined ? [] : textsOf(value).flatMap((text) => entityValue(type, text) ?? []);
    if (texts.length > 0) return texts;
  }
  return [];
}

const OTHERWISE: ReadonlyMap<string, readonly string[]> = new Map(
  ENTITY_ROWS.flatMap(({ fields: [first], otherwise }) =>
    first === undefined ? [] : [[first, otherwise] as const],
  ),
);

/** They stand flat in our events, and in no others. */
const ECS_FIELDS: ReadonlySet<string> = new Set(ENTITY_ROWS.flatMap(({ fields }) => fields));

/** Where a name may stand: itself, and where packs keep what Windows calls so. */
const VENDOR_PATHS: ReadonlyMap<string, readonly FieldPath[]> = new Map(
  ENTITY_ROWS.flatMap((row) =>
    row.otherwise.map((name) => [name, [fieldPath(name), fieldPath(`winlog.event_data.${name}`)]] as const),
  ),
);

function vendorValue(fields: EventFields, name: string): FieldValue | undefined {
  for (const path of VENDOR_PATHS.get(name) ?? []) {
    const value = lookUpPath(fields, path);
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

function addValues(found: Map<string, Entity>, type: EntityType, value: FieldValue | undefined): void {
  if (value === undefined) return;
  for (const text of textsOf(value)) {
    const named = entityValue(type, text);
    if (named !== undefined) found.set(`${type} ${named}`, { type, value: named });
  }
}

function textsOf(value: FieldValue): readonly string[] {
  if (Array.isArray(value)) return (value as readonly FieldValue[]).map(textOf);
  return [textOf(value)];
}

function textOf(value: FieldValue | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
