import { DEFAULT_TENANT, formatMicros, MICROS_PER_DAY, micros, sourceId, TytoError } from "@tyto/domain";
import type { Filter, FilterBody, FilterPreview, FilterSwitch, Micros, SourceId } from "@tyto/domain";
import type { FiltersPort } from "../api/index.ts";
import { parseCondition } from "../content/index.ts";
import { lowerCondition, previewFilter } from "../detection/index.ts";
import type { FilterPreviewOutcome, FilterPreviewQuestion, RuleSet } from "../detection/index.ts";
import { compileFilters } from "../pipeline/index.ts";
import type { EventFilters, FilterDefinition } from "../pipeline/index.ts";
import type { AuditFile, Books, ControlStore, Engine } from "../storage/index.ts";
import type { World } from "./world.ts";

const SETTING = "sources.filters";
const MAX_FILTERS = 100;
/** What a switch looks at before it switches on. */
const LOOKED_AT_DAYS = 7;
/** Rule ids that are kept with a filter. */
const MAX_BLINDS = 200;

type Kept = Omit<Filter, "sourceName" | "problem" | "filtered">;
type Search = Parameters<FiltersPort["preview"]>[2];

export interface FilterDeskOptions {
  readonly control: Pick<ControlStore, "settings" | "sources">;
  readonly engine: Pick<Engine, "queries" | "events">;
  readonly books: Pick<Books, "filtered">;
  readonly audit: Pick<AuditFile, "append">;
  /** Asked at each preview: rules are reloaded. */
  readonly content: () => { readonly ruleSet: RuleSet };
  readonly world: Pick<World, "now" | "randomBytes">;
}

/** Filters as people make them: kept in the relational store, compiled for the pipeline, tried on what is stored before they run. */
export class FilterDesk implements FiltersPort {
  readonly #options: FilterDeskOptions;
  #kept: readonly Kept[];
  #running: EventFilters;
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(options: FilterDeskOptions, kept: readonly Kept[]) {
    this.#options = options;
    this.#kept = kept;
    this.#running = compiled(kept);
  }

  static async open(options: FilterDeskOptions): Promise<FilterDesk> {
    const list: unknown = JSON.parse((await options.control.settings.get(SETTING)) ?? "[]");
    return new FilterDesk(options, Array.isArray(list) ? list.filter(isKept) : []);
  }

  /** Those that are switched on; another object after each change. */
  get running(): EventFilters {
    return this.#running;
  }

  async list(): Promise<readonly Filter[]> {
    const names = new Map<string, string>(
      (await this.#options.control.sources()).map(({ id, name }) => [id, name]),
    );
    return this.#kept.map((kept) => this.#view(kept, names));
  }

  async create(body: FilterBody, actor: string): Promise<Filter> {
    readFilter(body);
    await this.#checkSource(body.source);
    const { now, randomBytes } = this.#options.world;
    const at = formatMicros(now());
    const id = Buffer.from(randomBytes(8)).toString("hex");
    const kept: Kept = {
      id,
      ...body,
      enabled: false,
      createdAt: at,
      createdBy: actor,
      changedAt: at,
      changedBy: actor,
      blinds: [],
    };
    await this.#write({ ...body, id, change: "made" }, actor, (all) => {
      if (all.length >= MAX_FILTERS) {
        throw new TytoError("bad-request", `There are ${MAX_FILTERS} filters already`, {
          hint: "Remove one first.",
        });
      }
      return [...all, kept];
    });
    return this.#viewOf(id);
  }

  async preview(
    body: FilterBody,
    { from, to }: { readonly from: Micros; readonly to: Micros },
    search: Search,
  ): Promise<FilterPreview> {
    const filter = readFilter(body);
    const { content, engine, world } = this.#options;
    const one = compileFilters([filter.definition]);
    const question: FilterPreviewQuestion = {
      ruleSet: content().ruleSet,
      source: filter.definition.source,
      test: filter.test,
      drops: (event) => one.verdictOf(event) !== undefined,
      isSample: body.keepOneIn !== null,
      from,
      to,
    };
    const { queries, events } = engine;
    const outcome = await previewFilter(question, {
      queries,
      events,
      tenant: DEFAULT_TENANT,
      now: world.now,
      ...search,
    });
    return { from: formatMicros(from), to: formatMicros(to), ...previewView(outcome, body.keepOneIn) };
  }

  async switch(
    id: string,
    { enabled, confirm }: FilterSwitch,
    actor: string,
    search: Search,
  ): Promise<Filter> {
    const filter = this.#found(id);
    let blinds: readonly string[] = [];
    if (enabled && !filter.enabled) {
      const to = this.#options.world.now();
      const range = { from: micros(to - LOOKED_AT_DAYS * MICROS_PER_DAY), to };
      const { rules } = await this.preview(bodyOf(filter), range, search);
      blinds = rules.map((rule) => rule.id).slice(0, MAX_BLINDS);
      if (rules.length > 0 && confirm !== true) throw refusal(rules);
    }
    const detail = { id, name: filter.name, change: enabled ? "switched on" : "switched off", blinds };
    const changedAt = formatMicros(this.#options.world.now());
    await this.#write(detail, actor, (all) =>
      all.map((one) =>
        one.id === id ? { ...one, enabled, changedAt, changedBy: actor, blinds: [...blinds] } : one,
      ),
    );
    return this.#viewOf(id);
  }

  async remove(id: string, actor: string): Promise<boolean> {
    const filter = this.#kept.find((one) => one.id === id);
    if (filter === undefined) return false;
    const detail = { ...bodyOf(filter), id, change: "removed" };
    await this.#write(detail, actor, (all) => all.filter((one) => one.id !== id));
    return true;
  }

  #found(id: string): Kept {
    const filter = this.#kept.find((one) => one.id === id);
    if (filter === undefined) throw new TytoError("not-found", "There is no such filter");
    return filter;
  }

  async #viewOf(id: string): Promise<Filter> {
    const filter = (await this.list()).find((one) => one.id === id);
    if (filter === undefined) throw new TytoError("not-found", "There is no such filter");
    return filter;
  }

  #view(kept: Kept, names: ReadonlyMap<string, string>): Filter {
    return {
      ...kept,
      sourceName: kept.source === null ? null : (names.get(kept.source) ?? kept.source),
      problem: problemOf(kept),
      filtered: { ...this.#options.books.filtered(kept.id) },
    };
  }

  async #checkSource(source: string | null): Promise<void> {
    if (source === null) return;
    const known = await this.#options.control.sources();
    if (!known.some(({ id }) => id === source)) throw new TytoError("not-found", "There is no such source");
  }

  /** One change after another: on the record first, then durable, then in force with the next batch. */
  #write(
    detail: Readonly<Record<string, unknown>>,
    actor: string,
    change: (all: readonly Kept[]) => readonly Kept[],
  ): Promise<void> {
    const written = this.#writing.then(async () => {
      const next = change(this.#kept);
      await this.#options.audit.append({ actor, action: "filter-changed", detail });
      await this.#options.control.settings.set(SETTING, JSON.stringify(next));
      this.#kept = next;
      this.#running = compiled(next);
    });
    this.#writing = written.catch(() => undefined);
    return written;
  }
}

function bodyOf({ name, source, condition, keepOneIn }: Kept): FilterBody {
  return { name, source, condition, keepOneIn };
}

function refusal(rules: FilterPreview["rules"]): TytoError {
  const [first] = rules;
  const more = rules.length > 1 ? ` and ${rules.length - 1} more` : "";
  return new TytoError("confirmation-needed", `Rules would go blind: ${first?.title ?? ""}${more}`, {
    hint: "Look at the preview. Whoever wants it all the same confirms it (`confirm`, --yes).",
  });
}

interface ReadFilter {
  readonly definition: FilterDefinition;
  readonly test: FilterPreviewQuestion["test"];
}

/** @throws TytoError `bad-request` with the place in the condition. */
function readFilter(body: FilterBody, id = ""): ReadFilter {
  const parsed = parseCondition(body.condition);
  if (parsed.kind === "problem") {
    throw new TytoError("bad-request", `Condition, character ${parsed.offset + 1}: ${parsed.message}`, {
      hint: "docs/guides/filters-and-masking.md shows how conditions are written.",
    });
  }
  const { condition } = parsed;
  const lowered = lowerCondition(condition);
  if (lowered.kind === "problem") throw new TytoError("bad-request", lowered.message);
  const source: SourceId | null = body.source === null ? null : sourceId(body.source);
  return { definition: { id, source, condition, keepOneIn: body.keepOneIn }, test: lowered.test };
}

/** What is kept was good once; where it no longer is, it does not run and says why. */
function problemOf(kept: Kept): string | null {
  try {
    readFilter(kept);
    return null;
  } catch (error) {
    return error instanceof TytoError ? error.message : "it cannot be read";
  }
}

function compiled(kept: readonly Kept[]): EventFilters {
  const enabled = kept.filter((one) => one.enabled && problemOf(one) === null);
  return compileFilters(enabled.map((one) => readFilter(one, one.id).definition));
}

/** Of a sample, about what it would leave out: which events stay is settled by their ids. */
function previewView(
  { events, bytes, matches, matchBytes, examined, isExact, rules }: FilterPreviewOutcome,
  keepOneIn: number | null,
): Omit<FilterPreview, "from" | "to"> {
  const share = keepOneIn === null ? 1 : 1 - 1 / keepOneIn;
  return {
    events,
    bytes,
    dropped: { events: Math.round(matches * share), bytes: Math.round(matchBytes * share) },
    examined,
    isExact,
    rules: rules.map((rule) => ({ ...rule, feeds: [...rule.feeds] })),
  };
}

function isKept(value: unknown): value is Kept {
  return typeof value === "object" && value !== null && "id" in value && "condition" in value;
}
