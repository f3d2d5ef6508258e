import type { Diagnostic, Place } from "@tyto/domain";
import { compileDetection } from "./match/compile.ts";
import type { Verdict } from "./rule-set.ts";
import { didYouMean } from "./sigma/problems.ts";
import type { ReadRule } from "./sigma/read-rule.ts";
import type { EventRule, Expression, FilterRule, Logsource } from "./sigma/rule.ts";

export interface FilterSource {
  /** Everything that was read and not refused, in the order of files. */
  readonly good: readonly ReadRule[];
  /** Rules by id and by name, rejected ones included. */
  readonly byReference: ReadonlyMap<string, ReadRule>;
}

export interface AppliedFilters {
  /** What filtered rules run: their own detection and those of all their filters. */
  readonly detections: ReadonlyMap<ReadRule, Expression>;
  /** By filter. */
  readonly verdicts: ReadonlyMap<ReadRule, Verdict>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Puts filters in place. A filter that is wrong, or names nothing that it could apply to, costs no rule anything. */
export function applyFilters(source: FilterSource): AppliedFilters {
  const application = new FilterApplication(source);
  for (const one of source.good) {
    if (one.outcome === "read" && one.rule.kind === "filter") application.apply(one, one.rule);
  }
  return application;
}

class FilterApplication implements AppliedFilters {
  readonly detections = new Map<ReadRule, Expression>();
  readonly verdicts = new Map<ReadRule, Verdict>();
  readonly diagnostics: Diagnostic[] = [];
  readonly #source: FilterSource;
  readonly #events = new Map<ReadRule, EventRule>();

  constructor(source: FilterSource) {
    this.#source = source;
    for (const one of source.good) {
      if (one.outcome === "read" && one.rule.kind === "event") this.#events.set(one, one.rule);
    }
  }

  apply(one: ReadRule, filter: FilterRule): void {
    // Compiled alone first: what is wrong with a filter must be its own fault in the report, not that of the rules.
    const trial = compileDetection(filter.detection, () => ({ index: 0, candidates: [], numbers: [] }));
    this.diagnostics.push(...trial.diagnostics);
    if (trial.kind !== "compiled") {
      const reason = trial.diagnostics.find(({ severity }) => severity === "error")?.message;
      this.verdicts.set(one, { status: trial.kind, ...(reason === undefined ? {} : { reason }) });
      return;
    }
    const named = withTitle(filter);
    const targets = filter.targets === "any" ? this.#covered(filter) : this.#named(filter, filter.targets);
    for (const [target, rule] of targets) {
      const before = this.detections.get(target) ?? rule.detection;
      this.detections.set(target, { kind: "and", of: [before, named] });
    }
    if (targets.size > 0 || filter.targets === "any") this.verdicts.set(one, { status: "runnable" });
    else this.verdicts.set(one, { status: "invalid", reason: "no rule that it names can be filtered" });
    if (targets.size === 0 && filter.targets === "any") {
      this.#warn(filter.header.at, "idle-filter", "no loaded rule has a logsource that this filter covers");
    }
  }

  #covered(filter: FilterRule): ReadonlyMap<ReadRule, EventRule> {
    return new Map([...this.#events].filter(([, rule]) => covers(filter.logsource, rule.logsource)));
  }

  #named(
    filter: FilterRule,
    references: Exclude<FilterRule["targets"], "any">,
  ): ReadonlyMap<ReadRule, EventRule> {
    const { byReference } = this.#source;
    const named = new Map<ReadRule, EventRule>();
    for (const { reference, at } of references) {
      const target = byReference.get(reference) ?? byReference.get(reference.toLowerCase());
      if (target === undefined) {
        const message = `no loaded rule has the id or name "${reference}"`;
        const hint =
          didYouMean(reference, byReference.keys()) ?? "load the rule as well, or take it off the list";
        this.#warn(at, "unknown-rule", message, hint);
        continue;
      }
      const rule = this.#events.get(target);
      if (rule === undefined) this.#warn(at, ...unfilterable(target, reference));
      else if (covers(filter.logsource, rule.logsource)) named.set(target, rule);
      else {
        const message = `the filter does not apply to "${reference}": its logsource says something else`;
        this.#warn(
          at,
          "filter-logsource",
          message,
          "every key of the filter's logsource must stand in the rule's",
        );
      }
    }
    return named;
  }

  #warn(at: Place, code: string, message: string, hint?: string): void {
    this.diagnostics.push({
      severity: "warning",
      code,
      message,
      at,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** A filter's condition may be one selection alone, which keeps its own name. */
function withTitle({ detection, header }: FilterRule): Expression {
  const name = { kind: "filter", text: header.title } as const;
  return detection.name === undefined ? { ...detection, name } : { kind: "and", of: [detection], name };
}

function unfilterable(target: ReadRule, reference: string): [string, string, string] {
  switch (target.kind) {
    case "correlation":
      return [
        "filter-on-correlation",
        `"${reference}" is a correlation`,
        "name the rules that it counts instead",
      ];
    case "filter":
      return [
        "filter-on-filter",
        `"${reference}" is itself a filter`,
        "name the rules that it filters instead",
      ];
    case "event":
    case "unknown":
      return ["rejected-rule", `the rule "${reference}" was not loaded`, "see what is wrong with it"];
  }
}

/** Whatever the filter's logsource says, the rule's says too. */
function covers(filter: Logsource, rule: Logsource): boolean {
  return (["product", "category", "service"] as const).every(
    (part) => filter[part] === undefined || filter[part] === rule[part],
  );
}
