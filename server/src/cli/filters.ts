import type { Filter, FilterBody, FilterList, FilterPreview, Masking, Source } from "@tyto/domain";
import { TytoError } from "@tyto/domain";
import { humanSize } from "./byte-progress.ts";
import type { Client } from "./client.ts";
import { printable, writeLine } from "./io.ts";
import type { CommandIo, ExitStatus } from "./io.ts";
import { tableLines } from "./table-lines.ts";

interface JsonFlag {
  readonly json: boolean;
}

/** A filter as flags say it. */
export interface FilterFlags {
  readonly name?: string;
  readonly source?: string;
  readonly condition?: string;
  readonly keepOneIn?: number;
}

const HEADINGS = ["id", "name", "state", "source", "keeps", "left out", "bytes", "condition"];
/** Rules that are named; the rest is counted. */
const SHOWN_RULES = 25;

/** `tyto filters list`. */
export async function listFilters(client: Client, { json }: JsonFlag, io: CommandIo): Promise<ExitStatus> {
  const list = await filtersOf(client);
  const lines = json ? [JSON.stringify(list)] : tableLines(HEADINGS, list.map(rowOf), [5]);
  for (const line of lines) await writeLine(io.stdout, line);
  return 0;
}

function rowOf(filter: Filter): readonly string[] {
  const state = filter.problem === null ? (filter.enabled ? "on" : "off") : `cannot run: ${filter.problem}`;
  return [
    filter.id,
    printable(filter.name),
    printable(state),
    printable(filter.sourceName ?? "all"),
    filter.keepOneIn === null ? "none" : `1 of ${filter.keepOneIn}`,
    String(filter.filtered.events),
    humanSize(filter.filtered.bytes),
    printable(filter.condition),
  ];
}

/** `tyto filters add`: switched off, until somebody has looked at it. */
export async function addFilter(
  client: Client,
  { json, ...flags }: FilterFlags & JsonFlag,
  io: CommandIo,
): Promise<ExitStatus> {
  const made = (await client.post("/api/v1/filters", await bodyOf(client, flags))) as Filter;
  await writeLine(io.stdout, json ? JSON.stringify(made) : made.id);
  await writeLine(io.stderr, `It is off. Look at it with: tyto filters preview --filter ${made.id}`);
  return 0;
}

/** `tyto filters preview`: status 1 when rules would go blind. */
export async function previewFilter(
  client: Client,
  options: FilterFlags &
    JsonFlag & { readonly filter?: string; readonly from?: string; readonly to?: string },
  io: CommandIo,
): Promise<ExitStatus> {
  const { filter: id, from, to, json, ...flags } = options;
  const filter = id === undefined ? await bodyOf(client, flags) : bodyOfFilter(await filterNamed(client, id));
  const preview = (await client.post("/api/v1/filters/preview", { filter, from, to })) as FilterPreview;
  if (json) await writeLine(io.stdout, JSON.stringify(preview));
  else for (const line of previewLines(preview)) await writeLine(io.stdout, line);
  return preview.rules.length > 0 ? 1 : 0;
}

function previewLines({
  from,
  to,
  events,
  bytes,
  dropped,
  examined,
  isExact,
  rules,
}: FilterPreview): readonly string[] {
  const share = (part: number, all: number): string => (all === 0 ? "0" : ((part / all) * 100).toFixed(1));
  return [
    `from ${from} to ${to}: ${events} events, ${humanSize(bytes)}`,
    `would go: ${dropped.events} events (${share(dropped.events, events)} %), ${humanSize(dropped.bytes)} (${share(dropped.bytes, bytes)} %)`,
    `${isExact ? "all" : "a part"} of them run through the rules (${examined}); rules that would see less: ${rules.length}`,
    ...rules.slice(0, SHOWN_RULES).map(({ title, level, why, matches, feeds }) => {
      const counted = feeds.length === 0 ? "" : `; counted by ${feeds.join(", ")}`;
      return printable(`  ${level.padEnd(13)} ${title}: ${IN_WORDS[why](matches)}${counted}`);
    }),
    ...(rules.length > SHOWN_RULES
      ? [`  and ${rules.length - SHOWN_RULES} more (--json names them all)`]
      : []),
  ];
}

const IN_WORDS: Readonly<Record<FilterPreview["rules"][number]["why"], (matches: number) => string>> = {
  matched: (matches) => `matches ${matches} of what would go`,
  logsource: () => "nothing would be left of its logsource",
  fields: () => "nothing that has its fields would be left",
};

/** `tyto filters on`: looks at the last seven days first; where rules would go blind it needs `--yes`. */
export async function switchFilter(
  client: Client,
  options: { readonly filter: string; readonly enabled: boolean; readonly yes: boolean },
  io: CommandIo,
): Promise<ExitStatus> {
  const { id } = await filterNamed(client, options.filter);
  const { enabled, yes } = options;
  const made = (await client.post(`/api/v1/filters/${id}/switch`, {
    enabled,
    ...(yes ? { confirm: true } : {}),
  })) as Filter;
  const blinds = made.blinds.length === 0 ? "" : `; ${made.blinds.length} rules see less`;
  await writeLine(
    io.stderr,
    `The filter ${printable(made.name)} is ${made.enabled ? "on" : "off"}${blinds}.`,
  );
  return 0;
}

/** `tyto filters remove`. */
export async function removeFilter(client: Client, asked: string, io: CommandIo): Promise<ExitStatus> {
  const { id, name } = await filterNamed(client, asked);
  await client.delete(`/api/v1/filters/${id}`);
  await writeLine(io.stderr, `The filter ${printable(name)} is gone; it leaves nothing out any more.`);
  return 0;
}

/** `tyto sources priority`. */
export async function setPriority(
  client: Client,
  { source, priority }: { readonly source: string; readonly priority: string },
  io: CommandIo,
): Promise<ExitStatus> {
  const { id, name } = await sourceNamed(client, source);
  await client.post(`/api/v1/sources/${id}/priority`, { priority });
  await writeLine(io.stderr, `${printable(name)} is ${priority} from now on.`);
  return 0;
}

/** `tyto sources masking`: without a source it says how it is. */
export async function setMasking(
  client: Client,
  { source, state, json }: JsonFlag & { readonly source?: string; readonly state?: string },
  io: CommandIo,
): Promise<ExitStatus> {
  if (source !== undefined) await changeMasking(client, source, state);
  const masking = (await client.get("/api/v1/masking")) as Masking;
  if (json) await writeLine(io.stdout, JSON.stringify(masking));
  else {
    await writeLine(io.stdout, `all sources  ${masking.all ? "masked" : "as they come"}`);
    for (const { name, masked } of masking.sources)
      await writeLine(io.stdout, `${printable(name)}  ${masked ? "masked" : "as it comes"}`);
    for (const [kind, count] of Object.entries(masking.counts))
      await writeLine(io.stdout, `${kind.padEnd(12)} ${count} masked`);
  }
  return 0;
}

async function changeMasking(client: Client, source: string, state: string | undefined): Promise<void> {
  const masked = { on: true, off: false, default: null }[state ?? ""];
  if (masked === undefined || (source === "all" && masked === null)) {
    throw new TytoError("bad-request", "Masking is on or off, and of one source also default");
  }
  if (source === "all") await client.patch("/api/v1/masking", { all: masked });
  else await client.post(`/api/v1/sources/${(await sourceNamed(client, source)).id}/masking`, { masked });
}

async function bodyOf(client: Client, flags: FilterFlags): Promise<FilterBody> {
  const { name = "unnamed", source, condition, keepOneIn = null } = flags;
  if (condition === undefined) throw new TytoError("bad-request", "Give a --condition");
  return {
    name,
    condition,
    keepOneIn,
    source: source === undefined ? null : (await sourceNamed(client, source)).id,
  };
}

function bodyOfFilter({ name, source, condition, keepOneIn }: Filter): FilterBody {
  return { name, source, condition, keepOneIn };
}

async function filtersOf(client: Client): Promise<readonly Filter[]> {
  return ((await client.get("/api/v1/filters")) as FilterList).items;
}

async function filterNamed(client: Client, asked: string): Promise<Filter> {
  const filters = await filtersOf(client);
  return theOne(
    filters.filter(({ id, name }) => id === asked || name === asked),
    "filter",
  );
}

async function sourceNamed(client: Client, asked: string): Promise<Source> {
  const sources: Source[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const page = (await client.get(`/api/v1/sources${query}`)) as {
      readonly items: readonly Source[];
      readonly nextCursor: string | null;
    };
    sources.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return theOne(
    sources.filter(({ id, name }) => id === asked || name === asked),
    "source",
  );
}

function theOne<T>([found, another]: readonly T[], what: string): T {
  if (found === undefined) throw new TytoError("not-found", `There is no such ${what}`);
  if (another !== undefined)
    throw new TytoError("conflict", `More than one ${what} has that name`, { hint: "Give its id." });
  return found;
}
