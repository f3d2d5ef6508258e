import { formatMicros } from "@tyto/domain";
import type { Event, EventExplanation, ExplainedGate, ExplainedItem, ExplainedPart } from "@tyto/domain";
import { factsOf } from "../logsource/facts.ts";
import { Subject } from "../match/subject.ts";
import type { RunnableRule } from "../rule-set.ts";
import { explainCondition, groundsOf } from "./explain-condition.ts";
import { explainGate } from "./explain-gate.ts";

/** Why one event did or did not match a rule over single events. */
export function explainEventRule(rule: RunnableRule, event: Event): EventExplanation {
  const gate = explainGate(rule.logsource, factsOf(event));
  const condition = explainCondition(rule.detection, rule.slotOf, new Subject(event));
  const { id, title } = rule.summary;
  return {
    kind: "event",
    rule: { id, title },
    event: explainedEvent(event),
    isMatch: gate.isOpen && condition.isMet,
    reason: gate.isOpen ? reasonOf(condition) : gateReason(gate),
    gate,
    condition,
  };
}

export function explainedEvent({ id, timestamp, pack }: Event): EventExplanation["event"] {
  return { id, timestamp: formatMicros(timestamp), pack };
}

function gateReason({ parts, declared }: ExplainedGate): string {
  const refusing = parts.find(({ isMet }) => !isMet);
  if (refusing === undefined) return "The rule's logsource does not admit the event";
  const nearest = refusing.options[0]?.find(({ isMet }) => !isMet);
  const has =
    nearest === undefined
      ? ""
      : `: it asks for ${nearest.fact} ${list(nearest.wanted)}, and the event has ${nearest.has || "none"}`;
  const source = declared === null ? "" : ` (the event declares ${declared})`;
  return `The event is not of the rule's logsource, ${refusing.part} ${refusing.name}${source}${has}`;
}

function reasonOf(condition: ExplainedPart): string {
  const grounds = groundsOf(condition);
  const [first] = grounds;
  if (first === undefined) return condition.isMet ? "The condition holds" : "The condition does not hold";
  if (condition.isMet) {
    const names = new Set(
      grounds.flatMap(({ names: all }) =>
        all.filter(({ kind }) => kind === "selection").map(({ text }) => text),
      ),
    );
    return `The condition holds${names.size === 0 ? "" : `, by ${list([...names])}`}`;
  }
  const filter = first.names.find(({ kind }) => kind === "filter");
  if (filter !== undefined)
    return `The filter "${filter.text}" leaves the event out: ${itemInWords(first.item)}`;
  const selection = first.names.findLast(({ kind }) => kind === "selection")?.text;
  const more = grounds.length > 1 ? `; ${grounds.length - 1} more say so` : "";
  return `${selection === undefined ? "" : `${selection}: `}${itemInWords(first.item)}${more}`;
}

/** `CommandLine contains "x", and the event has "y"`. */
function itemInWords(item: ExplainedItem): string {
  const subject = item.field ?? "some value of the event";
  const how = item.modifiers === "" ? "equals" : item.modifiers.replaceAll("|", " ");
  const [wanted] = item.wanted;
  const more =
    item.wantedCount > 1 ? ` ${item.needs === "all" ? "and" : "or"} ${item.wantedCount - 1} more` : "";
  const asked = `${subject} ${how} "${wanted?.text ?? ""}"${more}`;
  if (item.isMet) return `${asked} is true${seenInWords(item)}`;
  return `${asked} is false${seenInWords(item)}`;
}

function seenInWords({ field, state, seen, lookedAt }: ExplainedItem): string {
  if (field === null) return seen[0] === undefined ? "" : `: "${seen[0]}"`;
  switch (state) {
    case "absent":
      return `: the event has no ${list(lookedAt.slice(0, 3))}`;
    case "null":
      return ": the field is null";
    case "present":
      return `: the event has ${
        seen
          .slice(0, 2)
          .map((text) => `"${text}"`)
          .join(", ") || "an empty list"
      }`;
  }
}

function list(words: readonly string[]): string {
  const shown = words.slice(0, 4).join(", ");
  return words.length > 4 ? `${shown} and ${words.length - 4} more` : shown;
}
