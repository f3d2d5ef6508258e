import { FIELDS } from "@tyto/domain";
import type { Logsource } from "../sigma/rule.ts";
import type { LogsourceFacts } from "./facts.ts";
import { isOpen } from "./gate.ts";
import type { Gate } from "./gate.ts";
import { PLATFORM_ROWS, PRODUCTS } from "./platforms.ts";
import type { LogsourceRow, ProductRow } from "./rows.ts";
import type { When } from "./when.ts";
import { WINDOWS, WINDOWS_ROWS } from "./windows.ts";

const ALL_PRODUCTS: readonly ProductRow[] = [WINDOWS, ...PRODUCTS];
const ALL_ROWS: readonly LogsourceRow[] = [...WINDOWS_ROWS, ...PLATFORM_ROWS];

/** A rule's logsource, resolved once: which events it may see and under which names their fields stand. */
export interface ResolvedLogsource {
  /** As the rule has it. */
  readonly logsource: Logsource;
  /** What `admits` asks of an event that declares nothing about itself: all of these. */
  readonly gates: readonly Gate[];
  admits(facts: LogsourceFacts): boolean;
  /** Where to look for a field, best first; never empty. */
  candidates(field: string): readonly string[];
  /** Parts of the logsource that the map does not know: only events that carry these very names are admitted. */
  readonly unmapped: readonly string[];
  /** Whether the map, the product's namespaces or ECS know the field. */
  isMapped(field: string): boolean;
}

/**
 * Absent keys are wildcards. What an event declares about itself (Sigma-named events) outranks what can be read from it.
 * @param known namespaces of fields that packs fill.
 */
export function resolveLogsource(logsource: Logsource, known: readonly string[] = []): ResolvedLogsource {
  const product = ALL_PRODUCTS.find((row) => row.product === logsource.product);
  const categoryRows = rowsOf(logsource, "category");
  const serviceRows = rowsOf(logsource, "service");
  const gates = [
    ...gateOf("product", logsource.product, product?.when),
    ...gateOf("category", logsource.category, whenOf(categoryRows)),
    ...gateOf("service", logsource.service, whenOf(serviceRows)),
  ];
  const rows = [...categoryRows, ...serviceRows];
  const tables = [...rows, ...(product === undefined ? [] : [product])].map((row) => row.fields ?? {});
  const prefixes = rows.flatMap((row) => Object.entries(row.prefixes ?? {}));
  const namespaces =
    product?.namespaces ?? (logsource.product === undefined ? (WINDOWS.namespaces ?? []) : []);
  const mapped = (field: string): readonly string[] => [
    ...tables.flatMap((table) => (Object.hasOwn(table, field) ? (table[field] ?? []) : [])),
    ...prefixes.flatMap(([start, others]) =>
      field.startsWith(start) ? others.map((other) => other + field.slice(start.length)) : [],
    ),
  ];
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
    isMapped: (field) =>
      mapped(field).length > 0 ||
      isOpenNamespace(product) ||
      FIELDS.has(field) ||
      known.some((namespace) => field.startsWith(`${namespace}.`)),
  };
}

/** EventData is kept whole under the namespace: every name that Windows writes is found there. */
function isOpenNamespace(product: ProductRow | undefined): boolean {
  return product === WINDOWS;
}

function rowsOf(logsource: Logsource, part: "category" | "service"): readonly LogsourceRow[] {
  const name = logsource[part];
  if (name === undefined) return [];
  return ALL_ROWS.filter(
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
