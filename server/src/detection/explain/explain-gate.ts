import type { ExplainedGate, FactCheck } from "@tyto/domain";
import type { LogsourceFacts } from "../logsource/facts.ts";
import { isOpen } from "../logsource/gate.ts";
import type { Gate } from "../logsource/gate.ts";
import type { ResolvedLogsource } from "../logsource/logsource-map.ts";
import { holds } from "../logsource/when.ts";
import type { When } from "../logsource/when.ts";

const PARTS = ["product", "category", "service"] as const;
const MAX_OPTIONS = 8;

/** What each part of a logsource asks of an event, as the data of `logsource/` says it, and what the event has. */
export function explainGate(resolved: ResolvedLogsource, facts: LogsourceFacts): ExplainedGate {
  const { logsource, gates } = resolved;
  const { declared } = facts;
  const named = PARTS.flatMap((part) => {
    const name = logsource[part];
    return name === undefined ? [] : [{ part, name }];
  });
  return {
    isOpen: resolved.admits(facts),
    declared: declared === undefined ? null : declaredText(declared),
    facts: factsIn(facts),
    parts: named.map(({ part, name }, index) => {
      const gate = gates[index];
      if (declared !== undefined) return { part, name, ...byDeclaration(part, name, declared[part]) };
      return gate === undefined
        ? { part, name, isMet: true, options: [] }
        : { part, name, isMet: isOpen(gate, facts), options: optionsOf(gate, facts) };
    }),
  };
}

function byDeclaration(
  part: string,
  name: string,
  has: string,
): Pick<ExplainedGate["parts"][number], "isMet" | "options"> {
  const isMet = name === has;
  return { isMet, options: [[{ fact: `declared ${part}`, wanted: [name], has, isMet }]] };
}

function optionsOf(gate: Gate, facts: LogsourceFacts): readonly (readonly FactCheck[])[] {
  if (gate.kind === "named") {
    const has = gate.part === "category" ? facts.categories.join(", ") : facts.dataset || facts.pack;
    return [[{ fact: `${gate.part} of this name`, wanted: [gate.name], has, isMet: isOpen(gate, facts) }]];
  }
  const unmet = (checks: readonly FactCheck[]): number => checks.filter(({ isMet }) => !isMet).length;
  return gate.when
    .map((when) => checksOf(when, facts))
    .sort((a, b) => unmet(a) / a.length - unmet(b) / b.length)
    .slice(0, MAX_OPTIONS);
}

/** Each key of a condition, asked alone by the very function that asks all of them. */
function checksOf(when: When, facts: LogsourceFacts): readonly FactCheck[] {
  return KEYS.flatMap((fact) => {
    const asked = when[fact];
    if (asked === undefined) return [];
    const wanted = asked === true ? ["yes"] : asked;
    return [{ fact, wanted, has: FACTS[fact](facts), isMet: holds({ [fact]: asked }, facts) }];
  });
}

/** What an event has of each thing that a logsource may ask for. */
const FACTS: Readonly<Record<keyof When, (facts: LogsourceFacts) => string>> = {
  pack: ({ pack }) => pack,
  module: ({ module }) => module,
  dataset: ({ dataset }) => dataset,
  channel: ({ channel }) => channel,
  windowsChannel: ({ channel }) => channel,
  provider: ({ provider }) => provider,
  code: ({ code }) => code,
  registryAction: ({ registryAction }) => registryAction,
  category: ({ categories }) => categories.join(", "),
  type: ({ types }) => types.join(", "),
  observer: ({ observer }) => observer,
  osType: ({ osType }) => osType,
  cloud: ({ cloud }) => cloud,
  program: ({ program }) => program,
  dnsQuestion: ({ hasDnsQuestion }) => (hasDnsQuestion ? "yes" : ""),
};
const KEYS = Object.keys(FACTS) as readonly (keyof When)[];

function factsIn(facts: LogsourceFacts): ExplainedGate["facts"] {
  return KEYS.filter((fact) => fact !== "windowsChannel").flatMap((fact) => {
    const value = FACTS[fact](facts);
    return value === "" ? [] : [{ fact, value }];
  });
}

function declaredText(declared: NonNullable<LogsourceFacts["declared"]>): string {
  return PARTS.flatMap((part) => (declared[part] === "" ? [] : [`${part} ${declared[part]}`])).join(", ");
}
