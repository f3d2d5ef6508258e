import type {
  CorrelationExplanation,
  EventExplanation,
  ExplainedGate,
  ExplainedGroup,
  ExplainedItem,
  ExplainedPart,
  Explanation,
} from "@tyto/domain";
import { printable } from "./io.ts";

const WIDTH = 160;
const MAX_OPTIONS = 3;

/** An explanation for a terminal: indented, one thought a line, no line wider than 160 characters, nothing in it a control character. */
export function explanationLines(explanation: Explanation): readonly string[] {
  return linesOf(explanation).map((line) => {
    const safe = printable(line).replaceAll(/[\t\n]/g, (char) => (char === "\t" ? "\\t" : "\\n"));
    const characters = [...safe];
    return characters.length > WIDTH ? `${characters.slice(0, WIDTH - 1).join("")}…` : safe;
  });
}

function linesOf(explanation: Explanation): readonly string[] {
  const { rule, event, isMatch, reason } = explanation;
  return [
    `${sign(isMatch)} ${rule.title} (${rule.id})`,
    `  ${reason}`,
    `  event ${event.id} at ${event.timestamp}, read by ${event.pack}`,
    ...indented(explanation.kind === "event" ? eventLines(explanation) : correlationLines(explanation)),
  ];
}

function sign(isTrue: boolean): string {
  return isTrue ? "✓" : "✗";
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function eventLines({ gate, condition }: EventExplanation): readonly string[] {
  return [...gateLines(gate), `${sign(condition.isMet)} condition`, ...indented(partLines(condition))];
}

function gateLines({ isOpen, declared, facts, parts }: ExplainedGate): readonly string[] {
  const known = facts.map(({ fact, value }) => `${fact} ${value}`).join(", ");
  return [
    `${sign(isOpen)} logsource`,
    `    the event ${declared === null ? `has ${known}` : `declares ${declared}`}`,
    ...parts.flatMap(({ part, name, isMet, options }) => [
      `  ${sign(isMet)} ${part} ${name}`,
      ...(isMet ? [] : options.slice(0, MAX_OPTIONS)).map((checks, index) => {
        const asked = checks.map(
          (check) =>
            `${sign(check.isMet)} ${check.fact} ${few(check.wanted)}${check.isMet || check.has === "" ? "" : ` (has ${check.has})`}`,
        );
        return `      ${index === 0 ? "" : "or "}${asked.join(" and ")}`;
      }),
    ]),
  ];
}

/** What the verdict rests on is marked with an arrow at the end. */
function partLines(part: ExplainedPart): readonly string[] {
  const name =
    part.name === undefined ? "" : `${part.name.kind === "filter" ? "filter " : ""}${part.name.text}: `;
  const arrow = part.decides ? "  ←" : "";
  if (part.kind === "item") return [`${sign(part.isMet)} ${name}${itemText(part)}${arrow}`];
  const words = { and: "all of", or: "any of", not: "not" }[part.kind];
  const more = part.omitted === 0 ? [] : [`  and ${part.omitted} more`];
  return [`${sign(part.isMet)} ${name}${words}`, ...indented(part.of.flatMap(partLines)), ...more];
}

function itemText(item: ExplainedItem): string {
  const { field, modifiers, wanted, wantedCount, needs } = item;
  const how = modifiers === "" ? (field === null ? "holds" : "equals") : modifiers.replaceAll("|", " ");
  const shown = wanted.map(({ text }) => `"${text}"`).join(needs === "all" ? " and " : " or ");
  const more = wantedCount > wanted.length ? ` and ${wantedCount - wanted.length} more` : "";
  return `${field ?? "any value"} ${how} ${shown}${more}: ${seenText(item)}`;
}

function seenText({ field, state, seen, seenCount, foundAt, lookedAt }: ExplainedItem): string {
  if (field === null) return seen[0] === undefined ? `not in ${seenCount} values` : `in "${seen[0]}"`;
  const at = foundAt === null || foundAt === field ? "" : `${foundAt} `;
  switch (state) {
    case "absent":
      return `absent, looked for as ${few(lookedAt)}`;
    case "null":
      return `${at}is null`;
    case "present": {
      const more = seenCount > seen.length ? ` and ${seenCount - seen.length} more` : "";
      return `${at}has ${seen.map((text) => `"${text}"`).join(", ") || "an empty list"}${more}`;
    }
  }
}

function few(words: readonly string[]): string {
  const shown = words.slice(0, 4).join(", ");
  return words.length > 4 ? `${shown} and ${words.length - 4} more` : shown;
}

function correlationLines({ asks, missing, groups, members }: CorrelationExplanation): readonly string[] {
  return [
    `asks for ${asks}`,
    ...missing.map(({ field, lookedAt }) => `✗ ${field} absent, looked for as ${few(lookedAt)}`),
    ...groups.flatMap(groupLines),
    "rules that it counts:",
    ...indented(members.flatMap((one) => memberLines(one))),
  ];
}

function memberLines(member: Explanation): readonly string[] {
  // Each of them names the same event: once is enough.
  return linesOf(member).filter((_, index) => index !== 2);
}

function groupLines({
  group,
  role,
  hits,
  window,
  steps,
  finding,
  isMatch,
  reason,
}: ExplainedGroup): readonly string[] {
  const name = group.map(({ field, value }) => `${field}=${value}`).join(" ") || "everything";
  const bounds =
    window === null
      ? []
      : [
          `    ${sign(window.isMet)} window ${window.from} to ${window.to}: ${window.hits} hits, measured ${window.measured}${window.isClosed ? "" : ", still open"}`,
        ];
  return [
    `${sign(isMatch)} group ${name}: ${reason}`,
    `    the event is ${role}; ${hits} hits are kept`,
    ...bounds,
    ...steps.map((step, index) => `    ${sign(step.isSeen)} ${index + 1}. ${step.rule}: ${step.hits} hits`),
    `    ${finding === null ? "no finding" : `finding ${finding}`}`,
  ];
}
