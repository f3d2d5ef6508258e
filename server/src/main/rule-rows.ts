import { formatMicros } from "@tyto/domain";
import type { RuleBody, RuleRow } from "@tyto/domain";
import type { OwnRuleRecord, RuleAlertCounts } from "../storage/index.ts";
import { ruleBody } from "./content.ts";
import type { LoadedContent } from "./content.ts";
import { tryText } from "./rule-check.ts";
import { ownIdOf } from "./rule-shelf.ts";
import type { RuleShelf } from "./rule-shelf.ts";

export interface RowSources {
  readonly content: Pick<LoadedContent, "rules" | "ruleSet" | "namespaces">;
  readonly shelf: RuleShelf;
  readonly counts: ReadonlyMap<string, RuleAlertCounts>;
  /** By rule: why nothing arrives that it could match. */
  readonly quiet: ReadonlyMap<string, string>;
}

/** Every rule that is loaded, and own rules that are not because they are off. */
export function ruleRows(sources: RowSources): readonly RuleRow[] {
  const { content, shelf } = sources;
  const drafts = shelf.own
    .filter(({ id }) => shelf.runningOf(id) === undefined)
    .flatMap((own) => draftBodies(own, content));
  return [...content.rules, ...drafts].map((rule) => rowOf(rule, sources));
}

/** A row for each document; the one that the text is about bears the own rule's id, whatever the text says. */
function draftBodies(
  { id, latest }: OwnRuleRecord,
  content: Pick<LoadedContent, "ruleSet" | "namespaces">,
): readonly RuleBody[] {
  const { report, main } = tryText({ yaml: latest.yaml, id }, content);
  return report.map((one) => {
    const body = ruleBody(one);
    return one === main ? { ...body, id, title: body.title === "" ? "Untitled rule" : body.title } : body;
  });
}

function rowOf(rule: RuleBody, { shelf, counts, quiet }: RowSources): RuleRow {
  const ownId = ownIdOf(rule.path);
  const own = ownId === undefined ? null : ownOf(ownId, shelf);
  const decided = shelf.switchOf(ownId ?? rule.id);
  const count = counts.get(rule.id);
  const level = own === null ? (decided?.level ?? null) : null;
  return {
    ...rule,
    level: level ?? rule.level,
    statedLevel: level === null ? null : rule.level,
    origin: own === null ? "pack" : "own",
    pack: own === null ? (rule.path.split("/")[0] ?? "") : "own",
    enabled: own === null ? (decided?.isEnabled ?? true) : own.running !== null,
    switched:
      decided === undefined
        ? null
        : { at: formatMicros(decided.at), by: decided.by, comment: decided.comment },
    own,
    alerts: { week: count?.week ?? 0, month: count?.month ?? 0 },
    lastAlertAt: count === undefined ? null : formatMicros(count.lastSeen),
    closed: { total: count?.closed ?? 0, truePositives: count?.truePositives ?? 0 },
    missing: rule.status === "needs-field" ? rule.reason : (quiet.get(rule.id) ?? null),
  };
}

function ownOf(id: string, shelf: RuleShelf): RuleRow["own"] {
  const { latest } = shelf.ownById(id);
  return {
    id,
    version: latest.number,
    running: shelf.runningOf(id)?.number ?? null,
    changedAt: formatMicros(latest.at),
    changedBy: latest.by,
  };
}
