import { LEVELS, type RuleRow } from "@tyto/domain";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useRuleChanges } from "../../api/index.ts";
import {
  DetailPanel,
  Button,
  buttonClass,
  CopyButton,
  failureOf,
  formatAmount,
  formatCount,
  humanise,
  LogText,
  Select,
  Severity,
  Time,
  useToasts,
} from "../../ui/index.ts";
import { RuleCases } from "./RuleCases.tsx";
import { STATUS_TEXT } from "./rule-words.ts";
import css from "./Rules.module.css";
import { useRuleSwitch } from "./use-rule-switch.ts";

interface RulePanelProps {
  readonly rule: RuleRow;
  readonly onDismiss: () => void;
}

/** One rule as it is written, what came of it, and why it does not run if it does not. */
export function RulePanel({ rule, onDismiss }: RulePanelProps): ReactNode {
  return (
    <DetailPanel
      lead={
        <>
          <Severity level={rule.level} />
          <span className="muted">
            {humanise(rule.kind)} rule · {STATUS_TEXT[rule.status].toLowerCase()}
          </span>
        </>
      }
      title={<LogText text={rule.title} limit={300} isExpandable={false} />}
      className={css["panel"]}
      onDismiss={onDismiss}
    >
      <div className="muted">
        <LogText text={rule.description} layout="block" limit={4_000} />
      </div>
      {rule.reason !== null && (
        <p className={css["reason"]}>
          <LogText text={rule.reason} limit={1_000} />
        </p>
      )}
      {rule.reason === null && rule.missing !== null && (
        <p className={css["reason"]}>Missing telemetry: {rule.missing}</p>
      )}
      <Tools rule={rule} onDismiss={onDismiss} />
      <Decided rule={rule} />
      {rule.response.length > 0 && (
        <section className={css["response"]} aria-label="What to do">
          <h3>What to do</h3>
          <ol>
            {rule.response.map((step) => (
              <li key={step}>
                {/* Fields stand in braces: here they have no values yet. */}
                {step.replaceAll(/[{}]/g, "")}
              </li>
            ))}
          </ol>
        </section>
      )}
      <div className={`${css["tags"] ?? ""} mono muted`}>
        {rule.tags.map((tag) => (
          <LogText key={tag} text={tag} limit={80} isExpandable={false} />
        ))}
      </div>
      {rule.kind !== "filter" && rule.enabled && <RuleCases key={rule.id} rule={rule} />}
      <pre tabIndex={0} aria-label="The rule's YAML">
        <LogText text={rule.yaml} layout="block" limit={60_000} />
      </pre>
      <p className="mono muted">{rule.path}</p>
    </DetailPanel>
  );
}

function Tools({ rule, onDismiss }: RulePanelProps): ReactNode {
  const switchOver = useRuleSwitch();
  const { own } = rule;
  return (
    <div className={css["tools"]}>
      {own === null ? (
        rule.kind !== "filter" && (
          <Link
            to="/rules/edit/$ruleId"
            params={{ ruleId: "new" }}
            search={{ from: rule.id }}
            className={buttonClass()}
          >
            Duplicate as own rule
          </Link>
        )
      ) : (
        <Link
          to="/rules/edit/$ruleId"
          params={{ ruleId: own.id }}
          search={{}}
          className={buttonClass("primary")}
        >
          Edit
        </Link>
      )}
      {rule.kind !== "filter" && (
        <Button keys="x" onClick={() => switchOver(rule)}>
          {rule.enabled ? "Disable" : "Enable"}
        </Button>
      )}
      <Link to="/alerts" search={{ rule: rule.id, status: "all" }} className={buttonClass()}>
        Its alerts
      </Link>
      <CopyButton text={rule.yaml} label="Copy YAML" />
      {own !== null && <DeleteButton id={own.id} title={rule.title} onDone={onDismiss} />}
    </div>
  );
}

/** Figures, and what people decided. */
function Decided({ rule }: { readonly rule: RuleRow }): ReactNode {
  const switchOver = useRuleSwitch();
  const { alerts, closed, switched, statedLevel } = rule;
  return (
    <>
      <p className={`${css["figures"] ?? ""} small muted`}>
        {formatAmount(alerts.week, "alert")} in 7 days, {formatCount(alerts.month)} in 30
        {closed.total > 0 &&
          ` · ${formatCount(closed.truePositives)} of ${formatCount(closed.total)} closed were true positives`}
        {switched !== null && (
          <>
            {" · "}
            {rule.enabled ? "on" : "off"} by {switched.by}, <Time value={switched.at} as="instant" />
            {switched.comment !== "" && (
              <>
                : <LogText text={switched.comment} limit={300} />
              </>
            )}
          </>
        )}
      </p>
      {rule.origin === "pack" && rule.kind !== "filter" && (
        <label className={css["override"]}>
          <span className="muted">Level of its alerts</span>
          <Select
            value={statedLevel === null ? "" : rule.level}
            onChange={(event) =>
              switchOver(rule, {
                enabled: rule.enabled,
                level: LEVELS.find((level) => level === event.target.value) ?? null,
              })
            }
          >
            <option value="">As stated ({statedLevel ?? rule.level})</option>
            {LEVELS.map((level) => (
              <option key={level}>{level}</option>
            ))}
          </Select>
        </label>
      )}
    </>
  );
}

interface DeleteButtonProps {
  readonly id: string;
  readonly title: string;
  readonly onDone: () => void;
}

function DeleteButton({ id, title, onDone }: DeleteButtonProps): ReactNode {
  const { remove, bringBack } = useRuleChanges();
  const toasts = useToasts();
  const say = (error: unknown) => toasts.show({ tone: "error", message: failureOf(error).message });
  return (
    <Button
      tone="danger"
      disabled={remove.isPending}
      onClick={() =>
        void remove
          .mutateAsync(id)
          .then(() => {
            onDone();
            toasts.show({
              message: `${title} is deleted`,
              action: { label: "Undo", run: () => void bringBack.mutateAsync(id).catch(say) },
            });
          })
          .catch(say)
      }
    >
      Delete
    </Button>
  );
}
