import type { RuleCheck, RuleProblem } from "@tyto/domain";
import { IconCircleDashed } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ErrorNote, formatAmount, LogText, Skeleton } from "../../../ui/index.ts";
import { STATUS_TEXT } from "../rule-words.ts";
import { Verdict } from "../RuleCases.tsx";
import css from "./Editor.module.css";

interface CheckSideProps {
  readonly check: RuleCheck | undefined;
  readonly error: Error | null;
  readonly isChecked: boolean;
  readonly onGoTo: (problem: RuleProblem) => void;
}

/** Whether the text could run, what is wrong with it, and what it reads. */
export function CheckSide({ check, error, isChecked, onGoTo }: CheckSideProps): ReactNode {
  if (error !== null) return <ErrorNote error={error} />;
  if (check === undefined) return <Skeleton lines={4} />;
  const failed = check.cases.filter(({ passed }) => !passed).length;
  return (
    <div className={css["sideBody"]} aria-busy={!isChecked}>
      <ul className={css["verdicts"]} aria-live="polite">
        <li>
          <Verdict isTrue={check.refusal === null} words={["Good:", "Not yet:"]} />
          <span>
            {check.refusal === null ? (
              "It can be enabled"
            ) : (
              <LogText text={`It cannot run: ${check.refusal}`} />
            )}
          </span>
        </li>
        {check.rules.map((rule, index) => (
          <li key={index}>
            <Verdict isTrue={rule.status === "runnable"} words={["Good:", "Not fully:"]} />
            <span>
              <LogText text={rule.title === "" ? "Untitled" : rule.title} limit={120} isExpandable={false} />{" "}
              <span className="muted">
                {rule.kind}, {STATUS_TEXT[rule.status].toLowerCase()}
              </span>
            </span>
          </li>
        ))}
        <li>
          {check.cases.length === 0 ? (
            <Open />
          ) : (
            <Verdict isTrue={failed === 0} words={["Good:", "Failed:"]} />
          )}
          <span>
            {check.cases.length === 0
              ? "No case proves it"
              : `${formatAmount(check.cases.length, "case")}${failed === 0 ? ", all pass" : `, ${failed} fail`}`}
          </span>
        </li>
        <li>
          {check.backtest === null ? <Open /> : <Verdict isTrue words={["Done:", ""]} />}
          <span>
            {check.backtest === null
              ? "This text was never backtested"
              : `Backtested by ${check.backtest.by}: ${formatAmount(check.backtest.total, "hit")}, at most ${check.backtest.busiest} a day`}
          </span>
        </li>
      </ul>
      {check.missing !== null && (
        <p className={css["note"]}>
          Missing telemetry: <LogText text={check.missing} />
        </p>
      )}
      <Problems problems={check.problems} onGoTo={onGoTo} />
      <Reads check={check} />
    </div>
  );
}

/** Nobody has looked yet: neither good nor bad. */
function Open(): ReactNode {
  return <IconCircleDashed size={16} role="img" aria-label="Open:" color="var(--muted)" />;
}

function Problems({
  problems,
  onGoTo,
}: {
  readonly problems: readonly RuleProblem[];
  readonly onGoTo: CheckSideProps["onGoTo"];
}): ReactNode {
  if (problems.length === 0) return null;
  return (
    <section aria-label="Problems">
      <h2>{formatAmount(problems.length, "problem")}</h2>
      <ul className={css["problems"]}>
        {problems.map((problem, index) => (
          <li key={index} className={css[problem.severity]}>
            <button type="button" className="link" onClick={() => onGoTo(problem)}>
              Line {problem.line}
            </button>
            <span>
              <LogText text={problem.message} />
              {problem.hint !== null && (
                <span className="muted">
                  {" "}
                  <LogText text={problem.hint} />
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reads({ check }: { readonly check: RuleCheck }): ReactNode {
  return check.reads.map((reading, index) => (
    <section key={index} aria-label={`What ${reading.title} reads`}>
      <h2>Reads</h2>
      <p className="muted small">
        {Object.entries(reading.logsource)
          .map(([part, name]) => `${part} ${name}`)
          .join(", ")}
      </p>
      <dl className={css["reads"]}>
        {reading.fields.map(({ field, lookedAt, isFilled }) => (
          <div key={field}>
            <dt className="mono">
              <LogText text={field} limit={80} isExpandable={false} />
            </dt>
            <dd className="mono muted">
              <LogText
                text={isFilled ? lookedAt.slice(0, 3).join(", ") : "nothing that is read fills it"}
                limit={160}
                isExpandable={false}
              />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  ));
}
