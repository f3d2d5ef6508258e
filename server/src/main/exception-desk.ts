import { DEFAULT_TENANT, formatMicros, micros, MICROS_PER_DAY, TytoError } from "@tyto/domain";
import type {
  Event,
  EventId,
  ExceptionBody,
  ExceptionHidden,
  ExceptionPreview as PreviewBody,
  ExceptionProposal,
  ExceptionScope,
  ExceptionVersions,
  AlertId,
  Micros,
  RuleExceptionView,
  RuleId,
} from "@tyto/domain";
import type { ExceptionsPort } from "../api/index.ts";
import {
  backtest,
  ExceptionPreview,
  ExceptionTest,
  exceptionYaml,
  readException,
} from "../detection/index.ts";
import type { RuleException } from "../detection/index.ts";
import type { AuditFile, ControlStore, Engine, ExceptionDeed, ExceptionRecord } from "../storage/index.ts";
import type { LoadedContent } from "./content.ts";
import { exceptionPairs, suggestedCount } from "./exception-pairs.ts";
import type { World } from "./world.ts";

const MAX_EXCEPTIONS = 1_000;
const PREVIEW_DAYS = 30;
const PREVIEW_ALERTS = 500;
const EVENTS_PER_ALERT = 200;
const MAX_EVENTS = 20_000;
const EVENTS_PER_READ = 500;
const SAMPLES = 12;
const SHOWN_RULES = 50;
/** Rules that are asked for what was hidden from them. */
const COUNTED_RULES = 40;
/** A count looks back so far at most. */
const MAX_COUNTED_DAYS = 90;
const PROPOSAL_EVENTS = 200;
const EXPIRY_LOOK_MS = 5_000;

export interface ExceptionDeskOptions {
  readonly control: Pick<ControlStore, "exceptions" | "alerts">;
  readonly engine: Pick<Engine, "queries" | "events">;
  readonly audit: Pick<AuditFile, "append">;
  /** Asked each time: rules are reloaded. */
  readonly content: () => Pick<LoadedContent, "ruleSet">;
  readonly world: Pick<World, "now" | "randomBytes">;
}

type Search = Parameters<ExceptionsPort["hidden"]>[1];

/** Exceptions as people make them: kept with all their versions, put into the rules that run, and taken out when their time is over. */
export class ExceptionDesk implements ExceptionsPort {
  readonly #options: ExceptionDeskOptions;
  #kept: readonly ExceptionRecord[];
  /** Ids of those that the rules were last compiled with. */
  #running = "";
  #apply: () => Promise<unknown> = () => Promise.resolve();
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(options: ExceptionDeskOptions, kept: readonly ExceptionRecord[]) {
    this.#options = options;
    this.#kept = kept;
  }

  static async open(options: ExceptionDeskOptions): Promise<ExceptionDesk> {
    return new ExceptionDesk(options, await options.control.exceptions.all());
  }

  /** Those in force now. */
  active(): readonly ExceptionRecord[] {
    const now = this.#options.world.now();
    return this.#kept.filter((one) => stateOf(one, now) === "active");
  }

  /** The same, for who puts them into the rules that run. */
  take(): readonly RuleException[] {
    const active = this.active();
    this.#running = keyOf(active);
    return active;
  }

  /** From now on changes, and ends by themselves, are applied by this. @returns how to stop. */
  start(apply: () => Promise<unknown>, onProblem: (error: unknown) => void): () => void {
    this.#apply = apply;
    const look = (): void => {
      if (keyOf(this.active()) !== this.#running) void apply().catch(onProblem);
    };
    const timer = setInterval(look, EXPIRY_LOOK_MS).unref();
    return () => clearInterval(timer);
  }

  list(): readonly RuleExceptionView[] {
    return this.#kept.map((one) => this.#view(one));
  }

  async versions(id: string): Promise<ExceptionVersions> {
    this.#found(id);
    const versions = await this.#options.control.exceptions.versions(id);
    return {
      items: versions.map(({ deed, record }) => ({
        version: record.version,
        at: formatMicros(record.changedAt),
        by: record.changedBy,
        change: deed,
        exception: this.#view(record),
      })),
    };
  }

  async create(body: ExceptionBody, actor: string): Promise<RuleExceptionView> {
    const { world } = this.#options;
    const at = world.now();
    const record: ExceptionRecord = {
      id: Buffer.from(world.randomBytes(8)).toString("hex"),
      version: 1,
      ...this.#contentOf(body, at),
      alertId: body.alertId ?? null,
      createdAt: at,
      createdBy: actor,
      changedAt: at,
      changedBy: actor,
      endedAt: null,
      endedBy: null,
    };
    if (this.#kept.length >= MAX_EXCEPTIONS)
      throw new TytoError("bad-request", `There are ${MAX_EXCEPTIONS} exceptions already`);
    return this.#write("made", record);
  }

  async change(
    id: string,
    { version, ...body }: ExceptionBody & { readonly version: number },
    actor: string,
  ): Promise<RuleExceptionView> {
    const at = this.#options.world.now();
    const next = { ...this.#found(id), ...this.#contentOf(body, at), version: version + 1 };
    return this.#write("changed", { ...next, changedAt: at, changedBy: actor });
  }

  async end(id: string, actor: string): Promise<RuleExceptionView> {
    const at = this.#options.world.now();
    const known = this.#found(id);
    if (known.endedAt !== null) return this.#view(known);
    return this.#write("ended", {
      ...known,
      version: known.version + 1,
      ...{ changedAt: at, changedBy: actor, endedAt: at, endedBy: actor },
    });
  }

  async renew(id: string, expiresInDays: number | null, actor: string): Promise<RuleExceptionView> {
    const at = this.#options.world.now();
    const known = this.#found(id);
    return this.#write("renewed", {
      ...known,
      version: known.version + 1,
      expiresAt: expiryOf(expiresInDays, known.reason, at),
      ...{ changedAt: at, changedBy: actor, endedAt: null, endedBy: null },
    });
  }

  async proposal(alertId: string, rule: string | undefined): Promise<ExceptionProposal> {
    const { control, engine } = this.#options;
    const alert = await control.alerts.byId(alertId as AlertId);
    if (alert === undefined) throw new TytoError("not-found", "There is no such alert");
    const findings = alert.findings.filter((finding) => rule === undefined || finding.rule.id === rule);
    const ids = [...new Set(findings.flatMap(({ evidence }) => evidence.map(({ id }) => id)))];
    const events = await engine.events.byIds(ids.slice(0, PROPOSAL_EVENTS));
    const pairs = exceptionPairs(events.map(({ fields }) => fields));
    const { report } = this.#options.content().ruleSet;
    const rules = new Map(
      [...findings, ...alert.findings].map(({ rule: { id, title } }) => [
        id,
        { id, title, pack: report.find((one) => one.id === id)?.path.split("/")[0] ?? "" },
      ]),
    );
    const suggested = suggestedCount(pairs);
    return {
      title: titleOf(pairs.slice(0, suggested)),
      rules: [...rules.values()],
      pairs: [...pairs],
      suggested,
      events: events.length,
    };
  }

  async preview(body: ExceptionBody): Promise<PreviewBody> {
    const { control, world, content } = this.#options;
    const { ruleSet } = content();
    const exception = { ...this.#contentOf(body, world.now()), id: "preview" };
    const targets = ruleSet.targetsOf(body.scope);
    const plain = ruleSet.plain();
    const preview = new ExceptionPreview(plain, testOf(exception, targets), world.now());
    const from = micros(world.now() - PREVIEW_DAYS * MICROS_PER_DAY);
    const filter = { from, ...(body.scope.kind === "rule" ? { rule: body.scope.rule } : {}) };
    const page = await control.alerts.list(filter, { sort: "lastSeen", limit: PREVIEW_ALERTS });
    const touched = this.#rulesTouched(targets);
    const alerts = page.items.filter(({ findings }) => findings.some(({ rule }) => touched.has(rule.id)));
    const { events, isWhole } = await this.#evidenceOf(alerts);
    const looked = alerts.map((alert) => preview.look(alert, events));
    const hidden = looked.filter(({ outcome }) => outcome === "hidden");
    const weakened = looked.filter(({ outcome }) => outcome === "weakened");
    return {
      days: PREVIEW_DAYS,
      alerts: alerts.length,
      findings: alerts.reduce((sum, { findings }) => sum + findings.length, 0),
      hiddenAlerts: hidden.length,
      hiddenFindings: looked.reduce((sum, { hiddenFindings }) => sum + hiddenFindings, 0),
      weakenedAlerts: weakened.length,
      truePositives: hidden.filter(({ alert }) => alert.closeReason === "true-positive").length,
      isExact: page.nextCursor === null && isWhole && looked.every(({ isExact }) => isExact),
      samples: [...hidden, ...weakened].slice(0, SAMPLES).map(({ alert, outcome }) => ({
        id: alert.id,
        title: alert.title,
        severity: alert.severity,
        status: alert.status,
        closeReason: alert.closeReason,
        lastSeen: formatMicros(alert.lastSeen),
        outcome: outcome === "hidden" ? "hidden" : "weakened",
      })),
      ...this.#namedRules(targets),
      yaml: exceptionYaml(exception, body.scope.kind === "all" ? [] : targets),
    };
  }

  /** Asked of the store: the rules as they are without exceptions, over what is kept, narrowed to what the exception selects. */
  async hidden(id: string, search: Search): Promise<ExceptionHidden> {
    const { engine, world, content } = this.#options;
    const record = this.#found(id);
    const { ruleSet } = content();
    const targets = ruleSet.targetsOf(record.scope);
    const own = testOf(record, targets).hidden(ruleSet.plain());
    const to = endOf(record, world.now());
    const from = micros(Math.max(record.createdAt, to - MAX_COUNTED_DAYS * MICROS_PER_DAY));
    const rules = own.eventRules.slice(0, COUNTED_RULES);
    const days = new Map<Micros, number>();
    const samples: ExceptionHidden["samples"] = [];
    let isExact = rules.length === own.eventRules.length && from === record.createdAt;
    for (const { summary } of to > from ? rules : []) {
      const outcome = await backtest(
        { ruleSet: own, rule: summary.id, from, to },
        { ...engine, tenant: DEFAULT_TENANT, now: world.now, ...search },
      );
      for (const { day, count } of outcome.days) days.set(day, (days.get(day) ?? 0) + count);
      isExact &&= outcome.isExact;
      const rule = { id: summary.id, title: summary.title };
      for (const { eventId, timestamp } of outcome.samples)
        samples.push({ eventId, timestamp: formatMicros(timestamp), rule });
    }
    return {
      matches: [...days.values()].reduce((sum, count) => sum + count, 0),
      isExact,
      from: formatMicros(from),
      to: formatMicros(to),
      days: [...days].sort(([a], [b]) => a - b).map(([day, count]) => ({ day: formatMicros(day), count })),
      samples: samples.sort((a, b) => (a.timestamp < b.timestamp ? 1 : -1)).slice(0, SAMPLES),
    };
  }

  /** Rules with correlations that count one of them. */
  #rulesTouched(targets: readonly RuleId[]): ReadonlySet<RuleId> {
    const touched = new Set(targets);
    const { correlations } = this.#options.content().ruleSet;
    // Those that rest on others come after them, whatever the order of files: as deep as they go.
    for (const { summary, members } of [...correlations].sort((a, b) => a.depth - b.depth)) {
      if (members.some(({ rule }) => touched.has(rule))) touched.add(summary.id);
    }
    return touched;
  }

  async #evidenceOf(
    alerts: readonly {
      readonly findings: readonly { readonly evidence: readonly { readonly id: EventId }[] }[];
    }[],
  ): Promise<{ readonly events: ReadonlyMap<EventId, Event>; readonly isWhole: boolean }> {
    const all = alerts.flatMap(({ findings }) =>
      findings.flatMap(({ evidence }) => evidence.map(({ id }) => id)).slice(0, EVENTS_PER_ALERT),
    );
    const ids = [...new Set(all)];
    const asked = ids.slice(0, MAX_EVENTS);
    const events = new Map<EventId, Event>();
    for (let at = 0; at < asked.length; at += EVENTS_PER_READ) {
      const some = await this.#options.engine.events.byIds(asked.slice(at, at + EVENTS_PER_READ));
      for (const event of some) events.set(event.id, { ...event, timeOrigin: "event" });
    }
    return { events, isWhole: asked.length === ids.length };
  }

  /** @throws TytoError `bad-request` with what is wrong. */
  #contentOf(
    { title, conditions, scope, reason, expiresInDays }: ExceptionBody,
    now: Micros,
  ): Pick<ExceptionRecord, "title" | "conditions" | "scope" | "reason" | "expiresAt"> {
    const trial = readException({ id: "trial", title, conditions, scope }, []);
    if (trial.kind === "problem") throw new TytoError("bad-request", `The exception: ${trial.message}`);
    if (this.#options.content().ruleSet.targetsOf(scope).length === 0) {
      throw new TytoError("bad-request", "No rule that runs is in the exception's scope", {
        hint: "Name a rule by its id, or a pack that has rules.",
      });
    }
    return {
      title: title.trim(),
      conditions,
      scope,
      reason,
      expiresAt: expiryOf(expiresInDays, reason, now),
    };
  }

  #found(id: string): ExceptionRecord {
    const record = this.#kept.find((one) => one.id === id);
    if (record === undefined) throw new TytoError("not-found", "There is no such exception");
    return record;
  }

  #namedRules(targets: readonly RuleId[]): Pick<RuleExceptionView, "rules" | "ruleCount"> {
    const titles = new Map(this.#options.content().ruleSet.report.map(({ id, title }) => [id, title]));
    const rules = targets.slice(0, SHOWN_RULES).map((id) => ({ id, title: titles.get(id) ?? id }));
    return { rules, ruleCount: targets.length };
  }

  #view(record: ExceptionRecord): RuleExceptionView {
    const { ruleSet } = this.#options.content();
    const targets = ruleSet.targetsOf(record.scope);
    const time = (at: Micros | null): string | null => (at === null ? null : formatMicros(at));
    return {
      ...record,
      conditions: [...record.conditions],
      state: stateOf(record, this.#options.world.now()),
      createdAt: formatMicros(record.createdAt),
      changedAt: formatMicros(record.changedAt),
      expiresAt: time(record.expiresAt),
      endedAt: time(record.endedAt),
      ...this.#namedRules(targets),
      problem: targets.length === 0 ? "No rule that runs is in its scope any more." : null,
    };
  }

  /** One change after another: on the record first, then durable, then in the rules that run. */
  #write(deed: ExceptionDeed, record: ExceptionRecord): Promise<RuleExceptionView> {
    const written = this.#writing.then(async () => {
      const { audit, control } = this.#options;
      const { id, title, conditions, scope, reason, version } = record;
      const expiresAt = record.expiresAt === null ? null : formatMicros(record.expiresAt);
      const detail = { id, version, change: deed, title, conditions, scope, reason, expiresAt };
      await audit.append({ actor: record.changedBy, action: "exception-changed", detail });
      await control.exceptions.save({ deed, record });
      const others = this.#kept.filter((one) => one.id !== id);
      this.#kept = [record, ...others].sort((a, b) => b.createdAt - a.createdAt);
      await this.#apply();
      return this.#view(record);
    });
    this.#writing = written.catch(() => undefined);
    return written;
  }
}

function stateOf({ endedAt, expiresAt }: ExceptionRecord, now: Micros): RuleExceptionView["state"] {
  if (endedAt !== null) return "ended";
  return expiresAt !== null && expiresAt <= now ? "expired" : "active";
}

function endOf({ endedAt, expiresAt }: ExceptionRecord, now: Micros): Micros {
  return micros(Math.min(now, endedAt ?? now, expiresAt ?? now));
}

function keyOf(active: readonly ExceptionRecord[]): string {
  return active.map(({ id, version }) => `${id}.${version}`).join(" ");
}

function expiryOf(days: number | null, reason: string, now: Micros): Micros | null {
  if (days !== null) return micros(now + days * MICROS_PER_DAY);
  if (reason.trim() !== "") return null;
  throw new TytoError("bad-request", "An exception that never expires needs a reason");
}

function testOf(
  exception: { readonly id: string; readonly title: string; readonly scope: ExceptionScope } & Pick<
    RuleException,
    "conditions"
  >,
  targets: readonly RuleId[],
): ExceptionTest {
  const read = readException(exception, targets);
  if (read.kind === "problem") throw new TytoError("bad-request", `The exception: ${read.message}`);
  return new ExceptionTest(read.filter.rule, targets);
}

function titleOf(pairs: readonly { readonly value: string }[]): string {
  return pairs
    .map(({ value }) => value)
    .join(" on ")
    .slice(0, 120);
}
