import { isIP } from "node:net";
import { EVENT_KINDS, FIELDS, parseRfc3339, TYPES_BY_CATEGORY } from "@tyto/domain";
import type { EventFields, FieldDefinition, FieldType, FieldValue } from "@tyto/domain";

/** Namespaces of nobody's pack: ours, and what a relay's JSON around a line leaves. */
const COMMON_NAMESPACES = ["tyto", "custom"];

const FITS: Readonly<Record<FieldType, (value: FieldValue) => boolean>> = {
  keyword: (value) => typeof value === "string",
  text: (value) => typeof value === "string",
  long: (value) => Number.isSafeInteger(value),
  float: (value) => typeof value === "number" && Number.isFinite(value),
  boolean: (value) => typeof value === "boolean",
  date: (value) => typeof value === "string" && parseRfc3339(value) !== undefined,
  ip: (value) => typeof value === "string" && isIP(value) !== 0,
  geo_point: (value) => typeof value === "string" && /^-?\d+(?:\.\d+)?,-?\d+(?:\.\d+)?$/.test(value),
  object: () => true,
};

/**
 * What is wrong with a finished event by ECS 9.4: names that it does not have and no pack's namespace explains, values of another
 * type or outside a closed list, single values where ECS keeps lists, types that fit none of the event's categories.
 * @param namespaces of the packs that may have read it.
 */
export function ecsComplaints(fields: EventFields, namespaces: Iterable<string>): readonly string[] {
  const prefixes = [...namespaces, ...COMMON_NAMESPACES].map((namespace) => `${namespace}.`);
  const complaints = Object.entries(fields).flatMap(([name, value]) => {
    const definition = FIELDS.get(name);
    if (definition !== undefined) return valueComplaints(definition, value);
    const isKnown = prefixes.some((prefix) => name.startsWith(prefix)) || isWithinObject(name);
    return isKnown ? [] : [`${name} belongs to nobody`];
  });
  return [...complaints, ...classComplaints(fields)];
}

function valueComplaints(definition: FieldDefinition, value: FieldValue): readonly string[] {
  const { name, type, isArray, allowed } = definition;
  const values = Array.isArray(value) ? (value as readonly FieldValue[]) : [value];
  const complaints = values.flatMap((item) => {
    if (!FITS[type](item)) return [`${name}: ${shown(item)} is no ${type}`];
    return allowed !== undefined && !allowed.some((one) => one === item)
      ? [`${name}: ${shown(item)} is not allowed`]
      : [];
  });
  return isArray && !Array.isArray(value) ? [...complaints, `${name} is no list`] : complaints;
}

/** `labels.site`: ECS leaves what stands inside to whoever writes it. */
function isWithinObject(name: string): boolean {
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
    if (FIELDS.get(name.slice(0, dot))?.type === "object") return true;
  }
  return false;
}

function classComplaints(fields: EventFields): readonly string[] {
  const kinds = EVENT_KINDS as readonly string[];
  const kind = fields["event.kind"];
  const withoutKind = typeof kind === "string" && kinds.includes(kind) ? [] : ["event.kind is missing"];
  const categories = textsOf(fields["event.category"]);
  if (categories.length === 0) return withoutKind;
  const fitting = new Set(categories.flatMap((category) => typesOf(category)));
  const strangers = textsOf(fields["event.type"]).filter((type) => !fitting.has(type));
  return [
    ...withoutKind,
    ...strangers.map((type) => `event.type: "${type}" fits none of ${categories.join(", ")}`),
  ];
}

function typesOf(category: string): readonly string[] {
  return Object.entries(TYPES_BY_CATEGORY).find(([name]) => name === category)?.[1] ?? [];
}

function textsOf(value: FieldValue | undefined): readonly string[] {
  const values = Array.isArray(value) ? (value as readonly FieldValue[]) : [value];
  return values.filter((item) => typeof item === "string");
}

/** Enough of a value to know it by. */
function shown(value: FieldValue): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
