import { DEFAULT_TENANT, formatDiagnostic, TytoError } from "@tyto/domain";
import type { Micros, RuleId } from "@tyto/domain";
import type { BacktestPort } from "../api/index.ts";
import { backtest, loadRuleSet } from "../detection/index.ts";
import type { RuleException, RuleSet } from "../detection/index.ts";
import type { Engine } from "../storage/index.ts";

interface Chosen {
  readonly ruleSet: RuleSet;
  readonly id: RuleId;
  readonly title: string;
}

/** Backtests of loaded rules, and of rules that come with the question. */
export function createBacktests(parts: {
  /** Asked at each backtest: rules are reloaded. */
  readonly content: () => { readonly ruleSet: RuleSet; readonly namespaces: readonly string[] };
  /** Apply to rules that come with the question as to those that are loaded. */
  readonly exceptions?: () => readonly RuleException[];
  readonly engine: Pick<Engine, "queries" | "events">;
  readonly now: () => Micros;
}): BacktestPort {
  const { content, engine, now } = parts;
  const exceptions = parts.exceptions ?? (() => []);
  return {
    async run({ source, from, to }, search) {
      const { ruleSet, namespaces } = content();
      const chosen =
        "yaml" in source ? given(source.yaml, namespaces, exceptions()) : loaded(ruleSet, source.ruleId);
      const question = { ruleSet: chosen.ruleSet, rule: chosen.id, from, to };
      const world = {
        queries: engine.queries,
        events: engine.events,
        tenant: DEFAULT_TENANT,
        now,
        ...search,
      };
      return { rule: { id: chosen.id, title: chosen.title }, outcome: await backtest(question, world) };
    },
  };
}

function loaded(ruleSet: RuleSet, ruleId: string): Chosen {
  const rule = ruleSet.report.find(({ id }) => id === ruleId);
  if (rule === undefined) throw new TytoError("not-found", "There is no such rule");
  return { ruleSet, id: rule.id, title: rule.title };
}

/** Of several documents the correlation is meant, which counts the others; of several of those, the last. */
function given(yaml: string, namespaces: readonly string[], exceptions: readonly RuleException[]): Chosen {
  const ruleSet = loadRuleSet([{ path: "rule.yml", text: yaml }], { namespaces, exceptions });
  const wrong = ruleSet.diagnostics.find(({ severity }) => severity === "error");
  if (wrong !== undefined) throw new TytoError("bad-request", formatDiagnostic(wrong));
  const rules = ruleSet.report.filter(({ status }) => status === "runnable" || status === "needs-field");
  const rule = rules.findLast(({ kind }) => kind === "correlation") ?? rules.at(-1);
  if (rule === undefined) throw new TytoError("bad-request", "There is no rule in this text that can run");
  return { ruleSet, id: rule.id, title: rule.title };
}
