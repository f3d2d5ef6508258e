import { join } from "node:path";
import { FIELDS } from "@tyto/domain";
import type { Event, FieldValue } from "@tyto/domain";
import { readContent } from "../content/index.ts";
import type { Recogniser } from "../content/index.ts";
import { loadRuleSet, logsourcesServedBy, rulesServedBy } from "../detection/index.ts";
import type { Logsource, RuleSet } from "../detection/index.ts";
import { fieldTargets } from "./field-targets.ts";
import { readSourcePack } from "./source-pack.ts";
import type { SourcePack } from "./source-pack.ts";

export const SOURCES_FOLDER = "docs/sources";

/** A page for each pack that reads a source, and one that lists them by vendor and by category. */
export async function sourcePages(
  packsFolder: string,
  notice: string,
): Promise<readonly (readonly [path: string, text: string])[]> {
  const snapshot = await readContent([packsFolder]);
  const ruleSet = loadRuleSet(snapshot.rules, {
    namespaces: snapshot.packs.flatMap((pack) => pack.namespaces),
    needsCases: false,
  });
  const readers = snapshot.packs.filter((pack) => pack.parsers.size > 0);
  const sources = await Promise.all(readers.map((pack) => readSourcePack(join(packsFolder, pack.id), pack)));
  return [
    [`${SOURCES_FOLDER}/README.md`, indexPage(sources, notice)],
    ...sources.map(
      (source) => [`${SOURCES_FOLDER}/${source.pack.id}.md`, sourcePage(source, ruleSet, notice)] as const,
    ),
  ];
}

function indexPage(sources: readonly SourcePack[], notice: string): string {
  const byVendor = new Map<string, SourcePack[]>();
  const byCategory = new Map<string, SourcePack[]>();
  const add = (map: Map<string, SourcePack[]>, key: string, source: SourcePack): void => {
    map.set(key, [...(map.get(key) ?? []), source]);
  };
  for (const source of sources) {
    add(byVendor, source.pack.id.split("-", 1)[0] ?? "", source);
    for (const category of categoriesOf(source.events)) add(byCategory, category, source);
  }
  return [
    "# Sources",
    notice,
    "",
    "Source: `packs/`. What Tyto reads, with the fields and rules of each. A line that none of these knows is stored and searchable all the same; a pack for it is data,",
    "see [Add a source pack](../guides/add-a-source.md).",
    "",
    "## By vendor",
    "",
    ...sorted(byVendor).map(([vendor, packs]) => `- ${vendor}: ${packs.map(linkTo).join(", ")}`),
    "",
    "## By category of events",
    "",
    ...sorted(byCategory).map(([category, packs]) => `- \`${category}\`: ${packs.map(linkTo).join(", ")}`),
    "",
  ].join("\n");
}

function linkTo({ pack }: SourcePack): string {
  return `[${pack.title}](${pack.id}.md)`;
}

function sourcePage(source: SourcePack, ruleSet: RuleSet, notice: string): string {
  const { pack, readme } = source;
  const sections = sectionsOf(readme ?? "");
  return [
    `# ${pack.title}`,
    notice,
    "",
    `Source: \`packs/${pack.id}/\`.`,
    "",
    ...(sections.intro === "" ? [`Reads the logs of ${pack.title}.`] : [sections.intro]),
    "",
    "## Send it",
    "",
    sections.parts.get("Send it") ?? GENERIC_WAY,
    "",
    "## How it is recognised",
    "",
    ...recognition(source),
    "",
    ...fieldLines(source, sections.parts.get("Fields")),
    ...ruleLines(source, ruleSet),
    ...[...sections.parts].flatMap(([title, text]) =>
      title === "Send it" || title === "Fields" ? [] : [`## ${title}`, "", text, ""],
    ),
  ].join("\n");
}

const GENERIC_WAY = [
  "Send its log by syslog (UDP or TCP), by HTTP, or import its files:",
  "",
  "    npx tyto import FILE",
  "",
  "A record is recognised by its own text, whichever way it comes.",
].join("\n");

interface Sections {
  /** Between the title and the first heading. */
  readonly intro: string;
  /** By heading, in order. */
  readonly parts: ReadonlyMap<string, string>;
}

function sectionsOf(readme: string): Sections {
  const [head = "", ...rest] = readme.split(/^## /m);
  const parts = rest.map((part) => {
    const end = part.indexOf("\n");
    return [part.slice(0, end).trim(), part.slice(end + 1).trim()] as const;
  });
  return { intro: head.replace(/^# .*$/m, "").trim(), parts: new Map(parts) };
}

function recognition({ pack, events }: SourcePack): readonly string[] {
  const datasets = distinct(events.flatMap((event) => textsOf(event.fields["event.dataset"])));
  const types = [...pack.types.keys()].filter((type) => type !== pack.id);
  return [
    ...pack.recognisers.map((one) => `- ${recogniserInWords(one)} → \`${pack.id}/${one.parser}\``),
    ...(pack.recognisers.length === 0 ? ["Only where a source is configured for it."] : []),
    "",
    `A source may be set to \`${pack.id}\`${types.length === 0 ? "" : `, or to ${codes(types)}`}.`,
    ...(datasets.length === 0 ? [] : ["", `Datasets (\`event.dataset\`): ${codes(datasets)}.`]),
  ];
}

function recogniserInWords(one: Recogniser): string {
  const json = one.json?.map(({ key, values }) =>
    values.length === 0 ? code(key) : `${code(key)} of ${codes(values.map(String))}`,
  );
  const parts = [
    one.programs.length === 0 ? undefined : `the program is ${codes(one.programs)}`,
    one.elements.length === 0 ? undefined : `the structured data has ${codes(one.elements)}`,
    one.devices.length === 0
      ? undefined
      : `the header names ${codes(one.devices.map(({ format, vendor, product }) => [format, vendor, ...(product === null ? [] : [product])].join("|")))}`,
    one.prefixes.length === 0 ? undefined : `the message begins with ${codes(one.prefixes)}`,
    one.contains.length === 0 ? undefined : `it contains ${codes(one.contains)}`,
    json === undefined ? undefined : `it is JSON with ${json.join(", ")}`,
    one.pattern === null ? undefined : `it has the form ${code(one.pattern)}`,
  ];
  return parts.filter((part) => part !== undefined).join(" and ");
}

function fieldLines(source: SourcePack, table: string | undefined): readonly string[] {
  const { pack, events } = source;
  const names = new Set([...fieldTargets(pack), ...events.flatMap((event) => Object.keys(event.fields))]);
  const ecs = sortedNames(names).filter((name) => FIELDS.has(name));
  const own = sortedNames(names).filter((name) =>
    pack.namespaces.some((namespace) => name.startsWith(`${namespace}.`)),
  );
  return [
    "## Fields",
    "",
    ...(table === undefined ? [] : [table, ""]),
    `### ECS fields (${ecs.length})`,
    "",
    ecs.length === 0 ? "None." : `${codes(ecs)}.`,
    "",
    `### Its own fields`,
    "",
    pack.namespaces.length === 0
      ? "It has no namespace of its own."
      : `Whatever has no place in ECS stays under ${codes(pack.namespaces)}${own.length === 0 ? "." : `; known from its samples: ${codes(own)}.`}`,
    "",
  ];
}

function ruleLines({ events }: SourcePack, ruleSet: RuleSet): readonly string[] {
  const rules = rulesServedBy(ruleSet, events);
  const logsources = logsourcesServedBy(events).map(logsourceInWords);
  return [
    `## Rules (${rules.length})`,
    "",
    ...(rules.length === 0 ? ["No rule of ours looks at these events yet."] : []),
    ...rules.map(({ summary, path }) => `- [${summary.title}](../../packs/${path}) (${summary.level})`),
    "",
    logsources.length === 0
      ? "No logsource of Sigma's map names these events; a rule reaches them by fields of ECS, and by the product's name."
      : `Rules of SigmaHQ with these logsources see its events: ${logsources.join("; ")}.`,
    "",
  ];
}

function logsourceInWords({ product, category, service }: Logsource): string {
  const parts = [
    product === undefined ? undefined : `product ${code(product)}`,
    category === undefined ? undefined : `category ${code(category)}`,
    service === undefined ? undefined : `service ${code(service)}`,
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

function categoriesOf(events: readonly Event[]): readonly string[] {
  return distinct(events.flatMap((event) => textsOf(event.fields["event.category"])));
}

function textsOf(value: FieldValue | undefined): readonly string[] {
  const values = Array.isArray(value) ? (value as readonly FieldValue[]) : [value];
  return values.filter((item) => typeof item === "string");
}

function distinct(texts: readonly string[]): readonly string[] {
  return sortedNames(new Set(texts));
}

/** By code points: the same on every machine. */
function sortedNames(names: ReadonlySet<string>): readonly string[] {
  return [...names].sort();
}

function sorted<T>(map: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function codes(texts: readonly string[]): string {
  return texts.map(code).join(", ");
}

/** A text with a backtick in it needs longer fences; line ends would end the list. */
function code(text: string): string {
  const shown = text.replace(/\s+/g, " ");
  return shown.includes("`") ? `\`\` ${shown} \`\`` : `\`${shown}\``;
}
