import { LOGSOURCE_TABLES } from "../detection/index.ts";
import type { FieldTable, LogsourceRow, LogsourceTable, ProductRow, When } from "../detection/index.ts";

const MAX_TITLE_PARTS = 8;

/** The logsource map for readers: per product, category and service, which events are meant and where their fields stand. */
export function sigmaFieldsPage(notice: string): string {
  const products = LOGSOURCE_TABLES.flatMap((table) => table.products);
  const rows = LOGSOURCE_TABLES.flatMap((table) => table.rows);
  return [
    "# Sigma's fields in our events",
    notice,
    "",
    "Source: `server/src/detection/logsource/`. A rule's `logsource` says which events it may see: every part that it names (product, category,",
    "service) must hold. Its fields are looked for under the names on the right, best first, and under their own name at the last; names of ECS work",
    "in every rule. A name that ends in `.*` is everything below it, as one JSON object. Events that no pack has read (`tyto detect --format sigma-json`)",
    'are known by what their vendor\'s own names give away, or say what they are: `"logsource": {"product": …}`.',
    "",
    `The map has ${products.length} products and ${rows.length} categories and services.`,
    "",
    ...LOGSOURCE_TABLES.flatMap(tableLines),
  ].join("\n");
}

function tableLines({ products, rows }: LogsourceTable): readonly string[] {
  return [...products.flatMap(productLines), ...joinAlike(rows).flatMap(rowLines)];
}

function productLines(row: ProductRow): readonly string[] {
  const { product, namespaces } = row;
  return [
    `## product: ${product}`,
    "",
    gateLine(row.when),
    ...sendsLine(row),
    ...(namespaces === undefined
      ? []
      : [
          row.isOpen === true
            ? `Fields of any name stand under ${codes(namespaces)}.`
            : `Fields that no table below names are also looked for under ${codes(namespaces)}.`,
        ]),
    ...fieldLines(row),
    "",
  ];
}

/** Rows that differ in nothing but their gate (Windows has dozens of channels) share one heading. */
function joinAlike(rows: readonly LogsourceRow[]): readonly (readonly LogsourceRow[])[] {
  const groups = new Map<string, LogsourceRow[]>();
  for (const row of rows) {
    const { product, fields, prefixes, sends, unsent, synonyms } = row;
    const key = JSON.stringify([product, fields, prefixes, sends, unsent, synonyms]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()];
}

function rowLines(group: readonly LogsourceRow[]): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  const parts = group.length > MAX_TITLE_PARTS ? `${group.length} more` : group.map(partOf).join(" · ");
  const title = group.length === 1 ? nameOf(first) : `${productOf(first)}: ${parts}`;
  const gates =
    group.length === 1
      ? [gateLine(first.when)]
      : group.map((row) => `- ${partOf(row)}: ${row.when.map(inWords).join("; or ")}`);
  return [`### ${title}`, "", ...gates, ...sendsLine(first), ...fieldLines(first), ""];
}

function nameOf(row: LogsourceRow): string {
  return `${productOf(row)}, ${row.category === undefined ? "service" : "category"}: ${partOf(row)}`;
}

function productOf({ product }: LogsourceRow): string {
  return product ?? "any product";
}

function partOf({ category, service }: LogsourceRow): string {
  return category ?? service ?? "";
}

function gateLine(when: readonly When[]): string {
  return `Events whose ${when.map(inWords).join("; or whose ")}.`;
}

function sendsLine({ sends }: ProductRow | LogsourceRow): readonly string[] {
  return sends === undefined ? [] : ["", `Sent by packs that fill ${sends.map(code).join(" or ")}.`];
}

function fieldLines(row: ProductRow | LogsourceRow): readonly string[] {
  const prefixes: FieldTable = "prefixes" in row ? (row.prefixes ?? {}) : {};
  const synonyms = "synonyms" in row ? (row.synonyms ?? {}) : {};
  const fields = [
    ...Object.entries(row.fields ?? {}).map(([field, names]) => [field, names] as const),
    ...Object.entries(prefixes).map(
      ([start, names]) => [`${start}…`, names.map((name) => `${name}…`)] as const,
    ),
  ];
  const unsent = Object.entries(row.unsent ?? {});
  return [
    ...(fields.length === 0 ? [] : ["", "| field | where |", "|---|---|"]),
    ...fields.map(([field, names]) => `| ${code(field)} | ${codes(names)} |`),
    ...Object.entries(synonyms).flatMap(([field, values]) =>
      Object.entries(values).flatMap(([text, others]) => [
        "",
        `${code(field)}: ${code(text)} is also ${codes(others)}.`,
      ]),
    ),
    ...unsent.flatMap(([field, why]) => ["", `No event has ${code(field)}: ${why}.`]),
  ];
}

/** A condition, key by key, as a reader would say it. */
function inWords(when: When): string {
  const parts = [
    listed("pack is", when.pack),
    listed("module is", when.module),
    listed("dataset is", when.dataset),
    when.windowsChannel === undefined ? undefined : "channel is one of Windows",
    listed("channel is", when.channel),
    listed("provider is", when.provider),
    listed("event code is", when.code),
    listed("registry action is", when.registryAction),
    listed("`event.category` has", when.category),
    listed("`event.type` has", when.type),
    listed("`observer.type` is", when.observer),
    listed("`host.os.type` is", when.osType),
    listed("`cloud.provider` is", when.cloud),
    listed("program is", when.program),
    when.dnsQuestion === undefined ? undefined : "`dns.question.name` is there",
  ];
  const asked = parts.filter((part) => part !== undefined);
  return asked.length === 0 ? "every event" : asked.join(" and ");
}

function listed(what: string, values: readonly string[] | undefined): string | undefined {
  if (values === undefined) return undefined;
  return `${what} ${values.map((value) => (value === "" ? "absent" : code(value))).join(" or ")}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function codes(names: readonly string[]): string {
  return names.map(code).join(", ");
}
