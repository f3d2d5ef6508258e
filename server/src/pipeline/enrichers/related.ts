import { FIELDS } from "@tyto/domain";
import type { FieldValue } from "@tyto/domain";

type RelatedField = "related.ip" | "related.user" | "related.hosts" | "related.hash";

/** ECS, "Related fields": every address, user, host and hash of an event in four lists, so that one search finds any role. */
const RELATED_BY_FIELD: ReadonlyMap<string, RelatedField> = new Map(
  [...FIELDS.values()].flatMap(({ name, type }) => {
    const related = relatedTo(name, type);
    return related === undefined ? [] : [[name, related] as const];
  }),
);

function relatedTo(name: string, type: string): RelatedField | undefined {
  if (name.startsWith("related.")) return undefined;
  if (type === "ip") return "related.ip";
  if (/(?:^|\.)(?:hash)\.\w+$/.test(name)) return "related.hash";
  if (
    /^(?:(?:source|destination|client|server|process)\.)?user\.(?:(?:target|effective|changes)\.)?name$/.test(
      name,
    )
  ) {
    return "related.user";
  }
  const isHost =
    /^(?:host\.(?:name|hostname)|observer\.(?:name|hostname)|(?:source|destination)\.domain)$/.test(name);
  return isHost || name === "dns.question.name" ? "related.hosts" : undefined;
}

/** Fills the four lists from the fields that are there, beside what a pack put into them. */
export function addRelated(fields: Map<string, FieldValue>): void {
  let found: Map<RelatedField, Set<string>> | undefined;
  for (const [name, value] of fields) {
    const related = RELATED_BY_FIELD.get(name);
    if (related === undefined) continue;
    found ??= new Map();
    let set = found.get(related);
    if (set === undefined) found.set(related, (set = new Set(texts(fields.get(related)))));
    for (const text of texts(value)) set.add(text);
  }
  if (found !== undefined) for (const [related, set] of found) fields.set(related, [...set]);
}

function texts(value: FieldValue | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  if (!Array.isArray(value)) return [];
  return (value as readonly FieldValue[]).filter((item) => typeof item === "string");
}
