import type { Diagnostic, RuleSummary } from "@tyto/domain";
import { linkCorrelations } from "./correlation/link-correlations.ts";
import type { Feed } from "./correlation/linked-correlation.ts";
import { EVENT_TEMPLATE, readSentence } from "./finding/sentence.ts";
import type { Sentence } from "./finding/sentence.ts";
import { resolveLogsource } from "./logsource/logsource-map.ts";
import type { ResolvedLogsource } from "./logsource/logsource-map.ts";
import { compileDetection } from "./match/compile.ts";
import type { Matcher } from "./match/compile.ts";
import { SlotTable } from "./match/slot-table.ts";
import type { RuleReport, RuleSet, RunnableRule, Verdict } from "./rule-set.ts";
import type { ReadRule } from "./sigma/read-rule.ts";
import type { EventRule, Expression, RuleHeader } from "./sigma/rule.ts";

interface CompiledEventRule {
  readonly rule: EventRule;
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

  constructor(read: readonly ReadRule[], namespaces: readonly string[]) {
    this.#read = read;
    this.#namespaces = namespaces;
  }

  link(): RuleSet {
    for (const one of this.#read) {
      this.#diagnostics.push(...one.diagnostics);
      this.#index(one);
    }
    for (const one of this.#read) if (!this.#verdicts.has(one)) this.#compile(one);
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
      one.header?.isBuildingBlock !== true && !linked.silent.has(one);
    return {
      eventRules: [...this.#events].map(([one, compiled]) =>
        runnableOf(compiled, linked.feeds.get(one) ?? [], isRaising(one)),
      ),
      correlations: linked.correlations,
      report: this.#read.map((one) => this.#reportOf(one, isRaising(one))),
      diagnostics: this.#diagnostics,
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
    if (namesake === undefined) this.#byReference.set(header.name, one);
    else this.#reject(one, "duplicate-name", `the name ${header.name} is also that of ${namesake.path}`);
  }

  #compile(one: ReadRule): void {
    if (one.outcome !== "read" || one.rule.kind !== "event") return;
    const { rule } = one;
    const logsource = resolveLogsource(rule.logsource, this.#namespaces);
    const outcome = compileDetection(rule.detection, (field) =>
      this.#slots.slot(logsource.candidates(field)),
    );
    this.#diagnostics.push(...outcome.diagnostics);
    if (outcome.kind !== "compiled") {
      const reason = outcome.diagnostics.find(({ severity }) => severity === "error")?.message;
      this.#verdicts.set(one, { status: outcome.kind, ...(reason === undefined ? {} : { reason }) });
      return;
    }
    const sentence = this.#sentence(rule.header, EVENT_TEMPLATE);
    if (sentence === undefined) return this.#reject(one, undefined, "the sentence cannot be read");
    const verdict = fieldVerdict(rule, logsource);
    this.#events.set(one, { rule, logsource, matcher: outcome.matcher, sentence, verdict });
    this.#verdicts.set(one, verdict);
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
  const { rule, logsource, matcher, sentence } = compiled;
  return {
    summary: summaryOf(rule.header),
    path: rule.header.path,
    logsource,
    detection: rule.detection,
    matcher,
    sentence,
    isRaising,
    feeds,
  };
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
