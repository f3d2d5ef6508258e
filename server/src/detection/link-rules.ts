import { formatDiagnostic } from "@tyto/domain";
import type { Diagnostic, RuleSummary } from "@tyto/domain";
import { applyFilters } from "./apply-filters.ts";
import type { CountingRule } from "./correlation/event-counts.ts";
import { CORRELATION_TEMPLATE, EVENT_TEMPLATE, readSentence } from "./finding/sentence.ts";
import type { Sentence } from "./finding/sentence.ts";
import { resolveLogsource } from "./logsource/logsource-map.ts";
import type { ResolvedLogsource } from "./logsource/logsource-map.ts";
import { compileDetection } from "./match/compile.ts";
import type { Matcher } from "./match/compile.ts";
import { SlotTable } from "./match/slot-table.ts";
import type { Feed, RuleReport, RuleSet, RunnableRule, Verdict } from "./rule-set.ts";
import type { ReadRule } from "./sigma/read-rule.ts";
import type { CorrelationRule, EventRule, Expression, RuleHeader } from "./sigma/rule.ts";

interface CompiledEventRule {
  readonly rule: EventRule;
  /** With its filters. */
  readonly detection: Expression;
  readonly logsource: ResolvedLogsource;
  readonly matcher: Matcher;
  readonly sentence: Sentence;
  readonly verdict: Verdict;
}

/** Compiles what was read and ties correlations to the rules they count. What fails is reported; the others go on. */
export function linkRules(read: readonly ReadRule[], namespaces: readonly string[] = []): RuleSet {
  return new Linker(read, namespaces).link();
}

class Linker {
  readonly #read: readonly ReadRule[];
  readonly #namespaces: readonly string[];
  readonly #slots = new SlotTable();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #verdicts = new Map<ReadRule, Verdict>();
  readonly #events = new Map<ReadRule, CompiledEventRule>();
  /** Rules by id and by name: what correlations may refer to. */
  readonly #byReference = new Map<string, ReadRule>();
  /** Of filtered rules: their detection and their filters'. */
  #filtered: ReadonlyMap<ReadRule, Expression> = new Map();
  readonly #feeds = new Map<ReadRule, Feed[]>();
  readonly #raised = new Set<ReadRule>();
  readonly #silenced = new Set<ReadRule>();
  readonly #counting: CountingRule[] = [];

  constructor(read: readonly ReadRule[], namespaces: readonly string[]) {
    this.#read = read;
    this.#namespaces = namespaces;
  }

  link(): RuleSet {
    for (const one of this.#read) {
      this.#diagnostics.push(...one.diagnostics);
      this.#index(one);
    }
    this.#filter();
    for (const one of this.#read) if (!this.#verdicts.has(one)) this.#compile(one);
    for (const one of this.#read) if (!this.#verdicts.has(one)) this.#count(one);
    const isRaising = (one: ReadRule): boolean =>
      this.#events.has(one) &&
      one.header?.isBuildingBlock !== true &&
      (!this.#silenced.has(one) || this.#raised.has(one));
    return {
      eventRules: [...this.#events].map(([one, compiled]) =>
        runnableOf(compiled, this.#feeds.get(one) ?? [], isRaising(one)),
      ),
      countingRules: this.#counting,
      report: this.#read.map((one) => this.#reportOf(one, isRaising(one))),
      diagnostics: distinct(this.#diagnostics),
    };
  }

  /** Two rules under one id would be one in every alert: the second is refused. */
  #index(one: ReadRule): void {
    const { header } = one;
    if (one.outcome !== "read") {
      const status = one.outcome;
      this.#verdicts.set(one, { status, reason: one.reason });
    }
    if (header === undefined) return;
    const other = this.#byReference.get(header.id);
    if (other !== undefined) {
      this.#reject(one, "duplicate-id", `the id ${header.id} is also that of ${other.path}`);
      return;
    }
    this.#byReference.set(header.id, one);
    if (header.name === undefined) return;
    const namesake = this.#byReference.get(header.name);
    if (namesake === undefined) this.#byReference.set(header.name, one);
    else this.#reject(one, "duplicate-name", `the name ${header.name} is also that of ${namesake.path}`);
  }

  #filter(): void {
    const good = this.#read.filter((one) => !this.#verdicts.has(one));
    const { detections, verdicts, diagnostics } = applyFilters({ good, byReference: this.#byReference });
    this.#filtered = detections;
    for (const [one, verdict] of verdicts) this.#verdicts.set(one, verdict);
    this.#diagnostics.push(...diagnostics);
  }

  #compile(one: ReadRule): void {
    if (one.outcome !== "read" || one.rule.kind !== "event") return;
    const { rule } = one;
    const logsource = resolveLogsource(rule.logsource, this.#namespaces);
    const detection = this.#filtered.get(one) ?? rule.detection;
    const outcome = compileDetection(detection, (field) => this.#slots.slot(logsource.candidates(field)));
    this.#diagnostics.push(...outcome.diagnostics);
    if (outcome.kind !== "compiled") {
      const reason = outcome.diagnostics.find(({ severity }) => severity === "error")?.message;
      this.#verdicts.set(one, { status: outcome.kind, ...(reason === undefined ? {} : { reason }) });
      return;
    }
    const sentence = this.#sentence(rule.header, EVENT_TEMPLATE);
    if (sentence === undefined) return this.#reject(one, undefined, "the sentence cannot be read");
    const verdict = fieldVerdict(rule, logsource);
    this.#events.set(one, { rule, detection, logsource, matcher: outcome.matcher, sentence, verdict });
    this.#verdicts.set(one, verdict);
  }

  #count(one: ReadRule): void {
    if (one.outcome !== "read" || one.rule.kind !== "correlation") return;
    const { rule } = one;
    const atLeast = this.#thresholdOf(one, rule);
    if (atLeast === undefined) return;
    const counted = this.#countedBy(one, rule);
    if (counted === undefined) return;
    const sentence = this.#sentence(rule.header, CORRELATION_TEMPLATE);
    if (sentence === undefined) return this.#reject(one, undefined, "the sentence cannot be read");
    const counting: CountingRule = {
      summary: summaryOf(rule.header),
      condition: { timespanMicros: rule.timespanMicros, atLeast },
      sentence,
    };
    this.#counting.push(counting);
    const needs: string[] = [];
    for (const { base, compiled } of counted) {
      const { logsource } = compiled;
      const slotOf = (field: string): ReturnType<SlotTable["slot"]> =>
        this.#slots.slot(logsource.candidates(field));
      this.#feeds.set(base, [
        ...(this.#feeds.get(base) ?? []),
        { rule: counting, groupBy: rule.groupBy, slotOf },
      ]);
      (rule.generates ? this.#raised : this.#silenced).add(base);
      if (compiled.verdict.reason !== undefined) needs.push(compiled.verdict.reason);
    }
    const [reason] = needs;
    this.#verdicts.set(
      one,
      reason === undefined ? { status: "runnable" } : { status: "needs-field", reason },
    );
  }

  /** The least count that meets the condition; `undefined` for what is not counted yet. */
  #thresholdOf(one: ReadRule, { type, condition, aliases, header }: CorrelationRule): number | undefined {
    const bounds = condition.kind === "bounds" ? condition.bounds : [];
    const isLower =
      bounds.length > 0 && bounds.every(({ operator }) => operator === "gt" || operator === "gte");
    if (type === "event_count" && isLower && aliases.length === 0) {
      return Math.max(...bounds.map(({ operator, value }) => (operator === "gt" ? value + 1 : value)));
    }
    const reason = `correlations of type ${type} are not supported with this condition`;
    this.#verdicts.set(one, { status: "unsupported", reason });
    this.#note(header.at, "unsupported-correlation", reason);
    return undefined;
  }

  /** The rules that a correlation names, when all of them can run. */
  #countedBy(
    one: ReadRule,
    rule: CorrelationRule,
  ): readonly { readonly base: ReadRule; readonly compiled: CompiledEventRule }[] | undefined {
    const counted: { base: ReadRule; compiled: CompiledEventRule }[] = [];
    for (const { reference, at } of rule.rules) {
      const base = this.#byReference.get(reference) ?? this.#byReference.get(reference.toLowerCase());
      if (base === undefined) {
        this.#diagnose(one, "unknown-rule", `no loaded rule has the id or name "${reference}"`, at);
        return undefined;
      }
      if (base.kind === "correlation") {
        this.#verdicts.set(one, {
          status: "unsupported",
          reason: "correlations of correlations are not supported",
        });
        this.#note(at, "unsupported-chain", "correlations of correlations are not supported");
        return undefined;
      }
      const compiled = this.#events.get(base);
      if (compiled === undefined) {
        this.#diagnose(one, "rejected-rule", `the rule "${reference}" that it counts was not loaded`, at);
        return undefined;
      }
      counted.push({ base, compiled });
    }
    return counted;
  }

  #sentence(header: RuleHeader, fallback: string): Sentence | undefined {
    const { sentence, diagnostics } = readSentence(header.sentence ?? fallback, header.title, header.at);
    this.#diagnostics.push(...diagnostics);
    return sentence;
  }

  #reject(one: ReadRule, code: string | undefined, reason: string): void {
    this.#verdicts.set(one, { status: "invalid", reason });
    if (code !== undefined) this.#note(one.header?.at ?? { file: one.path }, code, reason);
  }

  #diagnose(one: ReadRule, code: string, message: string, at: Diagnostic["at"]): void {
    this.#verdicts.set(one, { status: "invalid", reason: message });
    this.#note(at, code, message);
  }

  #note(at: Diagnostic["at"], code: string, message: string): void {
    this.#diagnostics.push({ severity: "error", code, message, at });
  }

  #reportOf(one: ReadRule, isRaising: boolean): RuleReport {
    const { header } = one;
    const verdict = this.#verdicts.get(one) ?? { status: "invalid" };
    const isCorrelation = one.outcome === "read" && one.rule.kind === "correlation";
    const isGood = verdict.status === "runnable" || verdict.status === "needs-field";
    return {
      path: one.path,
      id: header?.id ?? (`path:${one.path}` as RuleReport["id"]),
      title: header?.title ?? "",
      description: header?.description ?? "",
      kind: one.kind,
      level: header?.level ?? null,
      tags: header?.tags ?? [],
      ...verdict,
      yaml: header?.yaml ?? "",
      isRaising: isGood && (isCorrelation || isRaising),
      cases: { passed: 0, failed: 0 },
    };
  }
}

function runnableOf(compiled: CompiledEventRule, feeds: readonly Feed[], isRaising: boolean): RunnableRule {
  const { rule, detection, logsource, matcher, sentence } = compiled;
  return {
    summary: summaryOf(rule.header),
    path: rule.header.path,
    logsource,
    detection,
    matcher,
    sentence,
    isRaising,
    feeds,
  };
}

/** A filter is compiled into each of its rules and says the same each time. */
function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map((one) => [formatDiagnostic(one), one])).values()];
}

function summaryOf({ id, title, level, tags, cause }: RuleHeader): RuleSummary {
  return { id, title, level, tags, cause };
}

function fieldVerdict(rule: EventRule, logsource: ResolvedLogsource): Verdict {
  const [part] = logsource.unmapped;
  if (part !== undefined)
    return { status: "needs-field", reason: `no source that we read is known as ${part}` };
  const missing = [...fieldsOf(rule.detection)].filter((field) => !logsource.isMapped(field));
  if (missing.length === 0) return { status: "runnable" };
  return { status: "needs-field", reason: `no field of ours is known as ${missing.slice(0, 5).join(", ")}` };
}

function fieldsOf(expression: Expression): ReadonlySet<string> {
  switch (expression.kind) {
    case "and":
    case "or":
      return new Set(expression.of.flatMap((one) => [...fieldsOf(one)]));
    case "not":
      return fieldsOf(expression.of);
    case "item":
      return new Set(expression.item.field === null ? [] : [expression.item.field]);
  }
}
