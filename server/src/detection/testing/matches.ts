import type { Event } from "@tyto/domain";
import type { GatedRules } from "../gated-rules.ts";
import { MatchScratch } from "../match/scratch.ts";
import { Subject } from "../match/subject.ts";
import type { RuleSet } from "../rule-set.ts";

/** Ids of the rules that match an event, sorted, found as the engine finds them. */
export function matchesOf(ruleSet: RuleSet, gated: GatedRules): (event: Event) => readonly string[] {
  const scratch = new MatchScratch(ruleSet.fields);
  return (event) => {
    scratch.begin(event);
    const subject = new Subject(event, scratch);
    const matched: string[] = [];
    for (const group of gated.admitting(event))
      group.search(scratch, subject, (rule) => matched.push(rule.summary.id));
    return matched.sort();
  };
}
