import { createHash } from "node:crypto";
import { formatMicros, micros, MICROS_PER_DAY, MICROS_PER_SECOND, TytoError } from "@tyto/domain";
import type {
  Micros,
  OwnRule,
  OwnRuleBody,
  OwnRuleSave,
  RuleCheck,
  RuleRow,
  RuleSource,
  RuleSwitch,
  RuleVersion,
} from "@tyto/domain";
import type { OwnRulesPort, SaveOutcome } from "../api/index.ts";
import { quietRules } from "../detection/index.ts";
import type {
  AuditFile,
  ControlStore,
  RuleAlertCounts,
  RuleTrialRecord,
  RuleVersionRecord,
} from "../storage/index.ts";
import type { LiveContent } from "./live-content.ts";
import { checkText, tryText } from "./rule-check.ts";
import type { CheckedText } from "./rule-check.ts";
import { importRules } from "./rule-import.ts";
import { ruleRows } from "./rule-rows.ts";
import { ownIdOf } from "./rule-shelf.ts";
import type { RuleShelf } from "./rule-shelf.ts";
import { readyText } from "./rule-text.ts";
import { uuidOf } from "./uuid.ts";
import type { World } from "./world.ts";

/** A rule that would have raised more on one day is asked about. */
export const BUSY_DAY = 50;
const KEPT_TRIALS = 2_000;
const COUNTS_KEPT = 10 * MICROS_PER_SECOND;
const PRECISION_DAYS = 90;

export interface WorkshopParts {
  readonly content: Pick<LiveContent, "current" | "refresh">;
  readonly shelf: RuleShelf;
  readonly control: Pick<ControlStore, "rules">;
  /** Which packs have read something. */
  readonly books: { accounts(): readonly { readonly packs: readonly string[] }[] };
  readonly audit: Pick<AuditFile, "append">;
  readonly world: Pick<World, "now" | "randomBytes">;
}

/** Where rules are written, tried, switched and put away. Every change is on the record before it is durable, and durable before it runs. */
export class RuleWorkshop implements OwnRulesPort {
  readonly #parts: WorkshopParts;
  #turn: Promise<unknown> = Promise.resolve();
  #counts: { readonly at: Micros; readonly byRule: ReadonlyMap<string, RuleAlertCounts> } | undefined;

  constructor(parts: WorkshopParts) {
    this.#parts = parts;
  }

  async rows(): Promise<readonly RuleRow[]> {
    const { content, shelf, books } = this.#parts;
    const counts = await this.#alertCounts();
    const quiet = quietRules(
      content.current.ruleSet,
      books.accounts().flatMap(({ packs }) => packs),
    );
    return ruleRows({ content: content.current, shelf, counts, quiet });
  }

  source(ruleId: string): RuleSource {
    const { content, shelf } = this.#parts;
    if (shelf.isOwn(ruleId)) {
      const { yaml, cases } = shelf.ownById(ruleId).latest;
      return { path: `own/${ruleId}.yml`, yaml, cases };
    }
    const rule = content.current.rules.find(({ id }) => id === ruleId);
    if (rule === undefined) throw unknownRule();
    const { path } = rule;
    const texts = new Map(content.current.files.map((file) => [file.path, file.text]));
    const cases = texts.get(path.replace(/\.(ya?ml)$/, ".cases.$1")) ?? "";
    return { path, yaml: texts.get(path) ?? rule.yaml, cases };
  }

  async check(text: CheckedText): Promise<RuleCheck> {
    const trial = await this.#parts.control.rules.trial(digestOf(text.yaml));
    return {
      ...checkText(text, this.#parts.content.current),
      backtest:
        trial === undefined
          ? null
          : {
              at: formatMicros(trial.at),
              by: trial.by,
              from: formatMicros(trial.from),
              to: formatMicros(trial.to),
              total: trial.total,
              busiest: trial.busiest,
            },
    };
  }

  get(id: string): OwnRule {
    this.#parts.shelf.ownById(id);
    return this.#view(id);
  }

  deleted(): readonly OwnRule[] {
    return this.#parts.shelf.deleted.map(({ id }) => this.#view(id));
  }

  create(body: OwnRuleBody, actor: string): Promise<OwnRule> {
    return this.#inTurn(async () => {
      const { content, shelf, world } = this.#parts;
      const { id, yaml } = readyText(body.yaml, {
        loaded: content.current,
        newId: () => uuidOf(world.randomBytes(16)),
      });
      if (shelf.has(id) || content.current.rules.some((rule) => rule.id === id))
        throw new TytoError("conflict", "There is a rule with this id already", {
          hint: shelf.has(id) && !shelf.isOwn(id) ? "It was deleted: bring it back." : "Give it another id.",
        });
      const version = { ...body, ruleId: id, yaml, number: 1, at: world.now(), by: actor };
      await this.#record("rule-saved", actor, version);
      await shelf.create(version);
      return this.#view(id);
    });
  }

  save(id: string, body: OwnRuleSave, actor: string): Promise<SaveOutcome> {
    return this.#inTurn(async () => {
      const { shelf, world } = this.#parts;
      const { latest } = shelf.ownById(id);
      if (body.basedOn !== latest.number) {
        const message = `${latest.by} saved version ${latest.number} of this rule at ${formatMicros(latest.at)}`;
        return { kind: "conflict", message, newer: this.#view(id) };
      }
      const { yaml, cases, comment } = body;
      if (yaml === latest.yaml && cases === latest.cases) return { kind: "saved", rule: this.#view(id) };
      const number = latest.number + 1;
      const version = { ruleId: id, number, at: world.now(), by: actor, comment, yaml, cases };
      await this.#record("rule-saved", actor, version);
      await shelf.addVersion(version);
      return { kind: "saved", rule: this.#view(id) };
    });
  }

  async versions(id: string) {
    this.#parts.shelf.ownById(id);
    const versions = await this.#parts.control.rules.versions(id);
    const items = versions.map(({ number, at, by, comment }) => ({
      number,
      at: formatMicros(at),
      by,
      comment,
    }));
    return { items, nextCursor: null };
  }

  async version(id: string, number: number): Promise<RuleVersion> {
    return versionView(await this.#version(id, number));
  }

  async restore(
    id: string,
    { number, basedOn }: { readonly number: number; readonly basedOn: number },
    actor: string,
  ): Promise<SaveOutcome> {
    const { yaml, cases } = await this.#version(id, number);
    return this.save(id, { yaml, cases, comment: `Version ${number} again`, basedOn }, actor);
  }

  switch(ruleId: string, to: RuleSwitch, actor: string): Promise<RuleRow> {
    return this.#inTurn(async () => {
      const { content, shelf } = this.#parts;
      const rule = content.current.rules.find(({ id }) => id === ruleId);
      const ownId = shelf.isOwn(ruleId) ? ruleId : ownIdOf(rule?.path ?? "");
      if (ownId !== undefined) await this.#switchOwn(ownId, to, actor);
      else if (rule === undefined || rule.kind === "filter") throw unknownRule();
      else await this.#switchPackaged(ruleId, rule.title, to, actor);
      await content.refresh();
      const row = (await this.rows()).find(({ id }) => id === ruleId);
      if (row === undefined) throw unknownRule();
      return row;
    });
  }

  async #switchOwn(id: string, to: RuleSwitch, actor: string): Promise<void> {
    const { shelf, world } = this.#parts;
    const { latest } = shelf.ownById(id);
    const version = to.enabled ? await this.#version(id, to.version ?? latest.number) : undefined;
    if (version !== undefined) await this.#checkReady(version, to.confirm === true);
    const { enabled, comment } = to;
    const number = version?.number ?? null;
    const { title } = this.#view(id);
    const { audit } = this.#parts;
    await audit.append({
      actor,
      action: "rule-switched",
      detail: { rule: id, title, enabled, version: number, comment },
    });
    const at = world.now();
    await shelf.setSwitch(
      { ruleId: id, isEnabled: enabled, version: number, level: null, at, by: actor, comment },
      version,
    );
  }

  async #switchPackaged(ruleId: string, title: string, to: RuleSwitch, actor: string): Promise<void> {
    const { shelf, world, audit } = this.#parts;
    const { enabled, comment } = to;
    const level = to.level === undefined ? (shelf.switchOf(ruleId)?.level ?? null) : to.level;
    await audit.append({
      actor,
      action: "rule-switched",
      detail: { rule: ruleId, title, enabled, level, comment },
    });
    const at = world.now();
    await shelf.setSwitch({ ruleId, isEnabled: enabled, version: null, level, at, by: actor, comment });
  }

  /** @throws TytoError `bad-request` when the text cannot run, `confirmation-needed` with what backtests say. */
  async #checkReady({ yaml, cases, ruleId }: RuleVersionRecord, isConfirmed: boolean): Promise<void> {
    const { refusal } = checkText({ yaml, cases, id: ruleId }, this.#parts.content.current);
    if (refusal !== null)
      throw new TytoError("bad-request", `The rule cannot run: ${refusal}`, {
        hint: "It is kept as it is; mend it and enable it then.",
      });
    if (isConfirmed) return;
    const concern = concernOf(await this.#parts.control.rules.trial(digestOf(yaml)));
    if (concern !== undefined)
      throw new TytoError("confirmation-needed", concern, { hint: "Say so once more to enable it anyway." });
  }

  remove(id: string, actor: string): Promise<void> {
    return this.#inTurn(async () => {
      const { content, shelf, world, audit } = this.#parts;
      const { title } = this.#view(id);
      const runs = shelf.runningOf(id) !== undefined;
      shelf.ownById(id);
      await audit.append({ actor, action: "rule-deleted", detail: { rule: id, title } });
      await shelf.setDeleted(id, { at: world.now(), by: actor });
      if (runs) await content.refresh();
    });
  }

  bringBack(id: string, actor: string): Promise<OwnRule> {
    return this.#inTurn(async () => {
      const { content, shelf, audit } = this.#parts;
      const { title } = this.#view(id);
      await audit.append({ actor, action: "rule-restored", detail: { rule: id, title } });
      await shelf.setDeleted(id, null);
      if (shelf.runningOf(id) !== undefined) await content.refresh();
      return this.#view(id);
    });
  }

  export() {
    const items = this.#parts.shelf.own.map(({ id, latest: { yaml, cases } }) => ({
      id,
      title: this.#view(id).title,
      yaml,
      cases,
    }));
    return { items };
  }

  import(body: Parameters<OwnRulesPort["import"]>[0], actor: string) {
    const { shelf, content } = this.#parts;
    return importRules(body, {
      textOf: (id) => (shelf.isOwn(id) ? shelf.ownById(id).latest : undefined),
      idOf: (yaml) => tryText({ yaml }, content.current).main,
      create: (rule) => this.create(rule, actor),
      save: (id, rule) => this.save(id, rule, actor),
    });
  }

  async noteBacktest(
    yaml: string,
    said: { readonly from: Micros; readonly to: Micros; readonly total: number; readonly busiest: number },
    actor: string,
  ): Promise<void> {
    const { control, world } = this.#parts;
    const record = { ...said, digest: digestOf(yaml), at: world.now(), by: actor };
    await control.rules.saveTrial(record, KEPT_TRIALS);
  }

  /** One change after another: each is based on what the one before it left. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.catch(() => undefined).then(work);
    this.#turn = turn;
    return turn;
  }

  async #version(id: string, number: number): Promise<RuleVersionRecord> {
    const { latest } = this.#parts.shelf.ownById(id);
    const found = number === latest.number ? latest : await this.#parts.control.rules.version(id, number);
    if (found === undefined) throw new TytoError("not-found", "The rule has no such version");
    return found;
  }

  #record(action: "rule-saved", actor: string, { ruleId, number, comment }: RuleVersionRecord) {
    return this.#parts.audit.append({
      actor,
      action,
      detail: { rule: ruleId, version: number, comment },
    });
  }

  #view(id: string): OwnRule {
    const { shelf, content } = this.#parts;
    const record = [...shelf.own, ...shelf.deleted].find((one) => one.id === id);
    if (record === undefined) throw unknownRule();
    const { main } = tryText({ yaml: record.latest.yaml, id }, content.current);
    return {
      id,
      title: main?.title === undefined || main.title === "" ? "Untitled rule" : main.title,
      createdAt: formatMicros(record.createdAt),
      createdBy: record.createdBy,
      latest: versionView(record.latest),
      running: shelf.runningOf(id)?.number ?? null,
      deletedAt: record.deletedAt === null ? null : formatMicros(record.deletedAt),
    };
  }

  async #alertCounts(): Promise<ReadonlyMap<string, RuleAlertCounts>> {
    const at = this.#parts.world.now();
    if (this.#counts !== undefined && at - this.#counts.at < COUNTS_KEPT) return this.#counts.byRule;
    const ago = (days: number): Micros => micros(Math.max(0, at - days * MICROS_PER_DAY));
    const counts = await this.#parts.control.rules.alertCounts({
      week: ago(7),
      month: ago(30),
      since: ago(PRECISION_DAYS),
    });
    const byRule = new Map(counts.map((one) => [one.ruleId, one]));
    this.#counts = { at, byRule };
    return byRule;
  }
}

function concernOf(trial: RuleTrialRecord | undefined): string | undefined {
  if (trial === undefined) return "This version was never backtested";
  if (trial.busiest <= BUSY_DAY) return undefined;
  return `It would have raised ${trial.total} times, ${trial.busiest} of them on one day`;
}

function versionView({ number, at, by, comment, yaml, cases }: RuleVersionRecord): RuleVersion {
  return { number, at: formatMicros(at), by, comment, yaml, cases };
}

function unknownRule(): TytoError {
  return new TytoError("not-found", "There is no such rule");
}

function digestOf(yaml: string): string {
  return createHash("sha256").update(yaml).digest("hex");
}
