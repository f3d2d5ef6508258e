import { TytoError } from "@tyto/domain";
import type { OwnRule, OwnRuleBody, OwnRuleSave, RuleImport, RuleImportReply } from "@tyto/domain";
import type { SaveOutcome } from "../api/index.ts";
import { splitRules } from "../detection/index.ts";
import type { RuleReport } from "../detection/index.ts";
import type { RuleVersionRecord } from "../storage/index.ts";

const COMMENT = "Imported";
const MAX_RULES = 500;

interface ImportParts {
  /** The newest version of an own rule. */
  readonly textOf: (id: string) => RuleVersionRecord | undefined;
  readonly idOf: (yaml: string) => RuleReport | undefined;
  readonly create: (body: OwnRuleBody) => Promise<OwnRule>;
  readonly save: (id: string, body: OwnRuleSave) => Promise<SaveOutcome>;
}

/** Rules by their ids: known ones get a version, others are made, switched off. What cannot be taken is said and costs the others nothing. */
export async function importRules(body: RuleImport, parts: ImportParts): Promise<RuleImportReply> {
  const texts = body.cases === undefined ? splitRules(body.yaml) : [body.yaml];
  if (texts.length === 0) throw new TytoError("bad-request", "There is no rule in this text");
  if (texts.length > MAX_RULES)
    throw new TytoError("bad-request", `An import takes ${MAX_RULES} rules at most`);
  const reply = { created: [], updated: [], same: [], refused: [] } as {
    readonly created: string[];
    readonly updated: string[];
    readonly same: string[];
    readonly refused: { title: string; reason: string }[];
  };
  for (const yaml of texts) {
    const main = parts.idOf(yaml);
    const title = main?.title ?? "";
    try {
      const latest = main === undefined ? undefined : parts.textOf(main.id);
      const cases = body.cases ?? latest?.cases ?? "";
      if (latest === undefined) {
        reply.created.push((await parts.create({ yaml, cases, comment: COMMENT })).title);
      } else if (latest.yaml.trim() === yaml.trim() && latest.cases === cases) {
        reply.same.push(title);
      } else {
        const save = { yaml, cases, comment: COMMENT, basedOn: latest.number };
        const outcome = await parts.save(latest.ruleId, save);
        if (outcome.kind === "conflict") reply.refused.push({ title, reason: outcome.message });
        else reply.updated.push(title);
      }
    } catch (error) {
      if (!(error instanceof TytoError) || error.status >= 500) throw error;
      reply.refused.push({ title, reason: error.message });
    }
  }
  return reply;
}
