import type { Alert, EventFields, FieldValue, RuleNoise } from "@tyto/domain";
import { evidenceOf } from "./views/alert-view.ts";

const SHOWN_VALUES = 12;
const LEAST_SHARE = 0.3;
const MAX_VALUE = 200;
/** Say what kind of event it is, or are different each time: no reason and no exception. */
const USELESS =
  /^(@timestamp|message|event\.(id|created|start|end|original|sequence|kind|category|type|ingested|timezone|duration|code|provider|module|dataset)|process\.(pid|entity_id|thread\..*|parent\.pid|parent\.entity_id)|source\.port|log\..*|related\..*|ecs\..*|agent\..*|.*\.record_id)$/;

interface Tally {
  readonly field: string;
  readonly value: string;
  readonly alerts: Set<Alert>;
  events: number;
}

/** Which values most alerts of a rule share, and what an exception for each would have taken away. */
export function ruleNoise(
  rule: { readonly id: string; readonly title: string; readonly logsource: string },
  alerts: readonly Alert[],
  fieldsOf: ReadonlyMap<string, EventFields>,
): RuleNoise {
  const tallies = new Map<string, Tally>();
  const eventsOf = new Map(
    alerts.map((alert): [Alert, readonly EventFields[]] => [
      alert,
      evidenceOf(alert).flatMap(({ id }) => {
        const fields = fieldsOf.get(id);
        return fields === undefined ? [] : [fields];
      }),
    ]),
  );
  for (const [alert, events] of eventsOf) {
    for (const fields of events) tally(tallies, alert, fields);
  }
  const common = [...tallies.values()]
    .filter((one) => one.alerts.size >= Math.max(2, alerts.length * LEAST_SHARE))
    .sort((a, b) => b.alerts.size - a.alerts.size || b.events - a.events || (a.field < b.field ? -1 : 1))
    .slice(0, SHOWN_VALUES);
  return {
    ruleId: rule.id,
    alerts: alerts.length,
    events: [...eventsOf.values()].reduce((sum, events) => sum + events.length, 0),
    truePositives: alerts.filter(isTrue).length,
    values: common.map(({ field, value, alerts: holders }) => {
      const covered = [...holders].filter((alert) =>
        (eventsOf.get(alert) ?? []).every((fields) => textsOf(fields[field]).includes(value)),
      );
      return {
        field,
        value,
        alerts: holders.size,
        covers: covered.length,
        coversTruePositives: covered.filter(isTrue).length,
        draft: draftOf(rule, field, value),
      };
    }),
  };
}

const isTrue = ({ closeReason }: Alert): boolean => closeReason === "true-positive";

function tally(tallies: Map<string, Tally>, alert: Alert, fields: EventFields): void {
  for (const [field, raw] of Object.entries(fields)) {
    if (USELESS.test(field)) continue;
    for (const value of textsOf(raw)) {
      const key = `${field}\n${value}`;
      const known = tallies.get(key) ?? { field, value, alerts: new Set<Alert>(), events: 0 };
      known.alerts.add(alert);
      known.events++;
      tallies.set(key, known);
    }
  }
}

function textsOf(value: FieldValue | undefined): readonly string[] {
  const values = Array.isArray(value) ? (value as readonly FieldValue[]) : [value ?? null];
  return values.flatMap((one) => {
    if (typeof one !== "string" && typeof one !== "number" && typeof one !== "boolean") return [];
    const text = String(one);
    return text === "" || text.length > MAX_VALUE ? [] : [text];
  });
}

/** Sigma's own form of an exception: a filter. JSON's quotes are YAML's, so a hostile value stays a value. */
function draftOf(
  rule: { readonly id: string; readonly title: string; readonly logsource: string },
  field: string,
  value: string,
): string {
  // `*` and `?` would be wildcards, and `\` begins an escape.
  const literal = value.replace(/[\\*?]/g, "\\$&");
  return [
    `title: ${JSON.stringify(`${rule.title}: not for ${field} ${value}`.slice(0, 200))}`,
    "description: Why these events are expected, and who said so.",
    rule.logsource,
    "filter:",
    "  rules:",
    `    - ${JSON.stringify(rule.id)}`,
    "  selection:",
    `    ${field}: ${JSON.stringify(literal)}`,
    "  condition: not selection",
    "",
  ].join("\n");
}
