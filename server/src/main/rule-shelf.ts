import { TytoError } from "@tyto/domain";
import type { Level, Micros } from "@tyto/domain";
import type { RuleText } from "../content/index.ts";
import type { RuleSwitches } from "../detection/index.ts";
import type { OwnRuleRecord, RuleRepository, RuleSwitchRecord, RuleVersionRecord } from "../storage/index.ts";

/** Where own rules stand among the files of packs. */
export const OWN_FOLDER = "own/";

export function ownPath(id: string): string {
  return `${OWN_FOLDER}${id}.yml`;
}

/** The own rule that a file of `ownPath` is. */
export function ownIdOf(path: string): string | undefined {
  return /^own\/([^/]+)\.yml$/.exec(path)?.[1];
}

/** The rules that people wrote here and what they decided of all rules, as kept; what runs of them is asked at each compilation. */
export class RuleShelf {
  readonly #rules: RuleRepository;
  #own: ReadonlyMap<string, OwnRuleRecord>;
  #switches: ReadonlyMap<string, RuleSwitchRecord>;
  /** Versions that run, by own rule. */
  #running: ReadonlyMap<string, RuleVersionRecord>;

  private constructor(
    rules: RuleRepository,
    own: readonly OwnRuleRecord[],
    switches: readonly RuleSwitchRecord[],
    running: readonly RuleVersionRecord[],
  ) {
    this.#rules = rules;
    this.#own = new Map(own.map((one) => [one.id, one]));
    this.#switches = new Map(switches.map((one) => [one.ruleId, one]));
    this.#running = new Map(running.map((one) => [one.ruleId, one]));
  }

  static async open(rules: RuleRepository): Promise<RuleShelf> {
    const [own, switches] = await Promise.all([rules.own(), rules.switches()]);
    const running: RuleVersionRecord[] = [];
    for (const { id, latest } of own) {
      const { isEnabled = false, version = null } = switches.find(({ ruleId }) => ruleId === id) ?? {};
      if (!isEnabled || version === null) continue;
      const found = version === latest.number ? latest : await rules.version(id, version);
      if (found !== undefined) running.push(found);
    }
    return new RuleShelf(rules, own, switches, running);
  }

  /** Those that are there, by creation. */
  get own(): readonly OwnRuleRecord[] {
    return [...this.#own.values()].filter(({ deletedAt }) => deletedAt === null);
  }

  get deleted(): readonly OwnRuleRecord[] {
    return [...this.#own.values()].filter(({ deletedAt }) => deletedAt !== null);
  }

  /** @throws TytoError `not-found`, also for a deleted one. */
  ownById(id: string): OwnRuleRecord {
    const found = this.#own.get(id);
    if (found === undefined || found.deletedAt !== null)
      throw new TytoError("not-found", "There is no own rule of this id");
    return found;
  }

  has(id: string): boolean {
    return this.#own.has(id);
  }

  /** Whether the id is that of an own rule that is there. */
  isOwn(id: string): boolean {
    return this.#own.get(id)?.deletedAt === null;
  }

  runningOf(id: string): RuleVersionRecord | undefined {
    return this.isOwn(id) ? this.#running.get(id) : undefined;
  }

  switchOf(ruleId: string): RuleSwitchRecord | undefined {
    return this.#switches.get(ruleId);
  }

  /** Files of own rules that run. */
  get files(): readonly RuleText[] {
    return this.own.flatMap(({ id }) => {
      const version = this.#running.get(id);
      if (version === undefined) return [];
      const path = ownPath(id);
      const cases = { path: path.replace(/\.yml$/, ".cases.yml"), text: version.cases };
      return [{ path, text: version.yaml }, ...(version.cases.trim() === "" ? [] : [cases])];
    });
  }

  /** Own rules that are off are not loaded at all, so that nothing of a draft can reach others. */
  get switches(): RuleSwitches {
    const others = [...this.#switches.values()].filter(({ ruleId }) => !this.#own.has(ruleId));
    return {
      silent: new Set(others.filter(({ isEnabled }) => !isEnabled).map(({ ruleId }) => ruleId)),
      levels: new Map(
        others.flatMap(({ ruleId, level }): [string, Level][] => (level === null ? [] : [[ruleId, level]])),
      ),
    };
  }

  async create(version: RuleVersionRecord): Promise<void> {
    await this.#rules.create(version);
    const { ruleId: id, at, by } = version;
    const record = { id, createdAt: at, createdBy: by, latest: version, deletedAt: null, deletedBy: null };
    this.#own = new Map([...this.#own, [id, record]]);
  }

  async addVersion(version: RuleVersionRecord): Promise<void> {
    const record = this.ownById(version.ruleId);
    await this.#rules.addVersion(version);
    this.#own = new Map([...this.#own, [record.id, { ...record, latest: version }]]);
  }

  /** @param running of an own rule that is switched on */
  async setSwitch(record: RuleSwitchRecord, running?: RuleVersionRecord): Promise<void> {
    await this.#rules.saveSwitch(record);
    this.#switches = new Map([...this.#switches, [record.ruleId, record]]);
    const others = [...this.#running].filter(([id]) => id !== record.ruleId);
    this.#running = new Map(running === undefined ? others : [...others, [record.ruleId, running]]);
  }

  async setDeleted(id: string, deleted: { readonly at: Micros; readonly by: string } | null): Promise<void> {
    const record = this.#own.get(id);
    if (record === undefined) throw new TytoError("not-found", "There is no own rule of this id");
    await this.#rules.setDeleted(id, deleted);
    const marked = { ...record, deletedAt: deleted?.at ?? null, deletedBy: deleted?.by ?? null };
    this.#own = new Map([...this.#own, [id, marked]]);
  }
}
