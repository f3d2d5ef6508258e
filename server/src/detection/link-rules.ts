import { formatDiagnostic } from "@tyto/domain";
import type { Diagnostic, RuleSummary } from "@tyto/domain";
import { applyFilters } from "./apply-filters.ts";
import { linkCorrelations } from "./correlation/link-correlations.ts";
import type { Feed } from "./correlation/linked-correlation.ts";
import { EVENT_TEMPLATE, readSentence } from "./finding/sentence.ts";
import type { Sentence } from "./finding/sentence.ts";
import { gapOf } from "./logsource/gaps.ts";
import { resolveLogsource } from "./logsource/logsource-map.ts";
import type { ResolvedLogsource } from "./logsource/logsource-map.ts";
import { withSynonyms } from "./logsource/synonyms.ts";
import { compileDetection } from "./match/compile.ts";
import type { Matcher, SlotOf } from "./match/compile.ts";
import { SharedTests } from "./match/shared-tests.ts";
import { SlotTable } from "./match/slot-table.ts";
import type { FieldSlot } from "./match/subject.ts";
import type { RuleReport, RuleSet, RunnableRule, Verdict } from "./rule-set.ts";
import type { ReadRule } from "./sigma/read-rule.ts";
import type { EventRule, Expression, Logsource, RuleHeader } from "./sigma/rule.ts";

/** A rule over events whose logsource is known. */
interface GroundedRule {
  readonly one: ReadRule;
  readonly rule: EventRule;
  /** With its filters. */
  readonly detection: Expression;
  readonly logsource: ResolvedLogsource;
  readonly slotOf: SlotOf;
}

interface CompiledEventRule extends Omit<GroundedRule, "one"> {
  readonly matcher: Matcher;
  readonly sentence: Sentence;
  readonly verdict: Verdict;
}

/** Compiles what was read and ties correlations to the rules they count. What fails is reported; the others go on. */
export function linkRules(read: readonly ReadRule[], namespaces?: readonly string[]): RuleSet {
  return new Linker(read, namespaces).link();
}

class Linker {
  readonly #read: readonly ReadRule[];
  readonly #namespaces: readonly string[] | undefined;
  readonly #slots = new SlotTable();
  readonly #shared = new SharedTests();
  readonly #logsources = new Map<string, ResolvedLogsource>();
  readonly #slotOf = new Map<ResolvedLogsource, SlotOf>();
  readonly #diagnostics: Diagnostic[] = [];
  readonly #verdicts = new Map<ReadRule, Verdict>();
  readonly #events = new Map<ReadRule, CompiledEventRule>();
  /** Rules by id and by name: what correlations may refer to. */
  readonly #byReference = new Map<string, ReadRule>();
  /** Of filtered rules: their detection and their filters'. */
  #filtered: ReadonlyMap<ReadRule, Expression> = new Map();

  constructor(read: readonly ReadRule[], namespaces: readonly string[] | undefined) {
    this.#read = read;
    this.#namespaces = namespaces;
  }

  link(): RuleSet {
    for (const one of this.#read) {
      this.#diagnostics.push(...one.diagnostics);
      this.#index(one);
    }
    this.#filter();
    for (const grounded of this.#read.flatMap((one) => this.#ground(one))) this.#compile(grounded);
    const linked = linkCorrelations({
      read: this.#read,
      byReference: this.#byReference,
      events: this.#events,
      slots: this.#slots,
      isRefused: (one) => this.#verdicts.has(one),
    });
    this.#diagnostics.push(...linked.diagnostics);
    for (const [one, verdict] of linked.verdicts) this.#verdicts.set(one, verdict);
    const isRaising = (one: ReadRule): boolean =>
      one.kind !== "filter" && one.header?.isBuildingBlock !== true && !linked.silent.has(one);
    return {
      eventRules: [...this.#events].map(([one, compiled]) =>
        runnableOf(compiled, linked.feeds.get(one) ?? [], isRaising(one)),
      ),
      fields: this.#slots.fields,
      correlations: linked.correlations,
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
    for (const step of header.response) {
      const { sentence, diagnostics } = readSentence(step, header.title, header.at);
      this.#diagnostics.push(...diagnostics);
      if (sentence === undefined) this.#reject(one, undefined, "a sentence of its response cannot be read");
    }
    const other = this.#byReference.get(header.id);
    if (other !== undefined) {
      this.#reject(one, "duplicate-id", `the id ${header.id} is also that of ${other.path}`);
      return;
    }
    this.#byReference.set(header.id, one);
    if (header.name === undefined) return;
    const namesake = this.#byReference.get(header.name);
    if (namesake === undefined || namesake === one) this.#byReference.set(header.name, one);
    else this.#reject(one, "duplicate-name", `the name ${header.name} is also that of ${namesake.path}`);
  }

  #filter(): void {
    const good = this.#read.filter((one) => !this.#verdicts.has(one));
    const { detections, verdicts, diagnostics } = applyFilters({ good, byReference: this.#byReference });
    this.#filtered = detections;
    for (const [one, verdict] of verdicts) this.#verdicts.set(one, verdict);
    this.#diagnostics.push(...diagnostics);
  }

  /** What is to be compiled, of all rules before the first: what they have in common is compiled once. */
  #ground(one: ReadRule): readonly GroundedRule[] {
    if (this.#verdicts.has(one) || one.outcome !== "read" || one.rule.kind !== "event") return [];
    const { rule } = one;
    const logsource = this.#resolve(rule.logsource);
    const detection = withSynonyms(this.#filtered.get(one) ?? rule.detection, logsource);
    const slotOf = this.#slotsOf(logsource);
    this.#shared.count(detection, slotOf);
    return [{ one, rule, detection, logsource, slotOf }];
  }

  #compile({ one, rule, detection, logsource, slotOf }: GroundedRule): void {
    const outcome = compileDetection(detection, slotOf, this.#shared);
    this.#diagnostics.push(...outcome.diagnostics);
    if (outcome.kind !== "compiled") {
      const reason = outcome.diagnostics.find(({ severity }) => severity === "error")?.message;
      this.#verdicts.set(one, { status: outcome.kind, ...(reason === undefined ? {} : { reason }) });
      return;
    }
    const sentence = this.#sentence(rule.header, EVENT_TEMPLATE);
    if (sentence === undefined) return this.#reject(one, undefined, "the sentence cannot be read");
    const verdict = fieldVerdict(rule, logsource);
    const { matcher } = outcome;
    this.#events.set(one, { rule, detection, logsource, slotOf, matcher, sentence, verdict });
    this.#verdicts.set(one, verdict);
  }

  /** Rules of one logsource share one gate, and by it one index. */
  #resolve(logsource: Logsource): ResolvedLogsource {
    const key = JSON.stringify([logsource.product, logsource.category, logsource.service]);
    const known = this.#logsources.get(key) ?? resolveLogsource(logsource, this.#namespaces);
    this.#logsources.set(key, known);
    return known;
  }

  /** Where a logsource's fields stand; hundreds of its rules ask for the same few. */
  #slotsOf(logsource: ResolvedLogsource): SlotOf {
    const known = this.#slotOf.get(logsource);
    if (known !== undefined) return known;
    const slots = new Map<string, FieldSlot>();
    const slotOf: SlotOf = (field) => {
      const slot = slots.get(field) ?? this.#slots.slot(logsource.candidates(field));
      slots.set(field, slot);
      return slot;
    };
    this.#slotOf.set(logsource, slotOf);
    return slotOf;
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

  #note(at: Diagnostic["at"], code: string, message: string): void {
    this.#diagnostics.push({ severity: "error", code, message, at });
  }

  #reportOf(one: ReadRule, isRaising: boolean): RuleReport {
    const { header } = one;
    const verdict = this.#verdicts.get(one) ?? { status: "invalid" };
    const isGood = verdict.status === "runnable" || verdict.status === "needs-field";
    return {
      path: one.path,
      id: header?.id ?? (`path:${one.path}` as RuleReport["id"]),
      title: header?.title ?? "",
      description: header?.description ?? "",
      kind: one.kind,
      level: header?.level ?? null,
      tags: header?.tags ?? [],
      response: header?.response ?? [],
      ...verdict,
      yaml: header?.yaml ?? "",
      isRaising: isGood && isRaising,
      cases: { passed: 0, failed: 0 },
    };
  }
}

function runnableOf(compiled: CompiledEventRule, feeds: readonly Feed[], isRaising: boolean): RunnableRule {
  const { rule, detection, logsource, slotOf, matcher, sentence } = compiled;
  return {
    summary: summaryOf(rule.header),
    path: rule.header.path,
    logsource,
    detection,
    slotOf,
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
  const reason = gapOf(rule, logsource);
  return reason === undefined ? { status: "runnable" } : { status: "needs-field", reason };
}
