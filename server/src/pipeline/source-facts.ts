import { FIELDS } from "@tyto/domain";
import type { FieldValue } from "@tyto/domain";

/** What an administrator knows of a source and its records do not say: the names of its tenants and devices, the account, the site. */
export interface SourceFact {
  /** The records that it holds for, by the value of one field; all of the source's when absent. */
  readonly where?: { readonly field: string; readonly value: string };
  readonly fields: Readonly<Record<string, string>>;
}

export type SourceFactsReading =
  | { readonly kind: "facts"; readonly facts: SourceFacts }
  | { readonly kind: "problem"; readonly message: string; readonly hint: string };

type FieldWrites = readonly (readonly [field: string, value: FieldValue])[];

export const MAX_SOURCE_FACTS = 1_000;
const LONGEST = 256;
const LABEL = /^labels\.[A-Za-z0-9_-]{1,64}$/;
/** What the pipeline says itself, and what a record alone can say. */
const NEVER = /^(?:@timestamp|message|event\.|related\.|tyto\.)/;

/**
 * Facts by the field and value that they ask for, so that a thousand devices cost a record one look for each field asked for. What a
 * record says goes first, then the fact for its value, then what holds for the whole source.
 */
export class SourceFacts {
  readonly #byField: readonly (readonly [field: string, byValue: ReadonlyMap<string, FieldWrites>])[];
  readonly #always: FieldWrites;

  constructor(facts: readonly SourceFact[]) {
    const byField = new Map<string, Map<string, FieldWrites>>();
    for (const { where, fields } of facts) {
      if (where === undefined) continue;
      const byValue = byField.get(where.field) ?? new Map<string, FieldWrites>();
      byField.set(where.field, byValue);
      byValue.set(where.value, [...(byValue.get(where.value) ?? []), ...writesOf(fields)]);
    }
    this.#byField = [...byField];
    this.#always = facts.filter(({ where }) => where === undefined).flatMap(({ fields }) => writesOf(fields));
  }

  addMissing(fields: Map<string, FieldValue>): void {
    for (const [field, byValue] of this.#byField) {
      const value = fields.get(field);
      const writes =
        value === undefined || typeof value === "object" ? undefined : byValue.get(String(value));
      if (writes !== undefined) write(fields, writes);
    }
    write(fields, this.#always);
  }
}

function writesOf(fields: SourceFact["fields"]): FieldWrites {
  return Object.entries(fields).map(([name, value]) => [
    name,
    FIELDS.get(name)?.isArray === true ? Object.freeze([value]) : value,
  ]);
}

function write(fields: Map<string, FieldValue>, writes: FieldWrites): void {
  for (const [name, value] of writes) {
    const said = fields.get(name);
    if (said === undefined || said === null || said === "") fields.set(name, value);
  }
}

/** The facts made ready, or the first thing that is wrong with them. */
export function readSourceFacts(facts: readonly SourceFact[]): SourceFactsReading {
  if (facts.length > MAX_SOURCE_FACTS) {
    return problem(`${facts.length} facts of one source`, `At most ${MAX_SOURCE_FACTS}.`);
  }
  for (const { where, fields } of facts) {
    const texts = [
      ...(where === undefined ? [] : [where.field, where.value]),
      ...Object.entries(fields).flat(),
    ];
    if (Object.keys(fields).length === 0 || texts.some((text) => text === "" || text.length > LONGEST)) {
      return problem(
        "a fact without fields, or with an empty or very long text",
        `Give each fact one field or more; names and values have 1 to ${LONGEST} characters.`,
      );
    }
    for (const name of Object.keys(fields)) {
      const found = problemOf(name);
      if (found !== undefined) return found;
    }
  }
  return { kind: "facts", facts: new SourceFacts(facts) };
}

function problemOf(name: string): SourceFactsReading | undefined {
  const definition = FIELDS.get(name);
  if (definition === undefined && !LABEL.test(name)) {
    return problem(
      `"${name.slice(0, LONGEST)}" is no field of ECS`,
      "Spell it as ECS does, or call it labels.NAME.",
    );
  }
  const isText =
    definition === undefined || (definition.type === "keyword" && definition.allowed === undefined);
  if (!isText || NEVER.test(name)) {
    return problem(
      `"${name}" is no field for what is known of a source`,
      "Give texts: host.name, organization.name, cloud.account.id, observer.name, labels.site.",
    );
  }
  return undefined;
}

function problem(message: string, hint: string): SourceFactsReading {
  return { kind: "problem", message, hint };
}
