import type { RuleBody } from "@tyto/domain";
import { IconX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Button, buttonClass, CopyButton, humanise, LogText, Severity } from "../../ui/index.ts";
import { RuleCases } from "./RuleCases.tsx";
import { STATUS_TEXT } from "./rule-columns.tsx";
import css from "./Rules.module.css";

interface RulePanelProps {
  readonly rule: RuleBody;
  readonly onDismiss: () => void;
}

/** One rule as it is written, and why it does not run if it does not. */
export function RulePanel({ rule, onDismiss }: RulePanelProps): ReactNode {
  return (
    <div className={css["panel"]}>
      <div className={css["head"]}>
        <Severity level={rule.level} />
        <span className="muted">
          {humanise(rule.kind)} rule · {STATUS_TEXT[rule.status].toLowerCase()}
        </span>
        <span className="grow" />
        <Button tone="quiet" iconLabel="Close the panel (Esc)" onClick={onDismiss}>
          <IconX size={16} />
        </Button>
      </div>
      <h2>{rule.title}</h2>
      <p className="muted">{rule.description}</p>
      {rule.reason !== null && <p className={css["reason"]}>{rule.reason}</p>}
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
          <span key={tag}>{tag}</span>
        ))}
      </div>
      <div className={css["tools"]}>
        <Link to="/alerts" search={{ rule: rule.id, status: "all" }} className={buttonClass()}>
          Its alerts
        </Link>
        <CopyButton text={rule.yaml} label="Copy YAML" />
      </div>
      {rule.kind !== "filter" && <RuleCases key={rule.id} rule={rule} />}
      <pre tabIndex={0} aria-label="The rule's YAML">
        <LogText text={rule.yaml} layout="block" limit={60_000} />
      </pre>
      <p className="mono muted">{rule.path}</p>
    </div>
  );
}
