import type { AlertDetail, AlertFinding } from "@tyto/domain";
import { type ReactNode, useState } from "react";
import { useRule } from "../../api/index.ts";
import {
  Button,
  EntityList,
  ErrorNote,
  formatAmount,
  LogText,
  Sentence,
  Severity,
  Skeleton,
  Time,
} from "../../ui/index.ts";
import { Entity } from "../entities/Entity.tsx";
import { ExplanationTree } from "../rules/ExplanationTree.tsx";
import css from "./AlertView.module.css";
import { RuleNoise } from "./SimilarAlerts.tsx";
import { firstEventOf } from "./first-event.ts";

/** What each rule saw, and the rule itself. */
export function AlertRules({ alert }: { readonly alert: AlertDetail }): ReactNode {
  return alert.findings.map((finding) => <FindingCard key={finding.key} finding={finding} />);
}

function FindingCard({ finding }: { readonly finding: AlertFinding }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const [isExplained, setExplained] = useState(false);
  const firstEvent = firstEventOf(finding.key);
  return (
    <section className={css["card"]}>
      <div className={css["head"]}>
        <Severity level={finding.rule.level} />
        <h3>
          <LogText text={finding.rule.title} />
        </h3>
      </div>
      <p>
        <Sentence text={finding.sentence} />
      </p>
      <p className="muted">
        {formatAmount(finding.count, "occurrence")}, <Time value={finding.firstSeen} as="instant" /> to{" "}
        <Time value={finding.lastSeen} as="clock" />
      </p>
      <EntityList>
        {finding.group.map((entity) => (
          <Entity
            key={`${entity.type} ${entity.value}`}
            entity={entity}
            time={{ first: finding.firstSeen, last: finding.lastSeen }}
          />
        ))}
      </EntityList>
      {finding.matched.length > 0 && <MatchedTerms finding={finding} />}
      <div className={css["more"]}>
        {firstEvent !== undefined && (
          <Button aria-expanded={isExplained} onClick={() => setExplained(!isExplained)}>
            {isExplained ? "Hide why it matched" : "Why did this match?"}
          </Button>
        )}
        <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "Hide the rule" : "Show the rule"}
        </Button>
      </div>
      <RuleNoise ruleId={finding.rule.id} />
      {isExplained && firstEvent !== undefined && (
        <ExplanationTree ruleId={finding.rule.id} eventId={firstEvent} />
      )}
      {isOpen && <RuleText finding={finding} />}
    </section>
  );
}

function MatchedTerms({ finding }: { readonly finding: AlertFinding }): ReactNode {
  return (
    <table className={css["matched"]}>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">Field</th>
          <th scope="col">How</th>
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {finding.matched.map((term, index) => (
          <tr key={index}>
            <th scope="row" className="mono">
              {term.field}
            </th>
            <td className="muted">{term.modifier === "" ? "equals" : term.modifier.replaceAll("|", ", ")}</td>
            <td className="mono">
              <mark>
                <LogText text={term.value} />
              </mark>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RuleText({ finding }: { readonly finding: AlertFinding }): ReactNode {
  const rule = useRule(finding.rule.id);
  if (rule.error !== null) return <ErrorNote error={rule.error} onRetry={() => void rule.refetch()} />;
  if (rule.data === undefined) return <Skeleton lines={4} />;
  return (
    <>
      <p className="muted">{rule.data.description}</p>
      <pre className={css["code"]} tabIndex={0} aria-label={`The rule ${finding.rule.title}`}>
        <LogText
          text={rule.data.yaml}
          layout="block"
          limit={20_000}
          marks={finding.matched.map((term) => term.value).filter((value) => value.length > 2)}
        />
      </pre>
    </>
  );
}
