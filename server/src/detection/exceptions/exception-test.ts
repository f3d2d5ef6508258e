import type { Event, RuleId } from "@tyto/domain";
import type { ResolvedLogsource } from "../logsource/logsource-map.ts";
import { withSynonyms } from "../logsource/synonyms.ts";
import { compileDetection } from "../match/compile.ts";
import type { Matcher, SlotOf } from "../match/compile.ts";
import { SlotTable } from "../match/slot-table.ts";
import type { FieldSlot } from "../match/subject.ts";
import { Subject } from "../match/subject.ts";
import type { RuleSet, RunnableRule } from "../rule-set.ts";
import type { Expression, FilterRule } from "../sigma/rule.ts";
import { selectionOf } from "./rule-exception.ts";

/** One exception, tried on events that are there already. Stands beside the running rules and changes nothing of theirs. */
export class ExceptionTest {
  readonly #selection: Expression;
  readonly #targets: ReadonlySet<RuleId>;
  readonly #matchers = new Map<ResolvedLogsource, Matcher | undefined>();

  constructor(filter: FilterRule, targets: readonly RuleId[]) {
    this.#selection = selectionOf(filter);
    this.#targets = new Set(targets);
  }

  /** Whether it takes this event from this rule, which matches it. */
  excepts(rule: RunnableRule, event: Event): boolean {
    if (!this.#targets.has(rule.summary.id)) return false;
    if (!this.#matchers.has(rule.logsource)) {
      const outcome = compileDetection(
        withSynonyms(this.#selection, rule.logsource),
        slotsOf(rule.logsource),
      );
      this.#matchers.set(rule.logsource, outcome.kind === "compiled" ? outcome.matcher : undefined);
    }
    return this.#matchers.get(rule.logsource)?.test(new Subject(event)) ?? false;
  }

  /** Rules that match what it takes away from the others, and only that. @param plain without this exception. */
  hidden(plain: RuleSet): RuleSet {
    return {
      ...plain,
      correlations: [],
      eventRules: plain.eventRules.flatMap((rule) => {
        if (!this.#targets.has(rule.summary.id)) return [];
        const { logsource } = rule;
        const detection: Expression = {
          kind: "and",
          of: [rule.detection, withSynonyms(this.#selection, logsource)],
        };
        const slotOf = slotsOf(logsource);
        const outcome = compileDetection(detection, slotOf);
        if (outcome.kind !== "compiled") return [];
        return [{ ...rule, detection, slotOf, matcher: outcome.matcher, isRaising: true, feeds: [] }];
      }),
    };
  }
}

/** A table of its own: the running engine's must not grow. */
function slotsOf(logsource: ResolvedLogsource): SlotOf {
  const table = new SlotTable();
  const slots = new Map<string, FieldSlot>();
  return (field) => {
    const slot = slots.get(field) ?? table.slot(logsource.candidates(field));
    slots.set(field, slot);
    return slot;
  };
}
