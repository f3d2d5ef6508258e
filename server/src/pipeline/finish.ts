import type { EventFields, FieldValue } from "@tyto/domain";
import type { Draft } from "./draft.ts";
import { timeMark } from "./time/time-mark.ts";
import type { Enricher } from "./enrichers/enricher.ts";

declare global {
  // ES2024, in Node since 20; the library that we compile against does not know them yet.
  interface String {
    isWellFormed(): boolean;
    toWellFormed(): string;
  }
}

/** The steps that every event needs whatever its pack: classes, occurrences, what can be derived. Then the fields, for good. */
export function finishFields(draft: Draft, enrich: Enricher): EventFields {
  const { fields } = draft;
  if (!fields.has("event.kind")) fields.set("event.kind", "event");
  if (draft.pack !== "" && !fields.has("event.module")) {
    fields.set("event.module", draft.pack);
    if (!fields.has("event.dataset")) fields.set("event.dataset", `${draft.pack}.${draft.parser}`);
  }
  finishOccurrences(draft);
  draft.settings.facts?.addMissing(fields);
  const mark = timeMark(draft.timestamp, draft.receivedAt, draft.timeOrigin);
  if (mark !== undefined) fields.set("tyto.time", mark);
  enrich(fields);
  const finished = Object.create(null) as Record<string, FieldValue>;
  for (const [name, value] of fields) {
    if (name.charCodeAt(0) === 0x5f || value === null || value === "") continue;
    if (typeof value === "string") finished[name] = value.isWellFormed() ? value : value.toWellFormed();
    else if (typeof value !== "object") finished[name] = value;
    else {
      const kept = withoutEmpty(value);
      if (kept !== undefined) finished[name] = kept;
    }
  }
  return finished;
}

/** What the line says about itself, times how often its envelope says it came. One is not written. */
function finishOccurrences(draft: Draft): void {
  const own = draft.fields.get("tyto.occurrences");
  const total = (typeof own === "number" ? own : 1) * draft.repeats;
  if (total === 1) draft.fields.delete("tyto.occurrences");
  else draft.fields.set("tyto.occurrences", total);
}

/** Lists and objects without nulls, empty texts, empty lists and empty objects; `undefined` when nothing is left. */
function withoutEmpty(value: FieldValue): FieldValue | undefined {
  if (value === null || value === "") return undefined;
  if (typeof value === "string") return value.isWellFormed() ? value : value.toWellFormed();
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) {
    const items = (value as readonly FieldValue[]).map(withoutEmpty).filter((item) => item !== undefined);
    return items.length === 0 ? undefined : items;
  }
  const entries = Object.entries(value as Readonly<Record<string, FieldValue>>);
  const kept = Object.create(null) as Record<string, FieldValue>;
  let isEmpty = true;
  for (const [key, item] of entries) {
    const inner = withoutEmpty(item);
    if (inner === undefined) continue;
    kept[key] = inner;
    isEmpty = false;
  }
  return isEmpty ? undefined : kept;
}
