import { FIELDS } from "@tyto/domain";
import { foldCase } from "../match/fold.ts";
import type { Logsource } from "../sigma/rule.ts";
import type { LogsourceFacts } from "./facts.ts";
import { isOpen } from "./gate.ts";
import type { Gate } from "./gate.ts";
import type { LogsourceRow, ProductRow } from "./rows.ts";
import { LOGSOURCE_TABLES } from "./tables.ts";
import type { When } from "./when.ts";

const PRODUCTS: readonly ProductRow[] = LOGSOURCE_TABLES.flatMap(({ products }) => products);
const ROWS: readonly LogsourceRow[] = LOGSOURCE_TABLES.flatMap(({ rows }) => rows);
const WINDOWS = PRODUCTS.find(({ product }) => product === "windows");

/** A rule's logsource, resolved once: which events it may see and under which names their fields stand. */
export interface ResolvedLogsource {
  /** As the rule has it. */
  readonly logsource: Logsource;
  /** What `admits` asks of an event that declares nothing about itself: all of these. */
  readonly gates: readonly Gate[];
  admits(facts: LogsourceFacts): boolean;
  /** Where to look for a field, best first; never empty. A name that ends in `.*` is everything below it, as one object. */
  candidates(field: string): readonly string[];
  /** Parts of the logsource that the map does not know: only events that carry these very names are admitted. */
  readonly unmapped: readonly string[];
  /** The namespace that no loaded pack fills, though events of this logsource stand there. */
  readonly missingNamespace: string | undefined;
  /** Whether the map, the product's namespaces or ECS know the field, and a loaded pack may fill it. */
  isMapped(field: string): boolean;
  /** Names by which rules of this logsource call fields, as far as the map lists them. */
  readonly names: readonly string[];
  /** Why events lack the field, or can never have this value of it, where the map knows a reason. */
  whyUnsent(field: string, text?: string): string | undefined;
  /** What our events say for a value that Sigma's world spells differently; lower case in, empty when there is nothing. */
  synonyms(field: string, text: string): readonly string[];
}

/**
 * Absent keys are wildcards. What an event declares about itself (Sigma-named events) outranks what can be read from it.
 * @param known namespaces of fields that loaded packs fill; without them every namespace is taken to be filled.
 */
export function resolveLogsource(logsource: Logsource, known?: readonly string[]): ResolvedLogsource {
  const product = PRODUCTS.find((row) => row.product === logsource.product);
  const categoryRows = rowsOf(logsource, "category");
  const serviceRows = rowsOf(logsource, "service");
  const gates = [
    ...gateOf("product", logsource.product, product?.when),
    ...gateOf("category", logsource.category, whenOf(categoryRows)),
    ...gateOf("service", logsource.service, whenOf(serviceRows)),
  ];
  const rows = [...categoryRows, ...serviceRows];
  const parts = [...rows, ...(product === undefined ? [] : [product])];
  const prefixes = rows.flatMap((row) => Object.entries(row.prefixes ?? {}));
  const takesAll = product?.isOpen === true;
  const namespaces = namespacesOf(logsource, product);
  const vendors = parts.flatMap(({ sends }) => sends ?? []);
  const isFilled = (name: string): boolean => FIELDS.has(name) || known === undefined || isUnder(known, name);
  const mapped = remembered((field): readonly string[] => [
    ...parts.flatMap(({ fields }) => entryOf(fields, field) ?? []),
    ...prefixes.flatMap(([start, others]) =>
      field.startsWith(start) ? others.map((other) => other + field.slice(start.length)) : [],
    ),
  ]);
  const closedListOf = remembered((field) =>
    closedListAmong(FIELDS.has(field) ? [field, ...mapped(field)] : mapped(field), vendors),
  );
  const unsentReasonOf = remembered((field) =>
    parts.map(({ unsent }) => entryOf(unsent, field)).find((reason) => reason !== undefined),
  );
  return {
    logsource,
    gates,
    admits: (facts) =>
      facts.declared === undefined
        ? gates.every((gate) => isOpen(gate, facts))
        : isDeclared(logsource, facts.declared),
    candidates: (field) => {
      const elsewhere = [...mapped(field), ...namespaces.map((namespace) => `${namespace}.${field}`)];
      return [...new Set(FIELDS.has(field) ? [field, ...elsewhere] : [...elsewhere, field])];
    },
    unmapped: unmappedParts(logsource, { product, categoryRows, serviceRows }),
    missingNamespace:
      known === undefined
        ? undefined
        : missingOf(known, [categoryRows, serviceRows, product === undefined ? [] : [product]]),
    isMapped: remembered(
      (field) =>
        mapped(field).some(isFilled) ||
        takesAll ||
        FIELDS.has(field) ||
        (known ?? []).some((namespace) => field.startsWith(`${namespace}.`)),
    ),
    names: [...new Set(parts.flatMap(({ fields }) => Object.keys(fields ?? {})))].sort(),
    whyUnsent: (field, text) =>
      text === undefined ? unsentReasonOf(field) : whyImpossible(text, closedListOf(field)),
    synonyms: (field, text) => rows.flatMap((row) => entryOf(entryOf(row.synonyms, field), text) ?? []),
  };
}

function entryOf<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A field whose values ECS closes. */
interface ClosedList {
  readonly name: string;
  readonly allowed: readonly string[];
}

/** ECS closes the lists of a few fields: where an event says a thing in such a field only, other values never come. */
function closedListAmong(names: readonly string[], vendors: readonly string[]): ClosedList | undefined {
  const [name, ...others] = names.filter((one) => FIELDS.has(one) || isUnder(vendors, one));
  const allowed = name === undefined ? undefined : FIELDS.get(name)?.allowed;
  return name === undefined || allowed === undefined || others.length > 0 ? undefined : { name, allowed };
}

function whyImpossible(text: string, list: ClosedList | undefined): string | undefined {
  if (list === undefined) return undefined;
  const folded = foldCase(text);
  if (list.allowed.some((value) => value.includes(folded))) return undefined;
  return `${list.name} is one of ${list.allowed.join(", ")}`;
}

/** Hundreds of rules ask a logsource about the same few fields. */
function remembered<Answer>(answer: (field: string) => Answer): (field: string) => Answer {
  const known = new Map<string, { readonly answer: Answer }>();
  return (field) => {
    const one = known.get(field) ?? { answer: answer(field) };
    known.set(field, one);
    return one.answer;
  };
}

function namespacesOf(logsource: Logsource, product: ProductRow | undefined): readonly string[] {
  const isAnyProduct = logsource.product === undefined;
  return (isAnyProduct ? WINDOWS?.namespaces : product?.namespaces) ?? [];
}

/** Whether one of the namespaces holds the name, or stands within it (`aws` holds `aws.cloudtrail`). */
function isUnder(namespaces: readonly string[], name: string): boolean {
  return namespaces.some((namespace) => name === namespace || name.startsWith(`${namespace}.`));
}

/** Each group names alternatives: one that is sent, or needs no pack, is enough. */
function missingOf(
  known: readonly string[],
  groups: readonly (readonly (LogsourceRow | ProductRow)[])[],
): string | undefined {
  const isSent = ({ sends }: LogsourceRow | ProductRow): boolean =>
    sends === undefined ||
    sends.some((name) => isUnder(known, name) || known.some((one) => isUnder([name], one)));
  const missing = groups.find((group) => group.length > 0 && !group.some(isSent));
  return missing?.[0]?.sends?.[0];
}

function rowsOf(logsource: Logsource, part: "category" | "service"): readonly LogsourceRow[] {
  const name = logsource[part];
  if (name === undefined) return [];
  return ROWS.filter(
    (row) =>
      row[part] === name &&
      (row.product === undefined || logsource.product === undefined || row.product === logsource.product),
  );
}

function whenOf(rows: readonly LogsourceRow[]): readonly When[] | undefined {
  return rows.length === 0 ? undefined : rows.flatMap((row) => row.when);
}

function gateOf(
  part: "product" | "category" | "service",
  name: string | undefined,
  when: readonly When[] | undefined,
): readonly Gate[] {
  if (name === undefined) return [];
  return [when === undefined ? { kind: "named", part, name } : { kind: "when", when }];
}

function isDeclared(logsource: Logsource, declared: NonNullable<LogsourceFacts["declared"]>): boolean {
  return (["product", "category", "service"] as const).every(
    (part) => logsource[part] === undefined || logsource[part] === declared[part],
  );
}

function unmappedParts(
  logsource: Logsource,
  known: {
    readonly product: ProductRow | undefined;
    readonly categoryRows: readonly LogsourceRow[];
    readonly serviceRows: readonly LogsourceRow[];
  },
): readonly string[] {
  const { product, category, service } = logsource;
  return [
    ...(product !== undefined && known.product === undefined ? [`product ${product}`] : []),
    ...(category !== undefined && known.categoryRows.length === 0 ? [`category ${category}`] : []),
    ...(service !== undefined && known.serviceRows.length === 0 ? [`service ${service}`] : []),
  ];
}
