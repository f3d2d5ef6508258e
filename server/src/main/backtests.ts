import { DEFAULT_TENANT, formatDiagnostic, TytoError } from "@tyto/domain";
import type { Micros, RuleId } from "@tyto/domain";
import type { BacktestPort } from "../api/index.ts";
import { backtest } from "../detection/index.ts";
import type { RuleSet } from "../detection/index.ts";
import type { Engine } from "../storage/index.ts";
import { tryText } from "./rule-check.ts";
import type { Loaded } from "./rule-check.ts";

interface Chosen {
  readonly ruleSet: RuleSet;
  readonly id: RuleId;
  readonly title: string;
}

/** Backtests of loaded rules, and of rules that come with the question. */
export function createBacktests(parts: {
  /** Asked at each backtest: rules are reloaded. */
  readonly content: () => Loaded;
  readonly engine: Pick<Engine, "queries" | "events">;
  readonly now: () => Micros;
}): BacktestPort {
  const { content, engine, now } = parts;
  return {
    async run({ source, from, to }, search) {
      const current = content();
      const chosen = "yaml" in source ? given(source.yaml, current) : loaded(current.ruleSet, source.ruleId);
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

/**
 * Of several documents the correlation is meant, which counts the others; of several of those, the last. Loaded filters and exceptions
 * apply.
 */
function given(yaml: string, loaded: Loaded): Chosen {
  const { ruleSet, report, diagnostics } = tryText({ yaml }, loaded);
  const wrong = diagnostics.find(({ severity }) => severity === "error");
  if (wrong !== undefined) throw new TytoError("bad-request", formatDiagnostic(wrong));
  const rules = report.filter(({ status }) => status === "runnable" || status === "needs-field");
  const rule = rules.findLast(({ kind }) => kind === "correlation") ?? rules.at(-1);
  if (rule === undefined) throw new TytoError("bad-request", "There is no rule in this text that can run");
  return { ruleSet, id: rule.id, title: rule.title };
}
