import type { RuleRow, RuleSwitch } from "@tyto/domain";
import { useNavigate } from "@tanstack/react-router";
import { ApiError, useRuleChanges } from "../../api/index.ts";
import { failureOf, useToasts } from "../../ui/index.ts";

/** Switches a rule over, with the way back; an own rule that has to be asked about is asked about in the editor. */
export function useRuleSwitch(): (rule: RuleRow, to?: Partial<RuleSwitch>) => void {
  const changes = useRuleChanges();
  const toasts = useToasts();
  const navigate = useNavigate();
  return (rule, to) => {
    const { id, title, enabled, own } = rule;
    const wanted = { enabled: !enabled, comment: "", ...to };
    const before: RuleSwitch = {
      enabled,
      comment: "Undone",
      confirm: true,
      ...(own?.running == null ? {} : { version: own.running }),
      ...(own === null ? { level: levelBefore(rule) } : {}),
    };
    changes.switch.mutate(
      { id, ...wanted },
      {
        onSuccess: (row) =>
          toasts.show({
            message:
              row.enabled === enabled
                ? `${title}: ${row.level}`
                : `${title} is ${row.enabled ? "on" : "off"}`,
            action: { label: "Undo", run: () => changes.switch.mutate({ id, ...before }) },
          }),
        onError: (error) => {
          if (own !== null && error instanceof ApiError && error.code === "confirmation-needed")
            void navigate({
              to: "/rules/edit/$ruleId",
              params: { ruleId: own.id },
              search: { side: "backtest" },
            });
          toasts.show({ tone: "error", message: failureOf(error).message });
        },
      },
    );
  };
}

const LEVELS = ["informational", "low", "medium", "high", "critical"] as const;

/** The level that somebody had put in place of the stated one. */
function levelBefore({ level, statedLevel }: RuleRow): (typeof LEVELS)[number] | null {
  return statedLevel === null ? null : (LEVELS.find((one) => one === level) ?? null);
}
