import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * OCSF 1.8.0 as the schema's own attributes say it: for each class and object that we write, its attributes with their type, `[]` for a
 * list, `!` when required, `@` and profiles when it is theirs, `#` and the numbers of a closed list.
 */
interface Entity {
  readonly uid?: number;
  readonly category?: number;
  readonly constraints?: Readonly<Record<string, readonly string[]>>;
  readonly attributes: Readonly<Record<string, string>>;
}
interface Schema {
  readonly version: string;
  readonly classes: Readonly<Record<string, Entity>>;
  readonly objects: Readonly<Record<string, Entity>>;
}

export const SCHEMA = JSON.parse(
  readFileSync(join(import.meta.dirname, "ocsf-1.8.0.json"), "utf8"),
) as Schema;

interface Attribute {
  readonly type: string;
  readonly isList: boolean;
  readonly isRequired: boolean;
  readonly profiles: readonly string[];
  readonly values: readonly number[];
}

const SHAPE = /^(?<type>[^[!@#]+)(?<list>\[\])?(?<required>!)?(?:@(?<profiles>[^#]+))?(?:#(?<values>.+))?$/;

function attributeOf(text: string): Attribute {
  const { type = "", list, required, profiles, values } = SHAPE.exec(text)?.groups ?? {};
  return {
    type,
    isList: list !== undefined,
    isRequired: required !== undefined,
    profiles: profiles?.split(",") ?? [],
    values: values?.split(",").map(Number) ?? [],
  };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What OCSF 1.8.0 forbids in an event; empty when it is one. */
export function ocsfComplaints(event: unknown): readonly string[] {
  if (!isObject(event)) return ["is no object"];
  const found = Object.values(SCHEMA.classes).find(({ uid }) => uid === event["class_uid"]);
  if (found === undefined) return [`class_uid: ${String(event["class_uid"])} is no class`];
  const complaints: string[] = [];
  const { class_uid: uid, activity_id: activity, metadata } = event;
  if (event["category_uid"] !== found.category) complaints.push("category_uid: not the class's");
  if (event["type_uid"] !== Number(uid) * 100 + Number(activity))
    complaints.push("type_uid: not class and activity");
  const profiles =
    isObject(metadata) && Array.isArray(metadata["profiles"]) ? metadata["profiles"].map(String) : [];
  if (isObject(metadata) && metadata["version"] !== SCHEMA.version)
    complaints.push("metadata.version: another");
  const base = SCHEMA.classes["base_event"]?.attributes;
  checkEntity(
    event,
    { ...found, attributes: { ...base, ...found.attributes } },
    { path: "", profiles, complaints },
  );
  return complaints;
}

interface Check {
  readonly path: string;
  readonly profiles: readonly string[];
  readonly complaints: string[];
}

function checkEntity(object: Readonly<Record<string, unknown>>, entity: Entity, check: Check): void {
  const { path, profiles, complaints } = check;
  const applies = (attribute: Attribute): boolean =>
    attribute.profiles.length === 0 || attribute.profiles.some((profile) => profiles.includes(profile));
  for (const [name, text] of Object.entries(entity.attributes)) {
    const attribute = attributeOf(text);
    if (attribute.isRequired && applies(attribute) && object[name] === undefined)
      complaints.push(`${path}${name}: required`);
  }
  const { at_least_one: some, just_one: one } = entity.constraints ?? {};
  if (some !== undefined && !some.some((name) => object[name] !== undefined))
    complaints.push(`${path}: has none of ${some.join(", ")}`);
  if (one !== undefined && one.filter((name) => object[name] !== undefined).length !== 1)
    complaints.push(`${path}: has not just one of ${one.join(", ")}`);
  for (const [name, value] of Object.entries(object)) {
    const text = entity.attributes[name];
    if (text === undefined) {
      complaints.push(`${path}${name}: unknown attribute`);
      continue;
    }
    const attribute = attributeOf(text);
    if (!applies(attribute)) complaints.push(`${path}${name}: of a profile that is not named`);
    checkValue(value, attribute, { ...check, path: `${path}${name}` });
  }
}

function checkValue(value: unknown, attribute: Attribute, check: Check): void {
  if (attribute.isList !== Array.isArray(value)) {
    check.complaints.push(`${check.path}: ${attribute.isList ? "no list" : "a list"}`);
    return;
  }
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const one of values) checkOne(one, attribute, check);
}

const IP = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%.+)?)$/;

/** Types by the table's short names; texts of any sort are `s`. */
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  s: (value) => typeof value === "string" && value !== "",
  i: (value) => Number.isSafeInteger(value),
  t: (value) => Number.isSafeInteger(value),
  f: (value) => typeof value === "number",
  b: (value) => typeof value === "boolean",
  j: () => true,
  port: (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535,
  ip: (value) => typeof value === "string" && value.length <= 40 && IP.test(value),
  mac: (value) => typeof value === "string" && /^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$/.test(value),
  email: (value) =>
    typeof value === "string" && /^[\w!#$%&'*+\-/=?^`{|}~.]+@[a-zA-Z0-9-]+\.[a-zA-Z0-9-.]+$/.test(value),
};

function checkOne(value: unknown, { type, values }: Attribute, check: Check): void {
  const { path, complaints } = check;
  if (!type.startsWith("o:")) {
    if (TYPES[type]?.(value) !== true)
      complaints.push(`${path}: ${JSON.stringify(value)} is not of type ${type}`);
    if (values.length > 0 && !values.includes(Number(value)))
      complaints.push(`${path}: ${String(value)} is not listed`);
    return;
  }
  const name = type.slice(2);
  const entity = SCHEMA.objects[name];
  if (!isObject(value)) complaints.push(`${path}: no object`);
  else if (entity === undefined) complaints.push(`${path}: we write no ${name}`);
  else if (name !== "object") checkEntity(value, entity, { ...check, path: `${path}.` });
}
