import type { EventFields, ExceptionCondition, FieldValue } from "@tyto/domain";

const MAX_PAIRS = 24;
const MAX_VALUE = 512;
/** Say what kind of event it is, or are different each time: no exception rests on them. */
const USELESS =
  /^(@timestamp|message|event\.(id|created|start|end|original|sequence|kind|category|type|ingested|timezone|duration|hash|outcome|action)|process\.(pid|entity_id|thread\..*|parent\.pid|parent\.entity_id)|source\.port|log\.(offset|syslog\.(priority|facility|severity).*)|related\..*|ecs\..*|agent\..*|.*\.record_id|.*\.geo\..*|.*\.as\..*|tyto\..*)$/;
const FIELD = /^[A-Za-z0-9_@][A-Za-z0-9_@.-]{0,255}$/;

/** The most telling first: what names one thing, then who, from where, on what, and last what kind. */
const ORDER: readonly RegExp[] = [
  /hash\.(sha256|sha1|md5)$/,
  /command_line$/,
  /(executable|file\.path|process\.name|url\.path)$/,
  /^user(\.target|\.effective)?\.(name|email|id)$/,
  /^source\.ip$/,
  /^(host|observer)\.(name|hostname)$/,
  /^(user_agent\.original|dns\.question\.name|url\.(original|domain|full))$/,
  /^(destination|client|server)\.(ip|domain)$/,
  /\.name$/,
  /^destination\.port$/,
  /^event\.(code|dataset|module|provider)$/,
];

/** What all these events have in common and an exception could say. */
export function exceptionPairs(events: readonly EventFields[]): readonly ExceptionCondition[] {
  const [first, ...others] = events;
  if (first === undefined) return [];
  const shared = Object.entries(first).flatMap(([field, value]): readonly ExceptionCondition[] => {
    if (USELESS.test(field) || !FIELD.test(field)) return [];
    return textsOf(value)
      .filter((text) => others.every((other) => textsOf(other[field]).includes(text)))
      .slice(0, 1)
      .map((text) => ({ field, how: "equals" as const, value: text }));
  });
  const rankOf = ({ field }: ExceptionCondition): number => {
    const found = ORDER.findIndex((one) => one.test(field));
    return found < 0 ? ORDER.length : found;
  };
  return [...shared]
    .sort((a, b) => rankOf(a) - rankOf(b) || (a.field < b.field ? -1 : 1))
    .slice(0, MAX_PAIRS);
}

/** One that names a thing or a person, and the place, if there is one: neither everything of the person nor of the place. */
export function suggestedCount(pairs: readonly ExceptionCondition[]): number {
  return Math.min(pairs.length, 2);
}

function textsOf(value: FieldValue | undefined): readonly string[] {
  const values = Array.isArray(value) ? (value as readonly FieldValue[]) : [value ?? null];
  return values.flatMap((one) => {
    if (typeof one !== "string" && typeof one !== "number" && typeof one !== "boolean") return [];
    const text = String(one);
    return text === "" || text.length > MAX_VALUE ? [] : [text];
  });
}
